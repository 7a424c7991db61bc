from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from expertflow.connector.v1 import connector_service_pb2 as pb
from expertflow.connector.v1 import outbound_pb2
from expertflow.connector.v1.connector_service_pb2_grpc import (
    ConnectorServiceServicer,
    ConnectorServiceStub,
    add_ConnectorServiceServicer_to_server,
)
from facebook_connector.services.interceptors import CallInterceptor
from facebook_connector.services.outbound_calls import OutboundCalls
from facebook_connector.services.roles import Guard
from facebook_connector.services.send_stream import SendStream
from facebook_connector.services.status import DETAILS_KEY
from facebook_connector.store.database import open_database
from facebook_connector.store.migrate import migrate
from tests.support.inbound_wire import Ended
from tests.support.outbox_world import MORE_PEOPLE, OutboxWorld, outbox_world, text_message

if TYPE_CHECKING:
    from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceAsyncStub

A, B = MORE_PEOPLE[:2]
DAY_MS = 24 * 3_600_000


class Connector(ConnectorServiceServicer):
    """The sending half of the service."""

    def __init__(self, calls: OutboundCalls) -> None:
        self._calls = calls

    async def SendMessage(self, request: pb.SendMessageRequest, context: Any) -> pb.SendMessageResponse:  # noqa: N802
        return await self._calls.send_message(request, context)

    def SendMessages(self, request_iterator: Any, context: Any) -> AsyncIterator[pb.SendMessagesResponse]:  # noqa: N802
        return self._calls.send_messages(request_iterator, context)

    async def GetMessage(self, request: pb.GetMessageRequest, context: Any) -> pb.GetMessageResponse:  # noqa: N802
        return await self._calls.get_message(request, context)


@asynccontextmanager
async def served(calls: OutboundCalls, world: OutboxWorld) -> AsyncIterator[ConnectorServiceAsyncStub]:
    server = grpc.aio.server(interceptors=(CallInterceptor(Guard({}), world.clock),))
    add_ConnectorServiceServicer_to_server(Connector(calls), server)  # type: ignore[abstract]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield ConnectorServiceStub(channel)
    await server.stop(0)


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[OutboxWorld]:
    async with open_database(sqlite_url) as database:
        await migrate(database)
        async with outbox_world(database) as world, world.running() as outbox:
            world.outbox = outbox
            yield world


@pytest.fixture
async def stub(world: OutboxWorld) -> AsyncIterator[ConnectorServiceAsyncStub]:
    async with served(OutboundCalls(world.outbox), world) as stub:
        yield stub


def request(text: str, cim_id: str = "out-1", **more: Any) -> pb.SendMessageRequest:
    return pb.SendMessageRequest(message=text_message(text, cim_id, **more))


def frame(text: str, cim_id: str = "out-1", **more: Any) -> pb.SendMessagesRequest:
    return pb.SendMessagesRequest(message=text_message(text, cim_id, **more))


async def send_all(
    stub: ConnectorServiceAsyncStub, *frames: pb.SendMessagesRequest
) -> dict[int, pb.SendMessagesResponse]:
    call = stub.SendMessages(iter(frames))
    return {answer.index: answer async for answer in call}


# SendMessage


async def test_an_answer_tells_all_there_is_to_tell(world: OutboxWorld, stub: ConnectorServiceAsyncStub) -> None:
    await world.customer_writes()
    answer = await stub.SendMessage(request("Hello"))
    (entry,) = world.taken()
    assert (answer.id, answer.page_id, answer.psid) == ("out-1", entry.page_id, entry.psid)
    assert (answer.state, answer.terminal, answer.already_accepted) == (outbound_pb2.SEND_STATE_SENT, True, False)
    assert [(part.index, part.provider_message_id) for part in answer.parts] == [(0, entry.mid)]
    assert answer.expire_time.ToMilliseconds() - answer.accept_time.ToMilliseconds() == DAY_MS
    assert answer.window_close_time.ToMilliseconds() > answer.accept_time.ToMilliseconds()
    assert not answer.HasField("failure")


async def test_a_repeat_says_so(stub: ConnectorServiceAsyncStub) -> None:
    await stub.SendMessage(request("Hello"))
    assert (await stub.SendMessage(request("Hello"))).already_accepted


