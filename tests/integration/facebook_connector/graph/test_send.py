from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from facebook_connector.graph.client import GraphClient
from facebook_connector.graph.send import SendApi
from facebook_connector.sending.graph_answers import Answered
from facebook_connector.sending.values import SendingChannel
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.world import Page, Person
from tests.support.sandbox_world import APP_ID, APP_SECRET, OTHER_PAGE_ID, PAGE_ID, PAGE_TOKEN, PSID, VERIFY_TOKEN

CHANNEL = SendingChannel(
    page_id=PAGE_ID,
    etag="1",
    page_token=PAGE_TOKEN,
    app_secret=APP_SECRET,
    graph_version="",
    human_agent_enabled=True,
    edited_marker="",
    default_prompt="Please choose:",
    allow_custom=False,
)


def text(words: str) -> Mapping[str, Any]:
    return {"recipient": {"id": PSID}, "messaging_type": "RESPONSE", "message": {"text": words, "metadata": "m"}}


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    config = SandboxConfig(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        require_proof=True,
        pages=(Page(page_id=PAGE_ID, token=PAGE_TOKEN),),
        people=(Person(psid=PSID, page_id=PAGE_ID),),
    )
    async with Sandbox(config).serve() as sandbox:
        yield sandbox


@pytest.fixture
async def api(facebook: RunningSandbox) -> AsyncIterator[SendApi]:
    async with GraphClient(facebook.base_url) as graph:
        yield SendApi(graph)


async def test_a_message_that_facebook_takes_has_a_message_id(facebook: RunningSandbox, api: SendApi) -> None:
    facebook.person(PSID).says("Where is my order?")
    answer = await api.send(CHANNEL, text("It left our depot today."))
    assert isinstance(answer, Answered)
    assert answer.message_id.startswith("m_")
    assert facebook.person(PSID).saw == ("It left our depot today.",)


async def test_a_refusal_holds_facebooks_codes(facebook: RunningSandbox, api: SendApi) -> None:
    answer = await api.send(CHANNEL, text("Hello"))
    assert isinstance(answer, Answered)
    assert answer.error is not None
    assert (answer.error.code, answer.error.subcode, answer.message_id) == (10, 2018278, "")


async def test_a_token_of_another_page_is_refused(facebook: RunningSandbox, api: SendApi) -> None:
    facebook.person(PSID).says("Hi")
    answer = await api.send(replace(CHANNEL, page_id=OTHER_PAGE_ID), text("Hello"))
    assert isinstance(answer, Answered)
    assert answer.error is not None
    assert facebook.person(PSID).saw == ()


@pytest.mark.parametrize("fault", ["app_limit", "password_changed", "bad_gateway", "empty_success", "server_error"])
async def test_every_fault_is_an_answer(facebook: RunningSandbox, api: SendApi, fault: str) -> None:
    facebook.person(PSID).says("Hi")
    facebook.script_fault(fault)
    answer = await api.send(CHANNEL, text("Hello"))
    assert isinstance(answer, Answered)
    assert answer.message_id == ""
