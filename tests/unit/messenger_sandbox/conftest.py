from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

import httpx
import pytest

from messenger_sandbox import Page, Person, SandboxConfig, create_app, create_state
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import (
    APP_ID,
    APP_SECRET,
    NOW_MS,
    OTHER_PAGE_ID,
    OTHER_PSID,
    OTHER_TOKEN,
    PAGE_ID,
    PAGE_TOKEN,
    PSID,
    VERIFY_TOKEN,
    Waits,
)
from tests.support.webhook_receiver import WebhookReceiver, webhook_receiver


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def config(waits: Waits) -> SandboxConfig:
    return SandboxConfig(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        pages=(Page(page_id=PAGE_ID, token=PAGE_TOKEN), Page(page_id=OTHER_PAGE_ID, token=OTHER_TOKEN)),
        people=(Person(psid=PSID, page_id=PAGE_ID), Person(psid=OTHER_PSID, page_id=OTHER_PAGE_ID)),
        clock=lambda: NOW_MS,
        sleep=waits,
        answer_deadline_s=2.0,
        random=Random(7),
    )


@pytest.fixture
async def state(config: SandboxConfig) -> AsyncIterator[SandboxState]:
    state = create_state(config)
    yield state
    await state.close()


@pytest.fixture
async def http(state: SandboxState) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the application without a credential of its own."""
    transport = httpx.ASGITransport(app=create_app(state))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        yield client


@pytest.fixture
async def receiver(state: SandboxState) -> AsyncIterator[WebhookReceiver]:
    """A callback that the app is configured with."""
    async with webhook_receiver() as receiver:
        receiver.verify_token = VERIFY_TOKEN
        state.world.change_app(callback_url=receiver.url)
        yield receiver
