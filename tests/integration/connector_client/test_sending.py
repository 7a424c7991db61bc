from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from connector_client import ConnectorClient, ConnectorError, SendOutcome, SendState, text_message
from connector_client._sending import Messages
from expertflow.cim.v1 import message_pb2
from expertflow.connector.v1.connector_service_pb2 import SendMessageResponse, SendMessagesRequest, SendMessagesResponse
from tests.support.scripted_connector import Script, ScriptedConnector, Wire, serving


def messages(count: int) -> list[message_pb2.CimMessage]:
    return [text_message("1001", "7001", f"text {number}") for number in range(count)]


def taken(index: int, frame: SendMessagesRequest) -> SendMessagesResponse:
    response = SendMessageResponse(id=frame.message.id, state="SEND_STATE_SENT")
    return SendMessagesResponse(index=index, id=frame.message.id, response=response)


async def take_all(wire: Wire) -> None:
    index = 0
    async for frame in wire.frames:
        await wire.send(taken(index, frame))
        index += 1


async def send_all(source: Messages, *scripts: Script) -> list[SendOutcome]:
    async with serving(ScriptedConnector(*scripts)) as address, ConnectorClient(address) as client:
        return [outcome async for outcome in client.send_many(source, wait=0)]


async def test_every_message_has_its_outcome() -> None:
    source = messages(500)

    outcomes = await send_all(source, take_all)

    assert [outcome.id for outcome in outcomes] == [message.id for message in source]
    assert [outcome.index for outcome in outcomes] == list(range(500))
    assert {SendState(outcome.accepted.state) for outcome in outcomes} == {SendState.SENT}


async def test_no_message_at_all_ends_at_once() -> None:
    assert await send_all([], take_all) == []


async def test_outcomes_come_as_they_are_known() -> None:
    async def backwards(wire: Wire) -> None:
        frames = [await wire.read() for _ in range(3)]
        for index in (2, 1, 0):
            await wire.send(taken(index, frames[index]))
        await wire.half_closed()

    assert [outcome.index for outcome in await send_all(messages(3), backwards)] == [2, 1, 0]


async def test_a_refused_message_is_an_outcome_and_the_others_go_on() -> None:
    async def refuses_the_first(wire: Wire) -> None:
        frame = await wire.read()
        refused = SendMessagesResponse(id=frame.message.id)
        refused.error.code, refused.error.reason, refused.error.message = 5, "CHANNEL_NOT_FOUND", "no channel"
        await wire.send(refused)
        await wire.send(taken(1, await wire.read()))
        await wire.half_closed()

    first, second = await send_all(messages(2), refuses_the_first)

    assert second.error is None
    with pytest.raises(ConnectorError, match="no channel") as caught:
        first.accepted  # noqa: B018 # reading it raises
    assert caught.value.code is grpc.StatusCode.NOT_FOUND


async def test_after_a_break_only_the_unanswered_are_sent_again_and_in_order() -> None:
    source, again = messages(4), []

    async def breaks(wire: Wire) -> None:
        frames = [await wire.read() for _ in range(4)]
        await wire.send(taken(1, frames[1]))
        await wire.refuse(grpc.StatusCode.UNAVAILABLE)

    async def goes_on(wire: Wire) -> None:
        for index in range(3):
            frame = await wire.read()
            again.append(frame.message.id)
            await wire.send(taken(index, frame))
        await wire.half_closed()

    outcomes = await send_all(source, breaks, goes_on)

    assert [outcome.index for outcome in outcomes] == [1, 0, 2, 3]
    assert again == [source[0].id, source[2].id, source[3].id]


async def test_a_server_that_ends_early_is_asked_again() -> None:
    async def ends(wire: Wire) -> None:
        await wire.read()

    assert len(await send_all(messages(2), ends, take_all)) == 2


async def test_a_refused_call_raises() -> None:
    async def refuses(wire: Wire) -> None:
        await wire.refuse(grpc.StatusCode.PERMISSION_DENIED)

    with pytest.raises(ConnectorError) as caught:
        await send_all(messages(1), refuses)
    assert caught.value.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_source_that_waits_survives_a_break() -> None:
    broken = asyncio.Event()

    async def source() -> AsyncIterator[message_pb2.CimMessage]:
        first, second = messages(2)
        yield first
        await broken.wait()
        yield second

    async def breaks(wire: Wire) -> None:
        await wire.send(taken(0, await wire.read()))
        await wire.refuse(grpc.StatusCode.UNAVAILABLE)

    async def goes_on(wire: Wire) -> None:
        broken.set()
        await take_all(wire)

    assert [outcome.index for outcome in await send_all(source(), breaks, goes_on)] == [0, 1]


async def test_a_source_that_fails_fails_after_its_messages_are_answered() -> None:
    async def source() -> AsyncIterator[message_pb2.CimMessage]:
        yield messages(1)[0]
        raise LookupError("the file ends here")

    async with serving(ScriptedConnector(take_all)) as address, ConnectorClient(address) as client:
        outcomes = client.send_many(source())
        assert (await anext(outcomes)).index == 0
        with pytest.raises(LookupError, match="the file ends here"):
            await anext(outcomes)


async def test_a_source_is_not_read_far_ahead_of_the_answers() -> None:
    read = 0

    async def source() -> AsyncIterator[message_pb2.CimMessage]:
        nonlocal read
        for message in messages(1000):
            read += 1
            yield message

    async def answers_one(wire: Wire) -> None:
        await wire.send(taken(0, await wire.read()))
        await asyncio.Event().wait()

    async with serving(ScriptedConnector(answers_one)) as address, ConnectorClient(address) as client:
        outcomes = client.send_many(source())
        await anext(outcomes)
        await outcomes.aclose()

    assert read < 300
