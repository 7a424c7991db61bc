from __future__ import annotations

import asyncio
import traceback
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select

from facebook_connector.sending.offers import Acceptance, AcceptResult, Offer
from facebook_connector.sending.values import (
    Failure,
    MessageKey,
    MessageState,
    OutboundRecord,
    SendWarning,
)
from facebook_connector.store.database import Database
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.outbound import acceptance
from facebook_connector.store.outbound.schema import outbound_history, outbound_message, outbound_part
from tests.support.inbound_records import NOW_MS, PAGE, PSID, add_page, an_event
from tests.support.outbound_queue import OutboundQueue, a_record, an_offer

SPLIT = SendWarning(code="TEXT_SPLIT", detail="The text went out in parts.")

UNSUPPORTED = Failure(
    reason="UNSUPPORTED_BODY",
    detail="A body of type GENERIC cannot be sent to Messenger.",
    metadata={"type": "GENERIC"},
)


@pytest.fixture
def queue(database: Database) -> OutboundQueue:
    return OutboundQueue(database)


async def test_an_accepted_message_waits_with_all_its_parts(queue: OutboundQueue) -> None:
    acceptance = await queue.accept(parts=3, warnings=(SPLIT,))
    status = acceptance.status
    assert (acceptance.result, status.state, status.open) == (AcceptResult.ACCEPTED, "QUEUED", True)
    assert [(part.index, part.state) for part in status.parts] == [(0, "QUEUED"), (1, "QUEUED"), (2, "QUEUED")]
    assert (status.warnings, status.failure, status.update_time_ms) == ((SPLIT,), None, NOW_MS)


@pytest.mark.parametrize("parts", [0, 1, 3])
async def test_the_answer_is_what_reading_the_message_gives(queue: OutboundQueue, parts: int) -> None:
    acceptance = await queue.accept(parts=parts, warnings=(SPLIT,))
    assert acceptance.status == await queue.status()


async def test_a_message_without_parts_is_ignored_and_holds_no_lane(queue: OutboundQueue) -> None:
    acceptance = await queue.accept(parts=0)
    assert (acceptance.result, acceptance.status.state, acceptance.status.open) == ("ACCEPTED", "IGNORED", False)
    assert [(entry.part_index, entry.state) for entry in await queue.history()] == [(None, "IGNORED")]
    assert await queue.head() is None


async def test_a_message_that_can_never_go_is_stored_as_failed_and_holds_no_lane(queue: OutboundQueue) -> None:
    acceptance = await queue.accept(parts=0, failure=UNSUPPORTED)
    status = acceptance.status
    assert (acceptance.result, status.state, status.open, status.failure) == ("ACCEPTED", "FAILED", False, UNSUPPORTED)
    history = [(entry.part_index, entry.state, entry.detail) for entry in await queue.history()]
    assert history == [(None, "FAILED", UNSUPPORTED.detail)]
    assert (await queue.status(), await queue.head()) == (status, None)


async def test_a_repeat_of_a_message_that_can_never_go_tells_its_failure(queue: OutboundQueue) -> None:
    first = await queue.accept(parts=0, failure=UNSUPPORTED)
    repeat = await queue.accept(parts=0, failure=UNSUPPORTED)
    assert (repeat.result, repeat.status) == (AcceptResult.REPEATED, first.status)


async def test_a_repeat_tells_the_state_that_stands(queue: OutboundQueue) -> None:
    await queue.accept()
    await queue.own()
    sent = await queue.send()
    repeat = await queue.accept()
    assert (repeat.result, repeat.status) == (AcceptResult.REPEATED, sent)


async def test_a_repeat_of_an_ignored_message_is_one(queue: OutboundQueue) -> None:
    await queue.accept(parts=0)
    assert (await queue.accept(parts=0)).result is AcceptResult.REPEATED


async def test_other_content_under_the_same_id_is_a_conflict_that_tells_the_first(queue: OutboundQueue) -> None:
    first = await queue.accept()
    second = await queue.accept(content_hash="1:other", psid="another", parts=2)
    assert (second.result, second.status) == (AcceptResult.CONFLICT, first.status)


@pytest.mark.parametrize("content_hash", ["1:out-1", "1:other"])
async def test_a_second_acceptance_stores_nothing(queue: OutboundQueue, content_hash: str) -> None:
    await queue.accept()
    await queue.accept(content_hash=content_hash, parts=2)
    counts = [select(func.count()).select_from(table) for table in (outbound_message, outbound_part, outbound_history)]
    found = await queue.database.read(lambda transaction: [transaction.execute(count).scalar_one() for count in counts])
    assert found == [1, 1, 1]


