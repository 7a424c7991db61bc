"""Two server processes on one PostgreSQL, one of which dies: what it had in hand moves to the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector_client import ConnectorClient, SendState, text_message
from facebook_connector.channels.seal import Keyring
from messenger_sandbox import Outcome, RunningSandbox, Sandbox
from tests.support.channels import ANA, PAGE_ID, add_channel, sandbox_config
from tests.support.processes import Connector, connector_processes

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PATIENCE_S = 60
ACK_DEADLINE_S = 10


@dataclass(frozen=True, slots=True)
class Place:
    facebook: RunningSandbox
    first: Connector
    second: Connector


@pytest.fixture
async def place(tmp_path: Path, postgresql_url: str) -> AsyncIterator[Place]:
    keys = Keyring.generate().text()
    async with AsyncExitStack() as stack:
        facebook = await stack.enter_async_context(Sandbox(sandbox_config()).serve())
        connectors = []
        for name in ("first", "second"):
            folder = tmp_path / name
            folder.mkdir()
            running = connector_processes(folder, facebook.base_url, database_url=postgresql_url, secret_keys=keys)
            connectors.append(await stack.enter_async_context(running))
        await add_channel(connectors[0].server_address)
        await facebook.handshake(connectors[0].webhook_url)
        yield Place(facebook, *connectors)


async def test_what_a_killed_server_had_in_hand_moves_to_the_other(place: Place) -> None:
    ana = place.facebook.person(ANA)
    assert await ana.says("one") is Outcome.DELIVERED
    assert await ana.says("two") is Outcome.DELIVERED
    dying = ConnectorClient(place.first.server_address, client_id="ccm-1")
    living = ConnectorClient(place.second.server_address, client_id="ccm-2")
    async with dying, living, asyncio.timeout(PATIENCE_S):
        # The first server owns the page's sending, and has delivered what nobody acknowledged.
        sent = await dying.send(text_message(PAGE_ID, ANA, "from the first"))
        before = await anext(dying.inbound("ccm", ack_deadline=ACK_DEADLINE_S))
        await place.first.server.kill()

        async with asyncio.TaskGroup() as group:
            sending = group.create_task(living.send(text_message(PAGE_ID, ANA, "from the second"), wait=PATIENCE_S))
            stream = living.inbound("ccm", ack_deadline=ACK_DEADLINE_S)
            again = await anext(stream)
            await again.ack()
            following = await anext(stream)
            await following.ack()

    assert SendState(sent.state) is SendState.SENT
    assert again.message == before.message
    assert again.delivery_attempt > before.delivery_attempt
    assert following.message.body.markdown_text == "two"
    assert SendState(sending.result().state) is SendState.SENT
    assert ana.saw == ("from the first", "from the second")
