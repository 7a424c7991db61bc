from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.operations_service_pb2 import (
    CreateSubscriptionRequest,
    ListAuditEventsRequest,
    ReplayInboundRequest,
)
from tests.integration.facebook_connector.operations.conftest import Console
from tests.support.channels import PAGE_ID
from tests.support.inbound_wire import START_MS, an_event
from tests.support.operators import refusal

LIVE, REPLAY = inbound_pb2.DELIVERY_ORIGIN_LIVE, inbound_pb2.DELIVERY_ORIGIN_REPLAY
PAGE_EVENT = inbound_pb2.EVENT_KIND_PAGE_EVENT


def at(seconds: int) -> Timestamp:
    return Timestamp(seconds=START_MS // 1000 + seconds)


async def replay(console: Console, subscription: str = "ccm", **conditions: object) -> int:
    values: dict[str, object] = {"start_time": at(-1), **conditions}
    request = ReplayInboundRequest(subscription=subscription, **values)  # type: ignore[arg-type]
    return (await console.operations.ReplayInbound(request)).replayed_count


async def test_acknowledged_messages_come_again_before_what_waits_one_at_a_time(console: Console) -> None:
    await console.wire.texts("m_1", "m_2")
    await console.ids("ccm", 2)
    await console.wire.texts("m_3")

    assert await replay(console) == 3
    async with console.wire.stream() as stream:
        seen = []
        for _ in range(4):
            received = await stream.message()
            await stream.nothing_before_pong()
            seen.append((received.message.id, received.origin, received.delivery_attempt))
            await stream.ack(received)

    assert seen == [
        ("cim-m_1", REPLAY, 1),
        ("cim-m_2", REPLAY, 1),
        ("cim-m_3", REPLAY, 1),
        ("cim-m_3", LIVE, 1),
    ]


async def test_a_message_under_way_keeps_its_place_before_the_replayed(console: Console) -> None:
    await console.wire.texts("m_1", "m_2")
    async with console.wire.stream() as stream:
        first = await stream.message()
        await replay(console)
        await stream.nothing_before_pong()
        await stream.nack(first, delay_s=0, reason=inbound_pb2.NACK_REASON_REJECTED)
        again = await stream.message()
        await stream.ack(again)
        following = await stream.message()

    assert (again.message.id, again.origin, again.delivery_attempt) == ("cim-m_1", LIVE, 2)
    assert (following.message.id, following.origin) == ("cim-m_1", REPLAY)


async def test_conditions_choose_by_time_page_customer_and_kind(console: Console) -> None:
    await console.wire.texts("m_1", psid="7a")
    console.wire.clock.advance(10)
    await console.wire.texts("m_2", psid="7b")
    event = an_event("e_1", psid="7b")
    event.kind = PAGE_EVENT
    await console.wire.ingest(event)
    await console.ids("ccm", 2)

    assert await replay(console, start_time=at(10)) == 1
    assert await replay(console, start_time=at(0), end_time=at(10)) == 1
    assert await replay(console, page_id="1") == 0
    assert await replay(console, page_id=PAGE_ID) == 2
    assert await replay(console, page_id=PAGE_ID, psid="7b") == 1
    assert await replay(console, kinds=[PAGE_EVENT]) == 1
    received = await console.delivered("ccm", 6)
    assert sorted(one.message.id for one in received) == ["cim-e_1", *["cim-m_1"] * 2, *["cim-m_2"] * 3]
    assert {one.origin for one in received} == {REPLAY}


async def test_a_subscription_gets_what_was_stored_before_it_and_then_goes_on_with_what_comes(console: Console) -> None:
    await console.wire.texts("m_1", "m_2")
    await console.operations.CreateSubscription(CreateSubscriptionRequest(name="archive"))

    assert await replay(console, "archive", page_id=PAGE_ID, psid="70001") == 2
    await console.wire.texts("m_3")

    assert await console.ids("archive", 3) == ["cim-m_1", "cim-m_2", "cim-m_3"]
    assert await console.ids("ccm", 3) == ["cim-m_1", "cim-m_2", "cim-m_3"]


async def test_a_repeat_of_a_named_call_replays_nothing_twice_and_is_noted_once(console: Console) -> None:
    await console.wire.texts("m_1")
    await console.ids("ccm", 1)

    assert [await replay(console, request_id="r-1") for _ in range(2)] == [1, 1]
    assert len(await console.ids("ccm", 1)) == 1
    noted = (await console.operations.ListAuditEvents(ListAuditEventsRequest())).audit_events
    [only] = [one for one in noted if one.action == "ReplayInbound"]
    assert (only.target, only.detail) == ("ccm", "messages replayed: 1")


@pytest.mark.parametrize(
    "conditions",
    [
        {"start_time": None},
        {"end_time": at(-1)},
        {"psid": "7a"},
        {"kinds": [inbound_pb2.EVENT_KIND_ECHO]},
        {"page_id": "\0"},
    ],
)
async def test_what_says_nothing_is_refused(console: Console, conditions: dict[str, Any]) -> None:
    code, info = await refusal(replay(console, **conditions))
    assert (code, info.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD")