async def test_the_same_id_on_another_page_is_another_message(queue: OutboundQueue) -> None:
    await queue.accept()
    assert (await queue.accept(page_id="999")).result is AcceptResult.ACCEPTED
    assert [found.status.page_id for found in await queue.store.get("out-1")] == [PAGE, "999"]


async def test_without_a_page_at_most_two_messages_of_an_id_are_told(queue: OutboundQueue) -> None:
    for page_id in ("3", "1", "2"):
        await queue.accept(page_id=page_id)
    assert [found.status.page_id for found in await queue.store.get("out-1")] == ["1", "2"]


async def test_many_equal_calls_at_once_accept_one_message(queue: OutboundQueue) -> None:
    acceptances = await asyncio.gather(*(queue.accept(parts=2) for _ in range(20)))
    results = [acceptance.result for acceptance in acceptances]
    assert (results.count(AcceptResult.ACCEPTED), results.count(AcceptResult.REPEATED)) == (1, 19)
    assert len({acceptance.status for acceptance in acceptances}) == 1


async def test_many_messages_at_once_each_take_a_place_of_their_own(queue: OutboundQueue) -> None:
    await asyncio.gather(*(queue.accept(f"out-{number}", psid=f"P{number % 3}") for number in range(30)))
    columns = select(outbound_message.c.key_id, outbound_message.c.lane_position)
    places = await queue.database.read(lambda transaction: transaction.execute(columns).all())
    assert sorted(position for _, position in places) == sorted([*range(1, 11)] * 3)
    assert len(set(places)) == 30


async def test_lanes_keep_the_order_of_acceptance(queue: OutboundQueue) -> None:
    for name in ("c", "a", "b"):
        await queue.accept(name)
    await queue.own()
    order = []
    while (head := await queue.head()) is not None:
        order.append(head.cim_id)
        await queue.send(head.cim_id)
    assert order == ["c", "a", "b"]


async def test_several_accepted_at_once_take_the_places_they_would_take_one_after_the_other(
    queue: OutboundQueue,
) -> None:
    await queue.accept("a-1", psid="A")
    given = [("a-2", "A", 1), ("b-1", "B", 2), ("a-3", "A", 1), ("b-0", "B", 0), ("b-2", "B", 1), ("c-0", "C", 0)]
    offers = [an_offer(a_record(cim_id, psid=psid, parts=parts)) for cim_id, psid, parts in given]
    accepted = await queue.database.write(lambda transaction: acceptance.accept(transaction, offers))
    assert [(one.status.cim_id, one.result) for one in accepted] == [(cim_id, "ACCEPTED") for cim_id, *_ in given]
    assert [one.status for one in accepted] == [await queue.status(cim_id) for cim_id, *_ in given]
    columns = select(outbound_message.c.cim_id, outbound_message.c.lane_position)
    places = await queue.database.read(lambda transaction: transaction.execute(columns).all())
    assert {cim_id: place for cim_id, place in places if place > 1} == {"a-2": 2, "a-3": 3, "b-0": 2, "b-2": 3}


async def test_an_acceptance_tells_the_head_of_a_lane_that_was_empty(queue: OutboundQueue) -> None:
    await add_page(queue.database)
    await EventStore(queue.database).ingest([an_event(event_time_ms=NOW_MS - 5)], NOW_MS)
    first = await queue.accept(parts=2, quote_mid="m_q")
    assert first.head is not None
    assert first.head == await queue.head()
    assert (await queue.accept("out-2")).head is None
    await queue.own()
    for cim_id, index in (("out-1", 0), ("out-1", 1), ("out-2", 0)):
        await queue.send(cim_id, index)
    third = await queue.accept("out-3")
    assert third.head is not None
    assert third.head == await queue.head()


async def test_an_acceptance_tells_no_head_that_has_to_be_read(queue: OutboundQueue) -> None:
    assert (await queue.accept(quote_cim_id="in-1")).head is None
    assert (await queue.accept()).head is None
    assert (await queue.accept("nothing", psid="another", parts=0)).head is None
    assert (await queue.accept("something", psid="another")).head is not None


