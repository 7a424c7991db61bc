from __future__ import annotations

import asyncio

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1 import inbound_pb2, operations_pb2
from expertflow.connector.v1.operations_pb2 import Subscription
from expertflow.connector.v1.operations_service_pb2 import (
    CreateSubscriptionRequest,
    DeleteSubscriptionRequest,
    ListAuditEventsRequest,
    ListSubscriptionsRequest,
)
from tests.integration.facebook_connector.operations.conftest import Console
from tests.support.inbound_wire import START_MS, an_event
from tests.support.operators import refusal

MESSAGE, PAGE_EVENT = inbound_pb2.EVENT_KIND_MESSAGE, inbound_pb2.EVENT_KIND_PAGE_EVENT
EARLIEST, NOW = operations_pb2.START_POINT_EARLIEST, operations_pb2.START_POINT_NOW


async def create(console: Console, name: str = "archive", **changes: object) -> Subscription:
    request = CreateSubscriptionRequest(name=name, **changes)  # type: ignore[arg-type]
    return (await console.operations.CreateSubscription(request)).subscription


async def test_a_subscription_that_begins_with_the_earliest_gets_what_is_stored_and_what_comes(
    console: Console,
) -> None:
    await console.wire.texts("m_1", "m_2")
    created = await create(console, start_point=EARLIEST)
    await console.wire.texts("m_3")

    assert (created.name, list(created.kinds)) == ("archive", [1, 2, 3])
    assert created.state == operations_pb2.SUBSCRIPTION_STATE_ACTIVE
    assert created.create_time.ToMilliseconds() == START_MS
    assert await console.ids("archive", 3) == ["cim-m_1", "cim-m_2", "cim-m_3"]
    assert await console.ids("ccm", 3) == ["cim-m_1", "cim-m_2", "cim-m_3"]


async def test_a_subscription_that_begins_now_gets_what_comes(console: Console) -> None:
    await console.wire.texts("m_1")
    await create(console)
    await console.wire.texts("m_2")

    assert await console.ids("archive", 1) == ["cim-m_2"]


async def test_a_subscription_can_begin_at_a_time(console: Console) -> None:
    await console.wire.texts("m_1")
    console.wire.clock.advance(10)
    await console.wire.texts("m_2")
    console.wire.clock.advance(10)
    await create(console, start_time=Timestamp(seconds=START_MS // 1000 + 10))
    await console.wire.texts("m_3")

    assert await console.ids("archive", 2) == ["cim-m_2", "cim-m_3"]


async def test_a_subscription_gets_its_kinds_only(console: Console) -> None:
    event = an_event("e_1")
    event.kind = PAGE_EVENT
    await console.wire.ingest(an_event("m_1"), event)
    await create(console, start_point=EARLIEST, kinds=[PAGE_EVENT])

    assert await console.ids("archive", 1) == ["cim-e_1"]
    assert await console.ids("ccm", 1) == ["cim-m_1"]


async def test_a_repeat_returns_what_is_there_and_another_start_or_other_kinds_are_refused(console: Console) -> None:
    first = await create(console, start_point=EARLIEST)
    assert await create(console, start_point=EARLIEST) == first
    for changes in ({"start_point": NOW}, {"start_point": EARLIEST, "kinds": [MESSAGE]}):
        code, info = await refusal(create(console, **changes))
        assert (code, info.reason, info.metadata["subscription"]) == (
            "ALREADY_EXISTS",
            "SUBSCRIPTION_EXISTS",
            "archive",
        )


async def test_what_cannot_be_is_refused(console: Console) -> None:
    later = Timestamp(seconds=START_MS // 1000 + 1)
    faulty: list[dict[str, object]] = [
        {"name": "Archive"},
        {"name": ""},
        {"name": "x" * 65},
        {"kinds": [inbound_pb2.EVENT_KIND_ECHO]},
        {"start_time": later},
        {"start_point": 9},
        {"request_id": "x" * 129},
    ]
    for changes in faulty:
        code, info = await refusal(create(console, **changes))  # type: ignore[arg-type]
        assert (code, info.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD"), changes


async def test_they_are_listed_by_name_page_by_page(console: Console) -> None:
    for name in ("zulu", "alpha"):
        await create(console, name)
    first = await console.operations.ListSubscriptions(ListSubscriptionsRequest(page_size=2))
    second = await console.operations.ListSubscriptions(ListSubscriptionsRequest(page_token=first.next_page_token))

    names = [[one.name for one in page.subscriptions] for page in (first, second)]
    assert names == [["alpha", "ccm"], ["zulu"]]
    assert not second.next_page_token


async def test_deleting_one_ends_its_streams_and_forgets_what_it_had(console: Console) -> None:
    await create(console)
    await console.wire.texts("m_1", "m_2")
    async with console.wire.stream(subscription="archive") as stream, console.wire.stream("ccm-9") as other:
        await stream.message()
        await other.message()
        answer = await console.operations.DeleteSubscription(DeleteSubscriptionRequest(name="archive"))
        closing = (await stream.frame()).closing
        ended = await stream.ended()
        await other.nothing_before_pong()

    assert answer.dropped_messages == 2
    assert closing.reason == inbound_pb2.CLOSING_REASON_SUBSCRIPTION_DELETED
    assert not closing.HasField("reconnect_after")
    assert (ended.code, ended.reason) == (grpc.StatusCode.NOT_FOUND, "SUBSCRIPTION_NOT_FOUND")
    code, info = await refusal(console.operations.DeleteSubscription(DeleteSubscriptionRequest(name="archive")))
    assert (code, info.reason) == ("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND")


async def test_an_ack_id_of_a_deleted_subscription_completes_nothing_of_a_later_one(console: Console) -> None:
    await create(console)
    await console.wire.texts("m_1")
    async with console.wire.stream(subscription="archive") as stream:
        old = await stream.message()
    await console.operations.DeleteSubscription(DeleteSubscriptionRequest(name="archive"))
    await create(console, start_point=EARLIEST)

    async with console.wire.stream(subscription="archive") as stream:
        await stream.message()
        await stream.ack(old)
        assert await stream.results() == {old.ack_id: inbound_pb2.ACK_OUTCOME_UNKNOWN}


async def test_ccm_is_protected(console: Console) -> None:
    code, info = await refusal(console.operations.DeleteSubscription(DeleteSubscriptionRequest(name="ccm")))
    assert (code, info.reason) == ("FAILED_PRECONDITION", "SUBSCRIPTION_PROTECTED")


async def test_calls_are_done_once_and_noted(console: Console) -> None:
    first, second = await asyncio.gather(*(create(console, request_id="r-1") for _ in range(2)))
    assert first == second
    await console.operations.DeleteSubscription(DeleteSubscriptionRequest(name="archive"))
    assert await create(console, request_id="r-1") == first

    noted = await console.operations.ListAuditEvents(ListAuditEventsRequest(target="archive"))
    assert [(one.actor, one.action, one.detail) for one in noted.audit_events] == [
        ("anonymous", "DeleteSubscription", "messages dropped: 0"),
        ("anonymous", "CreateSubscription", ""),
    ]