async def test_an_unknown_window_has_no_closing_time(stub: ConnectorServiceAsyncStub) -> None:
    assert not (await stub.SendMessage(request("Hello"))).HasField("window_close_time")


async def test_a_failure_tells_facebooks_codes_and_whether_nothing_left(
    world: OutboxWorld, stub: ConnectorServiceAsyncStub
) -> None:
    world.facebook.script_fault("unreachable")
    answer = await stub.SendMessage(request("Hello"))
    assert (answer.state, answer.terminal) == (outbound_pb2.SEND_STATE_FAILED, True)
    assert (answer.failure.reason, answer.failure.provider_code) == ("RECIPIENT_UNAVAILABLE", 551)
    assert (answer.failure.retryable, answer.failure.part_index) == (True, 0)
    assert answer.failure.provider_trace_id
    assert answer.failure.metadata["page_id"] == answer.page_id


async def test_a_call_answers_before_its_deadline(world: OutboxWorld, stub: ConnectorServiceAsyncStub) -> None:
    await world.stop_channel()
    answer = await stub.SendMessage(request("Hello"), timeout=1.0)
    assert answer.state == outbound_pb2.SEND_STATE_QUEUED


async def test_an_expired_call_does_not_take_the_message_back(
    world: OutboxWorld, stub: ConnectorServiceAsyncStub
) -> None:
    await world.stop_channel()
    call = stub.SendMessage(request("Hello"))
    await world.until_accepted()
    call.cancel()
    await world.set_page_token()
    await world.until_state("SENT")


