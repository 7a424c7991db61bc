"""Processes are killed between a webhook and its acknowledgement; nothing is lost and nothing changes its name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector_client import ConnectorClient, Received
from messenger_sandbox import Outcome, RunningSandbox, Sandbox
from tests.support.channels import ANA, add_channel, sandbox_config
from tests.support.processes import Connector, connector_processes

pytestmark = pytest.mark.e2e

PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Place:
    facebook: RunningSandbox
    connector: Connector

    async def next_message(self, client: ConnectorClient) -> Received:
        """The next message, unacknowledged; the stream stays open as long as the client."""
        async with asyncio.timeout(PATIENCE_S):
            return await anext(client.inbound("ccm", ack_deadline=10))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with (
        Sandbox(sandbox_config()).serve() as facebook,
        connector_processes(tmp_path, facebook.base_url) as connector,
    ):
        await add_channel(connector.server_address)
        await facebook.handshake(connector.webhook_url)
        yield Place(facebook, connector)


async def test_server_killed_between_webhook_and_ack_redelivers_the_same_message(place: Place) -> None:
    async with ConnectorClient(place.connector.server_address, client_id="ccm-1") as client:
        assert await place.facebook.person(ANA).says("Where is my parcel? 📦") is Outcome.DELIVERED
        first = await place.next_message(client)
        await place.connector.server.kill()
    await place.connector.start_server()

    async with ConnectorClient(place.connector.server_address, client_id="ccm-2") as client:
        again = await place.next_message(client)
        await again.ack()

    assert again.message == first.message
    assert again.delivery_attempt > first.delivery_attempt
    assert again.message.body.markdown_text == "Where is my parcel? 📦"


async def test_webhooks_while_the_server_is_down_arrive_after_it_is_back_in_order(place: Place) -> None:
    ana = place.facebook.person(ANA)
    await place.connector.server.kill()
    said = [ana.says(f"message {number}") for number in range(3)]
    await asyncio.sleep(0)
    await place.connector.start_server()

    async with ConnectorClient(place.connector.server_address) as client:
        arrived = []
        async with asyncio.timeout(PATIENCE_S):
            async for received in client.inbound("ccm"):
                arrived.append(received.message.body.markdown_text)
                await received.ack()
                if len(arrived) == len(said):
                    break

    assert arrived == ["message 0", "message 1", "message 2"]
    assert [await delivery for delivery in said] == [Outcome.DELIVERED] * 3


async def test_gateway_killed_and_started_again_takes_the_repeated_webhook(place: Place) -> None:
    await place.connector.gateway.kill()
    delivery = place.facebook.person(ANA).says("still there?")
    await place.connector.start_gateway()

    async with ConnectorClient(place.connector.server_address) as client:
        received = await place.next_message(client)
        await received.ack()

    assert received.message.body.markdown_text == "still there?"
    assert await delivery is Outcome.DELIVERED


async def test_sigterm_ends_both_processes_with_status_0(place: Place) -> None:
    assert await place.connector.gateway.stop() == 0
    assert await place.connector.server.stop() == 0
