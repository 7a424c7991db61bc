from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import structlog

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest, DeleteChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.connector_service_pb2 import GetMessageRequest, SendMessageRequest, StreamInboundRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.inbound_event_pb2 import INGEST_SOURCE_LIVE, InboundEvent
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_MESSAGE, InboundAck, InboundStart, ReceivedMessage
from expertflow.connector.v1.ingest_service_pb2 import (
    INGEST_OUTCOME_STORED,
    IngestInboundRequest,
    IngestItem,
    ListWebhookKeysRequest,
)
from expertflow.connector.v1.ingest_service_pb2_grpc import IngestServiceStub
from expertflow.connector.v1.outbound_pb2 import SEND_STATE_FAILED, SEND_STATE_SENT, SendOptions
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.config import SandboxConfig
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.world import Page, Person
from service_runtime import logs
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, PSID, VERIFY_TOKEN

if TYPE_CHECKING:
    from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceAsyncStub
    from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceAsyncStub
    from expertflow.connector.v1.ingest_service_pb2_grpc import IngestServiceAsyncStub

TEXT = "canary: what a customer wrote"
ANSWER = "canary: what an agent answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The server's three services, as their callers have them."""

    channels: ChannelServiceAsyncStub
    ingest: IngestServiceAsyncStub
    connector: ConnectorServiceAsyncStub


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


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
    async with Sandbox(config).serve() as running:
        yield running


@pytest.fixture
def settings(
    log: io.StringIO, facebook: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ServerSettings:
    monkeypatch.chdir(tmp_path)
    return ServerSettings.load(data_dir=tmp_path / "data", listen="127.0.0.1:0", graph_url=facebook.base_url)


@asynccontextmanager
async def serving(settings: ServerSettings) -> AsyncIterator[Calls]:
    async with running_server(settings) as server, grpc.aio.insecure_channel(str(server.address)) as channel:
        yield calls_over(channel)


def calls_over(channel: grpc.aio.Channel) -> Calls:
    return Calls(
        channels=ChannelServiceStub(channel),
        ingest=IngestServiceStub(channel),
        connector=ConnectorServiceStub(channel),
    )


async def create_channel(calls: Calls) -> None:
    secrets = ChannelSecrets(page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET], verify_token=VERIFY_TOKEN)
    await calls.channels.CreateChannel(
        CreateChannelRequest(channel=Channel(page_id=PAGE_ID, app_id=APP_ID), secrets=secrets)
    )


def cim(cim_id: str, text: str) -> CimMessage:
    message = CimMessage(id=cim_id)
    message.header.sender.type = "AGENT"
    message.header.channel_data.service_identifier = PAGE_ID
    message.header.channel_data.channel_customer_identifier = PSID
    message.body.type = "PLAIN"
    message.body.markdown_text = text
    message.body.plain.SetInParent()
    return message


async def ingest(calls: Calls, name: str = "m_1") -> int:
    event = InboundEvent(
        page_id=PAGE_ID,
        psid=PSID,
        kind=EVENT_KIND_MESSAGE,
        dedupe_key=f"message:{name}",
        opens_window=True,
        messages=[cim(f"cim-{name}", TEXT)],
        raw=b"{}",
        source=INGEST_SOURCE_LIVE,
        translator_version=1,
    )
    event.event_time.GetCurrentTime()
    item = IngestItem(event=event)
    item.receive_time.GetCurrentTime()
    response = await calls.ingest.IngestInbound(IngestInboundRequest(items=[item]))
    return response.results[0].outcome


async def open_stream(calls: Calls) -> Any:
    call = calls.connector.StreamInbound()
    await call.write(StreamInboundRequest(start=InboundStart(subscription="ccm", client_id="test")))
    started: Any = await call.read()
    assert started.HasField("started")
    return call


async def receive(call: Any) -> ReceivedMessage:
    response = await asyncio.wait_for(call.read(), 5)
    (message,) = response.messages.messages
    received: ReceivedMessage = message
    return received


async def test_a_message_comes_in_and_the_answer_goes_out(
    settings: ServerSettings, facebook: RunningSandbox, log: io.StringIO
) -> None:
    async with serving(settings) as calls:
        await create_channel(calls)
        facebook.person(PSID).says(TEXT)
        assert await ingest(calls) == INGEST_OUTCOME_STORED
        call = await open_stream(calls)
        received = await receive(call)
        await call.write(StreamInboundRequest(ack=InboundAck(ack_ids=[received.ack_id])))
        answer = await calls.connector.SendMessage(SendMessageRequest(message=cim("answer-1", ANSWER)))
        call.cancel()

    taken = [entry.details["text"] for entry in facebook.journal.entries() if entry.kind is EntryKind.SEND_TAKEN]
    assert received.message.body.markdown_text == TEXT
    assert answer.state == SEND_STATE_SENT
    assert taken == [ANSWER]
    assert "canary" not in log.getvalue()


async def test_what_was_not_acknowledged_comes_again_after_a_restart(settings: ServerSettings) -> None:
    async with serving(settings) as calls:
        await create_channel(calls)
        await ingest(calls)
        first = await receive(await open_stream(calls))
    async with serving(settings) as calls:
        second = await receive(await open_stream(calls))

    assert second.message == first.message
    assert second.delivery_attempt > first.delivery_attempt


async def test_the_gateway_gets_its_keys(settings: ServerSettings) -> None:
    async with serving(settings) as calls:
        await create_channel(calls)
        keys = await calls.ingest.ListWebhookKeys(ListWebhookKeysRequest())

    (app,) = keys.apps
    assert (app.app_id, list(app.app_secrets), list(app.page_ids)) == (APP_ID, [APP_SECRET], [PAGE_ID])


async def test_a_message_that_waits_for_a_deleted_channel_fails(settings: ServerSettings) -> None:
    options = SendOptions()
    options.wait.FromSeconds(0)
    async with serving(settings) as calls:
        await calls.channels.CreateChannel(CreateChannelRequest(channel=Channel(page_id=PAGE_ID)))
        await calls.connector.SendMessage(SendMessageRequest(message=cim("answer-1", ANSWER), options=options))
        deleted = await calls.channels.DeleteChannel(DeleteChannelRequest(page_id=PAGE_ID))
        found = await calls.connector.GetMessage(GetMessageRequest(id="answer-1"))

    assert deleted.failed_messages == 1
    assert found.message.state == SEND_STATE_FAILED
    assert found.message.failure.reason == "CHANNEL_NOT_FOUND"


async def test_a_stop_ends_streams_in_order_and_in_time(settings: ServerSettings) -> None:
    frames: list[str] = []

    async def read_to_the_end(call: Any) -> None:
        while (response := await call.read()) is not grpc.aio.EOF:
            frames.append(response.WhichOneof("frame"))

    async with running_server(settings) as server:
        channel = grpc.aio.insecure_channel(str(server.address))
        call = await open_stream(calls_over(channel))
        reading = asyncio.create_task(read_to_the_end(call))
        started = time.monotonic()
    stopped_in = time.monotonic() - started
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await reading
    await channel.close()

    assert frames == ["closing"]
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
    assert stopped_in < 10
