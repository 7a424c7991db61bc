from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from facebook_connector.channels.values import PageAccess, Secrets
from facebook_connector.graph.client import GraphClient
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.world import Page
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, VERIFY_TOKEN


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    page = Page(page_id=PAGE_ID, token=PAGE_TOKEN, name="Invented Shoes", subscribed_fields=frozenset())
    config = SandboxConfig(app_id=APP_ID, app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, pages=(page,))
    async with Sandbox(config).serve() as running:
        yield running


@pytest.fixture
async def graph(facebook: RunningSandbox) -> AsyncIterator[GraphClient]:
    async with GraphClient(facebook.base_url) as client:
        yield client


@pytest.fixture
def access() -> PageAccess:
    return PageAccess(
        page_id=PAGE_ID,
        app_id=APP_ID,
        graph_version="",
        wanted_fields=(),
        allow_unsigned=False,
        secrets=Secrets(page_access_token=PAGE_TOKEN, app_secrets=(APP_SECRET,), verify_token=VERIFY_TOKEN),
    )
