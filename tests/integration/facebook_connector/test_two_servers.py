"""Two servers on one PostgreSQL. They hardly ever look at the store here: what comes was brought by notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from pydantic import SecretStr

from connector_client import ConnectorClient, ConnectorError, SendState, text_message
from expertflow.connector.v1.channel_service_pb2 import DeleteChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.inbound_pb2 import ACK_OUTCOME_OK
from facebook_connector.app import running_server
from facebook_connector.channels import directory
from facebook_connector.channels.seal import Keyring
from facebook_connector.inbox import dispatcher
from facebook_connector.outbox import outbox
from facebook_connector.outbox.conductor import Rhythm
from facebook_connector.settings import ServerSettings
from messenger_sandbox import RunningSandbox, Sandbox
from tests.support.channels import ANA, PAGE_ID, add_channel, sandbox_config
from tests.support.inbound_wire import HandClock, Wire

NEVER_S = 3_600.0
PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Servers:
    facebook: RunningSandbox
    wires: list[Wire]
    addresses: tuple[str, str]

    @property
    def first(self) -> Wire:
        return self.wires[0]

    @property
    def second(self) -> Wire:
        return self.wires[1]


@pytest.fixture(autouse=True)
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "POLL_S", NEVER_S)
    monkeypatch.setattr(directory, "CACHE_S", NEVER_S)
    monkeypatch.setattr(outbox, "Rhythm", lambda: Rhythm(look_ms=3_600_000))


@pytest.fixture
async def servers(postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Servers]:
    monkeypatch.chdir(tmp_path)
    async with AsyncExitStack() as stack:
        facebook = await stack.enter_async_context(Sandbox(sandbox_config()).serve())
        settings = ServerSettings.load(
            listen="127.0.0.1:0",
            database_url=SecretStr(postgresql_url),
            secret_keys=SecretStr(Keyring.generate().text()),
            graph_url=facebook.base_url,
        )
        first, second = [await stack.enter_async_context(running_server(settings)) for _ in range(2)]
        addresses = (str(first.address), str(second.address))
        channels = [await stack.enter_async_context(grpc.aio.insecure_channel(address)) for address in addresses]
        await add_channel(addresses[0])
        facebook.person(ANA).says("opens the window")
        yield Servers(
            facebook,
            [Wire(channel, HandClock(), stack, address) for channel, address in zip(channels, addresses, strict=True)],
            addresses,
        )


async def test_what_one_server_stores_another_delivers(servers: Servers) -> None:
    async with servers.second.stream() as stream:
        await servers.first.texts("m_1")
        assert (await stream.message()).message.id == "cim-m_1"


async def test_a_stream_ends_when_its_client_opens_another_on_another_server(servers: Servers) -> None:
    await servers.first.texts("m_1")
    async with servers.first.stream("ccm-1") as older:
        delivered = await older.message()
        async with servers.second.stream("ccm-1", held_ack_ids=[delivered.ack_id]) as newer:
            end = await older.ended()
            await newer.ack(delivered)
            assert await newer.results() == {delivered.ack_id: ACK_OUTCOME_OK}
    assert (end.code, end.reason) == (grpc.StatusCode.ABORTED, "REPLACED")


async def test_what_a_client_does_not_hold_any_more_goes_to_whoever_waits(servers: Servers) -> None:
    await servers.first.texts("m_1")
    async with servers.first.stream("ccm-1") as older:
        await older.message()
        # The newer one takes another page only: of two that take all, either may be first.
        newer = servers.second.stream("ccm-1", page_ids=["104792690000009"])
        async with servers.first.stream("waits") as waiting, newer:
            assert (await waiting.message()).delivery_attempt == 2


async def test_what_one_server_accepts_the_owner_of_the_page_sends_at_once(servers: Servers) -> None:
    first, second = (ConnectorClient(address, client_id=f"to-{address}") for address in servers.addresses)
    async with first as owner, second as other:
        sent = await owner.send(text_message(PAGE_ID, ANA, "one"), wait=PATIENCE_S)
        sent_elsewhere = await other.send(text_message(PAGE_ID, ANA, "two"), wait=PATIENCE_S)

    assert [SendState(sent.state), SendState(sent_elsewhere.state)] == [SendState.SENT, SendState.SENT]
    assert servers.facebook.person(ANA).saw == ("one", "two")


async def test_a_changed_channel_counts_on_every_server_at_once(servers: Servers) -> None:
    first, second = (ConnectorClient(address, client_id=f"to-{address}") for address in servers.addresses)
    async with first as owner, second:
        await owner.send(text_message(PAGE_ID, ANA, "one"), wait=PATIENCE_S)
        stub = ChannelServiceStub(servers.second.channel)
        await stub.DeleteChannel(DeleteChannelRequest(page_id=PAGE_ID))
        with pytest.raises(ConnectorError, match="no channel exists"):
            await owner.send(text_message(PAGE_ID, ANA, "two"))