async def test_of_several_one_that_was_accepted_before_is_recognised(queue: OutboundQueue) -> None:
    await queue.accept()
    again = await asyncio.gather(*(queue.accept(f"out-{number}") for number in (1, 2, 1, 3)))
    assert [acceptance.result for acceptance in again] == ["REPEATED", "ACCEPTED", "REPEATED", "ACCEPTED"]


class Refused(Exception):  # noqa: N818 - says what it is
    pass


def refusing(record: OutboundRecord) -> Offer:
    """An offer that its window clock refuses, whatever it says."""

    def refuse(_: int | None) -> OutboundRecord:
        raise Refused

    return replace(an_offer(record), record=refuse)


async def test_what_is_to_be_stored_is_asked_for_with_the_window_clock_of_the_person(queue: OutboundQueue) -> None:
    await add_page(queue.database)
    await EventStore(queue.database).ingest([an_event(event_time_ms=NOW_MS - 5)], NOW_MS)
    clocks = []

    def noted(clock: int | None, record: OutboundRecord) -> OutboundRecord:
        clocks.append(clock)
        return record

    for cim_id, psid in (("out-1", PSID), ("out-2", "stranger")):
        record = a_record(cim_id, psid=psid)
        await queue.store.accept(replace(an_offer(record), record=partial(noted, record=record)))
    assert clocks == [NOW_MS - 5, None]


async def test_an_offer_that_is_refused_leaves_nothing_and_takes_no_other_with_it(queue: OutboundQueue) -> None:
    refused = queue.store.accept(refusing(a_record("out-2")))
    results = await asyncio.gather(queue.accept("out-1"), refused, queue.accept("out-3"), return_exceptions=True)
    assert [type(result) for result in results] == [Acceptance, Refused, Acceptance]
    assert await queue.store.get("out-2") == ()


async def test_a_message_that_is_known_is_not_asked_for(queue: OutboundQueue) -> None:
    acceptance = await queue.accept()
    again = await queue.store.accept(refusing(a_record()))
    assert (again.result, again.status) == (AcceptResult.REPEATED, acceptance.status)


async def test_the_window_clock_of_an_accepted_message_is_the_present_one(queue: OutboundQueue) -> None:
    await add_page(queue.database)
    await EventStore(queue.database).ingest([an_event("m_1", event_time_ms=NOW_MS - 50)], NOW_MS)
    assert (await queue.accept()).status.last_customer_action_ms == NOW_MS - 50
    await EventStore(queue.database).ingest([an_event("m_2", event_time_ms=NOW_MS - 10)], NOW_MS)
    assert (await queue.status()).last_customer_action_ms == NOW_MS - 10


async def test_states_are_told_for_the_messages_that_exist(queue: OutboundQueue) -> None:
    for name in ("a", "b", "ignored"):
        await queue.accept(name, parts=0 if name == "ignored" else 2)
    names = ("b", "unknown", "a", "ignored")
    statuses = await queue.store.statuses(tuple(MessageKey(page_id=PAGE, cim_id=name) for name in names))
    assert {status.cim_id: len(status.parts) for status in statuses} == {"a": 2, "b": 2, "ignored": 0}
    assert await queue.store.statuses(()) == ()


async def test_what_the_database_refuses_is_not_stored_and_not_repeated_in_the_error(queue: OutboundQueue) -> None:
    record = a_record(message=b"CANARY", content_hash="CANARY")
    (part,) = record.parts
    doubled = replace(record, parts=(replace(part, payload=b"CANARY"), part))
    with pytest.raises(RowRefused) as refused:
        await queue.store.accept(an_offer(doubled))
    report = "".join(traceback.format_exception(refused.value))
    assert "CANARY" not in report
    assert await queue.store.get("out-1") == ()


async def test_what_was_done_at_once_is_stored_as_sent_and_holds_no_lane(queue: OutboundQueue) -> None:
    accepted = await queue.accept(parts=0, done=True)
    assert (accepted.status.state, accepted.status.open, accepted.status.parts) == (MessageState.SENT, False, ())
    assert await queue.status() == accepted.status
    assert [(entry.state, entry.detail) for entry in await queue.history()] == [("SENT", "Done at once.")]


async def test_a_messages_first_mid_is_found_by_its_id(queue: OutboundQueue) -> None:
    await queue.accept(parts=2)
    await queue.own()
    assert await queue.store.find_mid(PAGE, "out-1") == ""
    await queue.send(index=0)
    await queue.send(index=1)
    assert await queue.store.find_mid(PAGE, "out-1") == "m_out-1.0"
    assert await queue.store.find_mid("1", "out-1") == ""
