from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import structlog
from google.rpc import error_details_pb2, status_pb2

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.channel_service_pb2 import GetChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import (
    ChannelServiceServicer,
    ChannelServiceStub,
    add_ChannelServiceServicer_to_server,
)
from expertflow.connector.v1.connector_service_pb2 import (
    PullInboundRequest,
    SendMessageRequest,
    SendMessageResponse,
    SendMessagesRequest,
    SendMessagesResponse,
    StreamInboundRequest,
    StreamInboundResponse,
)
from expertflow.connector.v1.connector_service_pb2_grpc import (
    ConnectorServiceServicer,
    ConnectorServiceStub,
    add_ConnectorServiceServicer_to_server,
)
from facebook_connector.errors import ConnectorError
from facebook_connector.services.interceptors import CallInterceptor
from facebook_connector.services.roles import Guard
from facebook_connector.services.status import DETAILS_KEY
from facebook_connector.settings import Role, Token
from facebook_connector.store.errors import StoreUnavailable
from service_runtime import logs
from service_runtime.clock import SystemClock

if TYPE_CHECKING:
    from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceAsyncStub
    from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceAsyncStub

CANARY = "what a customer wrote"
CCM = (("authorization", "Bearer ccm-token"),)
TOKENS = {
    Role.CCM: (Token(name="ccm", value="ccm-token"),),
    Role.OPERATOR: (Token(name="anna", value="anna-token"),),
}


class Connector(ConnectorServiceServicer):
    """Does what the message's id says; its two streams are written in grpc's two styles."""

    def __init__(self) -> None:
        self.stream_closed = asyncio.Event()

    async def SendMessage(self, request: SendMessageRequest, context: Any) -> SendMessageResponse:  # noqa: N802
        match request.message.id:
            case "refuse":
                raise ConnectorError("CHANNEL_NOT_FOUND", "No such channel.", metadata={"page_id": "1001"})
            case "store":
                raise StoreUnavailable(CANARY)
            case "bug":
                raise ValueError(CANARY)
            case "abort":
                await context.abort(grpc.StatusCode.OUT_OF_RANGE, "by hand")
            case "hang":
                await asyncio.Event().wait()
        return SendMessageResponse()

    async def SendMessages(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override] # noqa: N802
        async for request in request_iterator:
            await context.write(SendMessagesResponse(id=request.message.id))

    async def StreamInbound(  # noqa: N802
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[StreamInboundResponse]:
        try:
            async for request in request_iterator:
                if request.HasField("nack"):
                    raise ValueError(CANARY)
                yield StreamInboundResponse()
        finally:
            self.stream_closed.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    connector: Connector
    calls: ConnectorServiceAsyncStub
    channels: ChannelServiceAsyncStub


@asynccontextmanager
async def serve(tokens: Mapping[Role, tuple[Token, ...]]) -> AsyncIterator[Served]:
    server = grpc.aio.server(interceptors=(CallInterceptor(Guard(tokens), SystemClock()),))
    connector = Connector()  # type: ignore[abstract] # what it leaves out is UNIMPLEMENTED
    add_ConnectorServiceServicer_to_server(connector, server)
    add_ChannelServiceServicer_to_server(ChannelServiceServicer(), server)  # type: ignore[abstract]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Served(connector=connector, calls=ConnectorServiceStub(channel), channels=ChannelServiceStub(channel))
    await server.stop(0)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve(TOKENS) as served:
        yield served


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO, event: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in found if line["event"] == event]


def send(what: str) -> SendMessageRequest:
    return SendMessageRequest(message=CimMessage(id=what))


async def failure(call: Any) -> tuple[grpc.StatusCode, error_details_pb2.ErrorInfo]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    status, info = status_pb2.Status(), error_details_pb2.ErrorInfo()
    status.ParseFromString(dict(raised.value.trailing_metadata())[DETAILS_KEY])
    status.details[0].Unpack(info)
    assert CANARY not in f"{raised.value.details()} {status}"
    return raised.value.code(), info


async def test_a_call_with_the_right_token_is_served(served: Served) -> None:
    assert await served.calls.SendMessage(send("fine"), metadata=CCM) == SendMessageResponse()