async def test_a_refusal_is_a_status_with_reason_and_field(stub: ConnectorServiceAsyncStub) -> None:
    message = text_message("Hello")
    message.header.channel_data.ClearField("channel_customer_identifier")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.SendMessage(pb.SendMessageRequest(message=message))
    status, info, bad = status_pb2.Status(), error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    details = next(value for key, value in raised.value.trailing_metadata() or () if key == DETAILS_KEY)
    assert isinstance(details, bytes)
    status.ParseFromString(details)
    assert status.details[0].Unpack(info)
    assert status.details[1].Unpack(bad)
    assert (raised.value.code(), info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert [violation.field for violation in bad.field_violations] == [
        "message.header.channel_data.channel_customer_identifier"
    ]


async def test_an_unknown_channel_is_not_found(stub: ConnectorServiceAsyncStub) -> None:
    unknown = request("Hello")
    unknown.message.header.channel_data.service_identifier = "999"
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.SendMessage(unknown)
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


# GetMessage


async def test_a_message_is_told_with_its_history(stub: ConnectorServiceAsyncStub) -> None:
    await stub.SendMessage(request("Hello"))
    found = await stub.GetMessage(pb.GetMessageRequest(id="out-1"))
    assert found.message.state == outbound_pb2.SEND_STATE_SENT
    assert found.message.origin == outbound_pb2.SEND_ORIGIN_HUMAN
    assert [entry.state for entry in found.history] == [
        outbound_pb2.SEND_STATE_QUEUED,
        outbound_pb2.SEND_STATE_QUEUED,
        outbound_pb2.SEND_STATE_SENT,
    ]
    assert [entry.HasField("part_index") for entry in found.history] == [False, True, True]


@pytest.mark.parametrize(
    ("cim_id", "code"),
    [
        ("out-9", grpc.StatusCode.NOT_FOUND),
        ("", grpc.StatusCode.INVALID_ARGUMENT),
        ("out\0", grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_a_message_that_is_not_there_cannot_be_told(
    stub: ConnectorServiceAsyncStub, cim_id: str, code: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.GetMessage(pb.GetMessageRequest(id=cim_id))
    assert raised.value.code() is code


# SendMessages


async def test_every_frame_is_answered_once(world: OutboxWorld, stub: ConnectorServiceAsyncStub) -> None:
    frames = [frame(f"to {psid}", f"out-{psid}", psid=psid) for psid in MORE_PEOPLE]
    answers = await send_all(stub, *frames)
    assert [answers[index].id for index in range(len(frames))] == [frame.message.id for frame in frames]
    assert {answer.response.state for answer in answers.values()} == {outbound_pb2.SEND_STATE_SENT}
    assert len(world.taken()) == len(MORE_PEOPLE)


async def test_one_bad_message_never_ends_the_stream(stub: ConnectorServiceAsyncStub) -> None:
    nameless = frame("nameless")
    nameless.message.ClearField("id")
    answers = await send_all(stub, frame(" ", "out-1"), nameless, pb.SendMessagesRequest(), frame("good", "out-2"))
    assert [answers[index].WhichOneof("outcome") for index in range(4)] == ["error", "error", "error", "response"]
    assert (answers[0].error.code, answers[0].error.reason, answers[0].id) == (3, "BODY_INVALID", "out-1")
    assert [violation.field for violation in answers[1].error.field_violations] == ["message.id"]


async def test_frames_to_one_customer_keep_their_order(world: OutboxWorld, stub: ConnectorServiceAsyncStub) -> None:
    frames = [frame(f"{number}", f"out-{number}", psid=(A, B)[number % 2]) for number in range(30)]
    await send_all(stub, *frames)
    for psid, first in ((A, 0), (B, 1)):
        texts = [entry.details["text"] for entry in world.taken(psid)]
        assert texts == [str(number) for number in range(first, 30, 2)]


async def test_two_frames_with_one_id_are_one_message(world: OutboxWorld, stub: ConnectorServiceAsyncStub) -> None:
    answers = await send_all(stub, frame("Hello"), frame("Hello"), frame("Other"))
    assert [answers[index].response.already_accepted for index in (0, 1)] == [False, True]
    assert answers[2].error.reason == "MESSAGE_ID_CONFLICT"
    assert len(world.taken()) == 1


async def test_a_frame_is_answered_as_soon_as_its_outcome_is_known(
    world: OutboxWorld, stub: ConnectorServiceAsyncStub
) -> None:
    world.facebook.script_fault("server_error", psid=A)
    call = stub.SendMessages()
    await call.write(frame("slow", "out-a", psid=A))
    await world.until_state("UNCERTAIN", "out-a")
    await call.write(frame("quick", "out-b", psid=B))
    answer = await call.read()
    assert isinstance(answer, pb.SendMessagesResponse)
    assert answer.id == "out-b"
    call.cancel()


async def test_what_a_broken_stream_left_is_sent_all_the_same(
    world: OutboxWorld, stub: ConnectorServiceAsyncStub
) -> None:
    await world.stop_channel()
    call = stub.SendMessages()
    await call.write(frame("Hello"))
    await world.until_accepted()
    call.cancel()
    await world.set_page_token()
    await world.until_state("SENT")


async def test_a_stream_is_read_on_only_while_there_is_room(world: OutboxWorld) -> None:
    await world.stop_channel()
    read = 0

    async def frames() -> AsyncIterator[pb.SendMessagesRequest]:
        nonlocal read
        for psid in MORE_PEOPLE:
            read += 1
            yield frame("Hello", f"out-{psid}", psid=psid)

    answers = SendStream(world.outbox, room=3).serve(frames())
    first = asyncio.ensure_future(anext(answers))
    for psid in MORE_PEOPLE[:3]:
        await world.until_accepted(f"out-{psid}")
    assert read == 3
    await world.set_page_token()
    assert (await first).response.state == outbound_pb2.SEND_STATE_SENT
    assert len([answer async for answer in answers]) == len(MORE_PEOPLE) - 1


async def test_a_stopping_server_answers_what_is_open_and_ends_the_stream(world: OutboxWorld) -> None:
    await world.stop_channel()
    async with AsyncExitStack() as running:
        outbox = await running.enter_async_context(world.running("server-2"))
        async with served(OutboundCalls(outbox), world) as stub:
            call = stub.SendMessages()
            await call.write(frame("Hello"))
            await world.until_accepted()
            await running.aclose()
            answer = await call.read()
            assert isinstance(answer, pb.SendMessagesResponse)
            assert answer.response.state == outbound_pb2.SEND_STATE_QUEUED
            end = Ended.of(await asyncio.wait_for(call.code(), 5), await call.trailing_metadata() or ())
    assert (end.code, end.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_DRAINING")


async def test_an_empty_stream_ends_well(stub: ConnectorServiceAsyncStub) -> None:
    assert await asyncio.wait_for(send_all(stub), 5) == {}
