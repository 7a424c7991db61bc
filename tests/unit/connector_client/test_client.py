from __future__ import annotations

import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from connector_client import Connection, ConnectorClient, ConnectorError, SendOrigin, SendState, text_message
from connector_client._errors import DETAILS_KEY
from expertflow.connector.v1.connector_service_pb2 import (
    DESCRIPTOR,
    GetMessageResponse,
    SendMessageRequest,
    SendMessageResponse,
)
from tests.support.awaitable_channel import AwaitableChannel

SERVICE = DESCRIPTOR.services_by_name["ConnectorService"]
SEND, GET = SERVICE.methods_by_name["SendMessage"], SERVICE.methods_by_name["GetMessage"]
MESSAGE = text_message("1001", "7001", "Hello")
SENT = SendMessageResponse(id=MESSAGE.id, state="SEND_STATE_SENT")


class Caller:
    """A client on a fake channel."""

    def __init__(self) -> None:
        self.channel = AwaitableChannel(SERVICE)
        self.client = ConnectorClient("127.0.0.1:1")
        connection = Connection(channel=self.channel.channel, metadata=(("authorization", "Bearer t"),))
        self.client._connection = connection


def details(reason: str) -> list[tuple[str, bytes]]:
    status = status_pb2.Status()
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason))
    return [(DETAILS_KEY, status.SerializeToString())]


async def test_a_send_carries_token_and_options_and_returns_the_answer() -> None:
    caller = Caller()
    send = asyncio.create_task(caller.client.send(MESSAGE, wait=0, ttl=60, origin=SendOrigin.HUMAN))
    metadata, request, rpc = await caller.channel.take(SEND)
    rpc.terminate(SENT, [], grpc.StatusCode.OK, "")

    assert SendState((await send).state) is SendState.SENT
    assert metadata["authorization"] == "Bearer t"
    assert isinstance(request, SendMessageRequest)
    assert request.message == MESSAGE
    assert (request.options.wait.seconds, request.options.ttl.seconds, request.options.origin) == (0, 60, 1)
    assert request.options.HasField("wait")


async def test_options_that_are_not_given_are_left_to_the_server() -> None:
    caller = Caller()
    send = asyncio.create_task(caller.client.send(MESSAGE))
    _, request, rpc = await caller.channel.take(SEND)
    rpc.terminate(SENT, [], grpc.StatusCode.OK, "")
    await send

    assert not request.options.HasField("wait")
    assert not request.options.HasField("ttl")
    assert request.options.origin == SendOrigin.UNSPECIFIED


async def test_a_send_is_repeated_with_the_same_id_while_the_server_is_away() -> None:
    caller = Caller()
    send = asyncio.create_task(caller.client.send(MESSAGE))
    ids = []
    for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.OK):
        _, request, rpc = await caller.channel.take(SEND)
        ids.append(request.message.id)
        rpc.terminate(SENT, [], code, "")

    assert (await send).id == MESSAGE.id
    assert ids == [MESSAGE.id, MESSAGE.id]


async def test_a_refused_send_raises_with_its_reason_and_is_not_repeated() -> None:
    caller = Caller()
    send = asyncio.create_task(caller.client.send(MESSAGE))
    _, _, rpc = await caller.channel.take(SEND)
    rpc.terminate(None, details("CHANNEL_NOT_FOUND"), grpc.StatusCode.NOT_FOUND, "no channel for page 1001")

    with pytest.raises(ConnectorError, match="no channel for page 1001") as caught:
        await send
    assert (caught.value.reason, caught.value.code) == ("CHANNEL_NOT_FOUND", grpc.StatusCode.NOT_FOUND)


async def test_repeats_end_with_the_time() -> None:
    caller = Caller()
    send = asyncio.create_task(caller.client.send(MESSAGE, timeout=0.001))
    _, _, rpc = await caller.channel.take(SEND)
    rpc.terminate(None, [], grpc.StatusCode.UNAVAILABLE, "gone")

    with pytest.raises(ConnectorError, match="gone"):
        await send


async def test_the_history_of_a_message_is_asked_by_its_id() -> None:
    caller = Caller()
    get = asyncio.create_task(caller.client.get_message("cim-1", page_id="1001"))
    _, request, rpc = await caller.channel.take(GET)
    answer = GetMessageResponse()
    answer.message.id = "cim-1"
    rpc.terminate(answer, [], grpc.StatusCode.OK, "")

    assert await get == answer
    assert (request.id, request.page_id) == ("cim-1", "1001")


async def test_a_client_outside_its_block_says_how_to_use_it() -> None:
    with pytest.raises(RuntimeError, match="async with ConnectorClient"):
        await ConnectorClient("127.0.0.1:1").send(MESSAGE)


async def test_clients_without_a_name_get_one_each() -> None:
    assert ConnectorClient("127.0.0.1:1").client_id != ConnectorClient("127.0.0.1:1").client_id