@pytest.mark.parametrize(
    ("metadata", "code", "reason"),
    [
        ((), grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING"),
        ((("authorization", "Bearer wrong"),), grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID"),
        ((("authorization", "Bearer anna-token"),), grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED"),
    ],
)
async def test_other_callers_are_refused(
    served: Served, metadata: tuple[tuple[str, str], ...], code: grpc.StatusCode, reason: str
) -> None:
    told, info = await failure(served.calls.SendMessage(send("fine"), metadata=metadata))

    assert (told, info.reason) == (code, reason)


async def test_a_stream_is_refused_before_its_first_frame(served: Served) -> None:
    call = served.calls.StreamInbound()

    code, info = await failure(call.read())

    assert (code, info.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")


async def test_without_tokens_everybody_is_served() -> None:
    async with serve({}) as served:
        assert await served.calls.SendMessage(send("fine")) == SendMessageResponse()


async def test_a_reason_becomes_its_status(served: Served) -> None:
    code, info = await failure(served.calls.SendMessage(send("refuse"), metadata=CCM))

    assert (code, info.reason) == (grpc.StatusCode.NOT_FOUND, "CHANNEL_NOT_FOUND")
    assert info.metadata == {"page_id": "1001"}


async def test_a_store_that_is_away_is_unavailable(served: Served) -> None:
    code, info = await failure(served.calls.SendMessage(send("store"), metadata=CCM))

    assert (code, info.reason) == (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")


async def test_a_bug_is_internal_and_logged_under_its_incident(served: Served, log: io.StringIO) -> None:
    code, info = await failure(served.calls.SendMessage(send("bug"), metadata=CCM))

    (line,) = lines(log, "call failed")
    assert (code, info.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert line["incident"] == info.metadata["incident"]
    assert line["error"] == "ValueError"
    assert line["places"][-1].endswith("SendMessage")
    assert CANARY not in log.getvalue()


async def test_a_bug_in_a_stream_is_internal_too(served: Served, log: io.StringIO) -> None:
    call = served.calls.StreamInbound(metadata=CCM)
    request = StreamInboundRequest()
    request.nack.SetInParent()
    await call.write(request)

    code, info = await failure(call.read())

    assert (code, info.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert CANARY not in log.getvalue()


async def test_a_status_set_by_the_servicer_stays(served: Served, log: io.StringIO) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await served.calls.SendMessage(send("abort"), metadata=CCM)

    assert (raised.value.code(), raised.value.details()) == (grpc.StatusCode.OUT_OF_RANGE, "by hand")
    assert lines(log, "call")[0]["outcome"] == "OUT_OF_RANGE"


async def test_what_this_release_lacks_is_unimplemented_after_the_role_check(served: Served) -> None:
    code, info = await failure(served.calls.PullInbound(PullInboundRequest(), metadata=CCM))
    denied, _ = await failure(served.calls.PullInbound(PullInboundRequest()))

    assert (code, info.reason) == (grpc.StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED")
    assert info.metadata == {"method": "PullInbound"}
    assert denied == grpc.StatusCode.UNAUTHENTICATED


async def test_both_styles_of_streams_are_served(served: Served) -> None:
    generated = served.calls.StreamInbound(metadata=CCM)
    await generated.write(StreamInboundRequest())
    written = served.calls.SendMessages(metadata=CCM)
    await written.write(SendMessagesRequest(message=CimMessage(id="m-1")))

    assert await generated.read() == StreamInboundResponse()
    assert await written.read() == SendMessagesResponse(id="m-1")
    generated.cancel()
    written.cancel()


async def test_a_stream_that_the_caller_leaves_is_closed_at_once(served: Served) -> None:
    call = served.calls.StreamInbound(metadata=CCM)
    await call.write(StreamInboundRequest())
    await call.read()

    call.cancel()

    await asyncio.wait_for(served.connector.stream_closed.wait(), 5)


async def test_the_access_log_holds_the_ids_of_a_call(served: Served, log: io.StringIO) -> None:
    await failure(
        served.channels.GetChannel(
            GetChannelRequest(page_id="1001"), metadata=(("authorization", "Bearer anna-token"),)
        )
    )
    await served.calls.SendMessage(send("fine"), metadata=CCM)

    (line,) = lines(log, "call")
    assert (line["caller"], line["outcome"], line["message_id"]) == ("ccm", "OK", "fine")
    assert line["method"].endswith("/SendMessage")


async def test_a_call_that_its_caller_gave_up_is_logged_as_cancelled(served: Served, log: io.StringIO) -> None:
    call = served.calls.SendMessage(send("hang"), metadata=CCM, timeout=0.2)
    with pytest.raises(grpc.aio.AioRpcError):
        await call
    await served.calls.SendMessage(send("fine"), metadata=CCM)

    assert {line["outcome"] for line in lines(log, "call")} == {"CANCELLED", "OK"}
    assert lines(log, "call failed") == []
