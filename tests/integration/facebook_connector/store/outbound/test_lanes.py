"""What begins, settles and closes the parts of a message, under the locks of its lane."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from facebook_connector.sending.values import MessageState, PartBeginning, PartSettlement, PartState, SendWarning
from facebook_connector.store.database import Database
from facebook_connector.store.errors import StoreError
from facebook_connector.store.outbound import lanes
from facebook_connector.store.outbound.schema import outbound_part
from facebook_connector.store.schema import mid
from tests.support.inbound_records import NOW_MS, PAGE
from tests.support.outbound_queue import GIVEN_UP, REFUSED, OutboundQueue

QUOTE_DROPPED = SendWarning(code="QUOTE_DROPPED", detail="Sent without the quotation.", part_index=0)
TEXT_SPLIT = SendWarning(code="TEXT_SPLIT", detail="The text went out in parts.")
QUEUED, SENDING, SENT = PartState.QUEUED, PartState.SENDING, PartState.SENT
UNCERTAIN, FAILED = PartState.UNCERTAIN, PartState.FAILED


def beginning(queue: OutboundQueue, cim_id: str, *, epochs_ago: int = 0) -> PartBeginning:
    epoch = queue.lease.epoch - epochs_ago
    return PartBeginning(page_id=PAGE, cim_id=cim_id, index=0, epoch=epoch, now_ms=NOW_MS, detail="begun")


def settlement(queue: OutboundQueue, cim_id: str, state: PartState, *, mid: str = "") -> PartSettlement:
    return PartSettlement(
        page_id=PAGE, cim_id=cim_id, index=0, epoch=queue.lease.epoch, now_ms=NOW_MS, state=state, mid=mid, detail="d"
    )


# Several at once


async def test_of_several_that_begin_at_once_each_is_judged_alone(queue: OutboundQueue) -> None:
    await queue.accept("out-2", psid="another")
    given = [
        beginning(queue, "out-1"),
        beginning(queue, "out-2", epochs_ago=1),
        beginning(queue, "out-1"),
        beginning(queue, "unknown", epochs_ago=1),
    ]
    assert await queue.database.write(lambda transaction: lanes.begin_parts(transaction, given)) == [
        True,
        False,
        False,
        False,
    ]
    assert (await queue.part_states("out-1"), await queue.part_states("out-2")) == (["SENDING", "QUEUED"], ["QUEUED"])
    assert [entry.state for entry in await queue.history()] == ["QUEUED", "SENDING"]


async def test_of_several_that_are_settled_at_once_each_comes_out_as_it_would_alone(queue: OutboundQueue) -> None:
    for number, psid in enumerate(("A", "B", "C"), start=2):
        await queue.accept(f"out-{number}", psid=psid)
        await queue.begin(f"out-{number}")
    await queue.settle(SENT, "out-4", mid="m_4")
    given = [
        settlement(queue, "out-2", SENT, mid="m_2"),
        settlement(queue, "out-3", UNCERTAIN),
        settlement(queue, "out-4", UNCERTAIN),
    ]
    settled = await queue.database.write(lambda transaction: lanes.settle_parts(transaction, given))
    assert [(each.status.cim_id, each.status.state) for each in settled] == [
        ("out-2", "SENT"),
        ("out-3", "UNCERTAIN"),
        ("out-4", "SENT"),
    ]
    assert [each.status for each in settled] == [await queue.status(f"out-{number}") for number in (2, 3, 4)]


async def test_a_settlement_tells_whether_the_lane_has_another_message(queue: OutboundQueue) -> None:
    for cim_id, psid in (("out-2", "A"), ("out-3", "A"), ("out-4", "B")):
        await queue.accept(cim_id, psid=psid)
    for cim_id in ("out-2", "out-4", "out-3"):
        await queue.begin(cim_id)
    answers = [
        await queue.store.settle_part(settlement(queue, cim_id, SENT, mid=f"m_{cim_id}"))
        for cim_id in ("out-2", "out-4", "out-3")
    ]
    assert [(answer.status.cim_id, answer.followed) for answer in answers] == [
        ("out-2", True),
        ("out-4", False),
        ("out-3", False),
    ]


# Beginning a call


async def test_a_begun_part_is_sending(queue: OutboundQueue) -> None:
    assert await queue.begin()
    status = await queue.status()
    assert ([part.state for part in status.parts], status.state, status.open) == (["SENDING", "QUEUED"], "QUEUED", True)


@pytest.mark.parametrize("difference", [-1, 1])
async def test_only_the_present_epoch_begins(queue: OutboundQueue, difference: int) -> None:
    other = replace(queue.lease, epoch=queue.lease.epoch + difference)
    assert not await queue.begin(lease=other)
    assert await queue.part_states() == ["QUEUED", "QUEUED"]


async def test_nothing_begins_on_a_page_that_nobody_ever_owned(database: Database) -> None:
    queue = OutboundQueue(database)
    await queue.accept()
    assert not await queue.begin()


@pytest.mark.parametrize("state", [SENT, UNCERTAIN, FAILED])
async def test_only_a_waiting_part_begins(queue: OutboundQueue, state: PartState) -> None:
    await queue.begin()
    assert not await queue.begin()
    await queue.settle(state)
    assert not await queue.begin()
    assert (await queue.part_states())[0] == state


async def test_nothing_of_a_closed_message_begins(queue: OutboundQueue) -> None:
    await queue.close()
    assert not await queue.begin()
    assert await queue.part_states() == ["QUEUED", "QUEUED"]


async def test_one_message_has_one_call_on_its_way(queue: OutboundQueue) -> None:
    await queue.begin(index=0)
    with pytest.raises(StoreError, match="breaks a rule"):
        await queue.begin(index=1)
    assert await queue.part_states() == ["SENDING", "QUEUED"]


async def test_messages_of_other_lanes_are_on_their_way_beside(queue: OutboundQueue) -> None:
    await queue.accept("out-2", psid="another")
    assert await queue.begin("out-1")
    assert await queue.begin("out-2")


@pytest.mark.parametrize(("cim_id", "index"), [("unknown", 0), ("out-1", 2)])
async def test_what_does_not_exist_is_a_defect(queue: OutboundQueue, cim_id: str, index: int) -> None:
    with pytest.raises(StoreError):
        await queue.begin(cim_id, index)
    with pytest.raises(StoreError):
        await queue.settle(SENT, cim_id, index)


# Settling it


async def test_when_all_parts_are_sent_the_message_is(queue: OutboundQueue) -> None:
    first = await queue.send(index=0)
    assert (first.state, first.open, first.update_time_ms) == ("QUEUED", True, NOW_MS)
    second = await queue.send(index=1)
    assert (second.state, second.open, second.update_time_ms) == ("SENT", False, queue.now_ms)
    assert [part.mid for part in second.parts] == ["m_out-1.0", "m_out-1.1"]


async def test_settling_tells_the_state_that_stands(queue: OutboundQueue) -> None:
    await queue.begin()
    for state in (UNCERTAIN, SENT):
        assert await queue.settle(state, warnings=(QUOTE_DROPPED,)) == await queue.status()


async def test_a_part_that_is_to_be_tried_again_waits_for_its_time(queue: OutboundQueue) -> None:
    await queue.begin()
    await queue.settle(QUEUED, attempts=2, retry_at_ms=NOW_MS + 9_000)
    head = await queue.head()
    assert head is not None
    assert (head.retry_at_ms, head.parts[0].attempts, head.parts[0].state) == (NOW_MS + 9_000, 2, "QUEUED")
    assert await queue.begin()
    await queue.settle(QUEUED, attempts=2)
    head = await queue.head()
    assert head is not None
    assert (head.retry_at_ms, head.parts[0].attempts) == (0, 2)


async def test_a_failed_part_ends_its_message_with_its_failure(queue: OutboundQueue) -> None:
    await queue.begin()
    status = await queue.settle(FAILED)
    assert (status.state, status.open, status.failure) == ("FAILED", False, REFUSED)
    assert [part.state for part in status.parts] == ["FAILED", "QUEUED"]
    assert await queue.head() is None


async def test_an_uncertain_part_holds_the_lane(queue: OutboundQueue) -> None:
    await queue.begin()
    status = await queue.settle(UNCERTAIN)
    head = await queue.head()
    assert head is not None
    assert (status.state, status.open, status.failure) == ("UNCERTAIN", True, None)
    assert (head.cim_id, head.uncertain_since_ms) == ("out-1", queue.now_ms)


async def test_warnings_are_told_once(queue: OutboundQueue) -> None:
    await queue.accept("out-2", warnings=(TEXT_SPLIT,), psid="another")
    for _ in range(2):
        await queue.begin("out-2")
        await queue.settle(QUEUED, "out-2", warnings=(TEXT_SPLIT, QUOTE_DROPPED))
    assert (await queue.status("out-2")).warnings == (TEXT_SPLIT, QUOTE_DROPPED)


async def test_a_sent_part_is_found_by_its_messenger_id(queue: OutboundQueue) -> None:
    await queue.send(index=0)
    await queue.send(index=1)
    columns = select(mid.c.mid, mid.c.part, mid.c.cim_id, mid.c.direction).order_by(mid.c.part)
    rows = await queue.database.read(lambda transaction: transaction.execute(columns).all())
    assert [tuple(row) for row in rows] == [("m_out-1.0", 0, "out-1", "OUT"), ("m_out-1.1", 1, "out-1", "OUT")]


async def test_calls_are_counted_and_the_time_of_sending_is_kept(queue: OutboundQueue) -> None:
    await queue.begin()
    await queue.settle(QUEUED, attempts=0)
    await queue.send(index=0)
    columns = select(outbound_part.c.calls, outbound_part.c.attempts, outbound_part.c.sent_time_ms).limit(1)
    row = await queue.database.read(
        lambda transaction: transaction.execute(columns.order_by(outbound_part.c.part_index)).one()
    )
    assert tuple(row) == (2, 0, queue.now_ms)


@pytest.mark.parametrize("state", [QUEUED, UNCERTAIN, FAILED])
async def test_only_a_call_on_its_way_is_settled_otherwise_than_sent(queue: OutboundQueue, state: PartState) -> None:
    before = await queue.status()
    assert await queue.settle(state) == before


@pytest.mark.parametrize("state", [QUEUED, UNCERTAIN, FAILED])
async def test_what_facebook_took_stays_taken(queue: OutboundQueue, state: PartState) -> None:
    await queue.send()
    before = await queue.status()
    assert await queue.settle(state) == before


# Closing


async def test_a_message_that_is_given_up_fails_and_frees_its_lane(queue: OutboundQueue) -> None:
    await queue.accept("out-2")
    status = await queue.close()
    head = await queue.head()
    assert head is not None
    assert (status.state, status.open, status.failure, head.cim_id) == ("FAILED", False, GIVEN_UP, "out-2")
    assert status == await queue.status()


async def test_an_uncertain_message_that_is_given_up_stays_uncertain(queue: OutboundQueue) -> None:
    await queue.begin()
    await queue.settle(UNCERTAIN)
    status = await queue.close()
    assert (status.state, status.open, status.failure) == (MessageState.UNCERTAIN, False, GIVEN_UP)
    assert [part.state for part in status.parts] == ["UNCERTAIN", "QUEUED"]


async def test_a_message_with_a_call_on_its_way_is_not_closed(queue: OutboundQueue) -> None:
    await queue.begin()
    status = await queue.close()
    assert (status.state, status.open, status.failure) == ("QUEUED", True, None)


async def test_only_the_present_epoch_closes(queue: OutboundQueue) -> None:
    old = queue.lease
    await queue.store.release_pages((old,), queue.now_ms)
    await queue.own("server-2")
    assert (await queue.close(lease=old)).open
    assert not (await queue.close()).open


async def test_a_closed_message_keeps_its_failure(queue: OutboundQueue) -> None:
    closed = await queue.close()
    assert await queue.close(failure=REFUSED) == closed
    assert await queue.status() == closed


# The past


async def test_the_history_tells_all_changes_in_their_order(queue: OutboundQueue) -> None:
    await queue.begin()
    await queue.settle(QUEUED)
    await queue.send(index=0)
    await queue.close()
    history = await queue.history()
    assert [(entry.time_ms - NOW_MS, entry.part_index, entry.state, entry.detail) for entry in history] == [
        (0, None, "QUEUED", "Accepted."),
        (1000, 0, "SENDING", "begun"),
        (2000, 0, "QUEUED", "settled QUEUED"),
        (3000, 0, "SENDING", "begun"),
        (4000, 0, "SENT", "settled SENT"),
        (5000, None, "FAILED", "Nobody knows."),
    ]


async def test_what_was_refused_leaves_no_trace_in_the_history(queue: OutboundQueue) -> None:
    await queue.settle(FAILED)
    await queue.settle(QUEUED)
    assert len(await queue.history()) == 1


# Before the call


async def test_a_part_is_put_off_before_any_call_was_made_for_it(queue: OutboundQueue) -> None:
    status = await queue.settle_unsent(QUEUED, attempts=2, retry_at_ms=NOW_MS + 9)
    assert (status.state, status.open) == (MessageState.QUEUED, True)
    head = await queue.head()
    assert head is not None
    assert (head.retry_at_ms, head.parts[0].state, head.parts[0].attempts) == (NOW_MS + 9, "QUEUED", 2)
    assert (await queue.history())[-1].detail == "not sent"


async def test_a_part_that_cannot_even_be_tried_fails_its_message(queue: OutboundQueue) -> None:
    status = await queue.settle_unsent(FAILED, failure=REFUSED)
    assert (status.state, status.open, status.failure) == (MessageState.FAILED, False, REFUSED)
    assert await queue.part_states() == ["FAILED", "QUEUED"]


async def test_what_is_begun_or_no_longer_ours_is_left_alone(queue: OutboundQueue) -> None:
    old = queue.lease
    await queue.begin()
    await queue.settle_unsent(FAILED, failure=REFUSED)
    assert await queue.part_states() == ["SENDING", "QUEUED"]
    await queue.settle(QUEUED)
    await queue.settle_unsent(FAILED, failure=REFUSED, lease=replace(old, epoch=old.epoch + 1))
    assert await queue.part_states() == ["QUEUED", "QUEUED"]
