from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from facebook_connector.graph.client import GraphClient
from facebook_connector.graph.conversation import ConversationApi
from facebook_connector.sending.reconciliation import ConversationView, Unreadable
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.fault_script import Endpoint, ScriptedFault
from messenger_sandbox.faults import FAULTS
from tests.support.channels import ANA, sandbox_config, sending_channel

CHANNEL = sending_channel()


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    async with Sandbox(sandbox_config(require_proof=True)).serve() as sandbox:
        yield sandbox


@pytest.fixture
async def api(facebook: RunningSandbox) -> AsyncIterator[ConversationApi]:
    async with GraphClient(facebook.base_url) as graph:
        yield ConversationApi(graph)


async def test_a_conversation_is_read_the_newest_first(facebook: RunningSandbox, api: ConversationApi) -> None:
    facebook.person(ANA).says("one")
    facebook.person(ANA).says("two")
    view = await api.read(CHANNEL, ANA)
    assert isinstance(view, ConversationView)
    assert [(message.text, message.of_page) for message in view.messages] == [("two", False), ("one", False)]
    assert view.complete


async def test_more_than_can_be_read_is_no_complete_view(facebook: RunningSandbox, api: ConversationApi) -> None:
    for number in range(21):
        facebook.person(ANA).says(str(number))
    view = await api.read(CHANNEL, ANA)
    assert isinstance(view, ConversationView)
    assert (len(view.messages), view.complete) == (20, False)


async def test_a_conversation_that_does_not_exist_is_unreadable(api: ConversationApi) -> None:
    assert isinstance(await api.read(CHANNEL, ANA), Unreadable)


async def test_a_refusal_is_unreadable_and_names_its_code(api: ConversationApi) -> None:
    refused = await api.read(replace(CHANNEL, page_token="EAAother"), ANA)
    assert isinstance(refused, Unreadable)
    assert "190" in refused.detail
    assert not refused.passing


async def test_reading_too_often_is_unreadable_for_now(facebook: RunningSandbox, api: ConversationApi) -> None:
    facebook.person(ANA).says("one")
    refused = ScriptedFault(name="calls_limit", fault=FAULTS["calls_limit"], endpoint=Endpoint.CONVERSATIONS)
    facebook.script_fault(refused)
    view = await api.read(CHANNEL, ANA)
    assert isinstance(view, Unreadable)
    assert view.passing


async def test_no_answer_is_unreadable(facebook: RunningSandbox) -> None:
    async with GraphClient("http://127.0.0.1:9") as graph:
        unreached = await ConversationApi(graph).read(CHANNEL, ANA)
    assert isinstance(unreached, Unreadable)
    assert unreached.passing
