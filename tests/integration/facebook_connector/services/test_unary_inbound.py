from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.duration_pb2 import Duration

from expertflow.connector.v1.connector_service_pb2 import (
    AcknowledgeRequest,
    ModifyAckDeadlineRequest,
    NackChange,
    PullInboundRequest,
)
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.inbound_pb2 import NACK_REASON_REJECTED, ReceivedMessage
from tests.support.inbound_wire import OK, STALE, START_MS, UNKNOWN, Wire, an_event
from tests.support.operators import refusal

if TYPE_CHECKING:
    from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceAsyncStub


def stub(wire: Wire) -> ConnectorServiceAsyncStub:
    return ConnectorServiceStub(wire.channel)


async def pull(wire: Wire, **changes: Any) -> list[ReceivedMessage]:
    values: dict[str, Any] = {"subscription": "ccm", "client_id": "puller", **changes}
    return list((await stub(wire).PullInbound(PullInboundRequest(**values))).messages)


async def ack(wire: Wire, *ack_ids: str) -> list[int]:
    answer = await stub(wire).Acknowledge(AcknowledgeRequest(subscription="ccm", ack_ids=ack_ids))
    assert [result.ack_id for result in answer.results] == list(ack_ids)
    return [result.outcome for result in answer.results]


async def modify(wire: Wire, *ack_ids: str, **change: Any) -> list[int]:
    request = ModifyAckDeadlineRequest(subscription="ccm", ack_ids=ack_ids, **change)
    return [result.outcome for result in (await stub(wire).ModifyAckDeadline(request)).results]


async def test_messages_are_pulled_one_of_each_conversation_and_acknowledged(wire: Wire) -> None:
    await wire.ingest(an_event("a1", psid="71"), an_event("a2", psid="71"), an_event("b1", psid="72"))
    first = await pull(wire)
    assert await pull(wire) == []
    outcomes = await ack(wire, "nonsense", *(one.ack_id for one in first), first[0].ack_id)
    second = await pull(wire)

    assert sorted(one.message.id for one in first) == ["cim-a1", "cim-b1"]
    assert {one.ack_deadline_time.ToMilliseconds() for one in first} == {START_MS + 30_000}
    assert (outcomes[0], sorted(outcomes[1:])) == (UNKNOWN, [OK, OK, OK])
    assert await ack(wire, first[0].ack_id) == [STALE]
    assert [(one.message.id, one.delivery_attempt) for one in second] == [("cim-a2", 1)]


async def test_a_pull_takes_no_more_than_it_asks_for(wire: Wire) -> None:
    await wire.ingest(*(an_event(f"m_{number}", psid=f"7{number}") for number in range(5)))

    assert len(await pull(wire, max_messages=2)) == 2
    assert len(await pull(wire)) == 3


async def test_a_pull_that_waits_gets_what_comes(wire: Wire) -> None:
    waiting = asyncio.create_task(pull(wire, wait=Duration(seconds=10)))
    await pull(wire)
    await wire.texts("m_1")

    assert [one.message.id for one in await waiting] == ["cim-m_1"]


async def test_a_pull_waits_no_longer_than_it_says(wire: Wire) -> None:
    assert await pull(wire, wait=Duration(nanos=50_000_000)) == []


async def test_what_was_pulled_is_given_back_or_kept_longer(wire: Wire) -> None:
    await wire.ingest(an_event("a", psid="71"), an_event("b", psid="72"))
    pulled = {one.message.id: one.ack_id for one in await pull(wire)}
    given_back = NackChange(reason=NACK_REASON_REJECTED, delay=Duration())

    assert await modify(wire, pulled["cim-a"], nack=given_back) == [OK]
    assert [(one.message.id, one.delivery_attempt) for one in await pull(wire)] == [("cim-a", 2)]
    assert await modify(wire, pulled["cim-b"], extend=Duration(seconds=600)) == [OK]
    wire.clock.advance(400)
    assert [(one.message.id, one.delivery_attempt) for one in await pull(wire)] == [("cim-a", 3)]
    assert await ack(wire, pulled["cim-b"]) == [OK]


async def test_what_was_streamed_is_acknowledged_by_a_call_and_the_stream_goes_on(wire: Wire) -> None:
    await wire.texts("m_1", "m_2")
    async with wire.stream("both") as stream:
        first = await stream.message()
        assert await ack(wire, first.ack_id) == [OK]
        assert (await stream.message()).message.id == "cim-m_2"


async def test_a_pull_leaves_the_stream_of_its_client_id_alone(wire: Wire) -> None:
    await wire.texts("m_1", psid="71")
    async with wire.stream("both") as stream:
        first = await stream.message()
        assert await pull(wire, client_id="both") == []
        await stream.nothing_before_pong()
        await stream.ack(first)
        assert await stream.results() == {first.ack_id: OK}


async def test_filters_leave_the_rest_to_others(wire: Wire) -> None:
    await wire.texts("m_1")

    assert await pull(wire, page_ids=["1"]) == []
    assert [one.message.id for one in await pull(wire, kinds=[1])] == ["cim-m_1"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": ""}, "INVALID_FIELD"),
        ({"kinds": [5]}, "INVALID_FIELD"),
        ({"max_messages": 0}, "LIMIT_OUT_OF_RANGE"),
        ({"max_messages": 1001}, "LIMIT_OUT_OF_RANGE"),
        ({"wait": Duration(seconds=301)}, "LIMIT_OUT_OF_RANGE"),
        ({"ack_deadline": Duration(seconds=5)}, "LIMIT_OUT_OF_RANGE"),
        ({"subscription": "none"}, "SUBSCRIPTION_NOT_FOUND"),
    ],
)
async def test_a_pull_that_cannot_be_is_refused(wire: Wire, changes: dict[str, Any], reason: str) -> None:
    _, info = await refusal(pull(wire, **changes))
    assert info.reason == reason


async def test_answers_that_cannot_be_are_refused(wire: Wire) -> None:
    for call in (
        ack(wire),
        modify(wire, extend=Duration(seconds=10)),
        modify(wire, "x"),
    ):
        code, info = await refusal(call)
        assert (code, info.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    _, info = await refusal(modify(wire, "x", extend=Duration()))
    assert info.reason == "LIMIT_OUT_OF_RANGE"
