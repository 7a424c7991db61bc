from __future__ import annotations

from collections.abc import Callable

import pytest

from facebook_connector.sending.failures import cancelled
from facebook_connector.sending.values import MessageKey, MessageState, PartState, SendOrigin
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.outbound.decisions import (
    Cancelled,
    Chosen,
    Decided,
    call_sent,
    cancel,
    resend,
    retry,
)
from tests.support.inbound_records import PAGE, PSID, add_page
from tests.support.outbound_queue import OutboundQueue

SENT, UNCERTAIN, FAILED, QUEUED = PartState.SENT, PartState.UNCERTAIN, PartState.FAILED, PartState.QUEUED
FAILURE = cancelled("anna")


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    await add_page(database)
    return OutboundQueue(database)


async def decide(
    queue: OutboundQueue, decision: Callable[[Transaction, MessageKey, int], Decided | None], cim_id: str = "out-1"
) -> Decided | None:
    key, now_ms = MessageKey(page_id=PAGE, cim_id=cim_id), queue.tick()
    return await queue.database.write(lambda transaction: decision(transaction, key, now_ms))


async def try_again(queue: OutboundQueue, cim_id: str = "out-1", ttl_ms: int | None = None) -> Decided | None:
    return await decide(queue, lambda transaction, key, now_ms: retry(transaction, key, now_ms, ttl_ms), cim_id)


async def call_off(queue: OutboundQueue, **conditions: object) -> Cancelled:
    chosen, now_ms = Chosen(page_id=PAGE, **conditions), queue.tick()  # type: ignore[arg-type]
    return await queue.database.write(lambda transaction: cancel(transaction, chosen, FAILURE, now_ms))


async def failed(queue: OutboundQueue, cim_id: str = "out-1", *, parts: int = 1, at: int = 0) -> None:
    await queue.accept(cim_id, parts=parts)
    if not queue.lease.epoch:
        await queue.own()
    for index in range(at):
        await queue.send(cim_id, index)
    assert await queue.begin(cim_id, at)
    await queue.settle(FAILED, cim_id, at)


async def order(queue: OutboundQueue) -> list[str]:
    """Sends everything; which parts left in which order."""
    sent = []
    while (head := await queue.head()) is not None:
        part = next(part for part in head.parts if part.state is QUEUED)
        sent.append(f"{head.cim_id}.{part.index}")
        await queue.send(head.cim_id, part.index)
    return sent


# Retrying


async def test_a_failed_message_goes_on_at_its_first_part_that_was_not_sent(queue: OutboundQueue) -> None:
    await failed(queue, parts=3, at=1)
    decided = await try_again(queue)
    assert decided is not None
    assert (decided.done, decided.status.state, decided.status.failure) == (True, MessageState.QUEUED, None)
    assert decided.status == await queue.status()
    assert await order(queue) == ["out-1.1", "out-1.2"]
    assert (await queue.status()).state is MessageState.SENT


async def test_it_goes_to_the_end_of_its_lane_with_a_new_time_to_live(queue: OutboundQueue) -> None:
    await failed(queue)
    await queue.accept("out-2")
    decided = await try_again(queue, ttl_ms=60_000)
    assert decided is not None
    assert decided.status.expire_time_ms == queue.now_ms + 60_000
    assert await order(queue) == ["out-2.0", "out-1.0"]


async def test_without_a_time_to_live_it_has_that_of_its_origin(queue: OutboundQueue) -> None:
    await queue.accept(origin=SendOrigin.BOT)
    await queue.own()
    await queue.begin()
    await queue.settle(FAILED)
    decided = await try_again(queue)
    assert decided is not None
    assert decided.status.expire_time_ms == queue.now_ms + 15 * 60_000


async def test_only_a_failed_message_is_tried_again(queue: OutboundQueue) -> None:
    await queue.accept()
    before = await queue.status()
    assert await try_again(queue) == Decided(status=before, done=False)
    assert await try_again(queue, "unknown") is None


async def test_a_message_without_parts_has_nothing_to_try(queue: OutboundQueue) -> None:
    await queue.accept(parts=0)
    decided = await try_again(queue)
    assert decided is not None
    assert not decided.done


async def test_a_message_whose_content_was_erased_has_nothing_to_try(queue: OutboundQueue) -> None:
    await queue.accept(message=b"")
    await queue.own()
    await queue.begin()
    await queue.settle(FAILED)
    decided = await try_again(queue)
    assert decided is not None
    assert not decided.done


# Deciding what nobody knows


async def test_what_the_customer_has_counts_as_sent(queue: OutboundQueue) -> None:
    await queue.in_doubt()
    decided = await decide(queue, call_sent)
    assert decided is not None
    assert (decided.status.state, decided.status.open, decided.status.parts[0].mid) == (MessageState.SENT, False, "")
    assert await queue.head() is None


async def test_what_follows_a_part_at_the_head_keeps_its_place(queue: OutboundQueue) -> None:
    await queue.in_doubt(parts=2)
    await queue.accept("out-2")
    await decide(queue, call_sent)
    assert await order(queue) == ["out-1.1", "out-2.0"]


async def test_what_follows_a_part_that_was_given_up_goes_to_the_end(queue: OutboundQueue) -> None:
    await queue.in_doubt(parts=2)
    await queue.accept("out-2")
    await queue.close()
    await decide(queue, call_sent)
    assert await order(queue) == ["out-2.0", "out-1.1"]


@pytest.mark.parametrize("given_up", [False, True])
async def test_what_the_customer_lacks_is_sent_at_the_end(queue: OutboundQueue, given_up: bool) -> None:
    await queue.in_doubt()
    await queue.accept("out-2")
    if given_up:
        await queue.close()
    decided = await decide(queue, resend)
    assert decided is not None
    assert (decided.status.state, decided.status.failure) == (MessageState.QUEUED, None)
    assert await order(queue) == ["out-2.0", "out-1.0"]


@pytest.mark.parametrize("decision", [call_sent, resend])
async def test_only_an_uncertain_message_is_decided_about(
    queue: OutboundQueue, decision: Callable[[Transaction, MessageKey, int], Decided | None]
) -> None:
    await failed(queue)
    before = await queue.status()
    assert await decide(queue, decision) == Decided(status=before, done=False)
    assert await decide(queue, decision, "unknown") is None


# Calling off


async def test_what_waits_is_cancelled(queue: OutboundQueue) -> None:
    await queue.accept("out-1")
    await queue.accept("out-2", parts=2)
    assert await call_off(queue) == Cancelled(cancelled=2, in_flight=0)
    assert (await queue.status("out-2")).failure == FAILURE
    assert await queue.head() is None
    assert await call_off(queue) == Cancelled(cancelled=0, in_flight=0)


@pytest.mark.parametrize("uncertain", [False, True])
async def test_a_last_part_that_is_under_way_is_left_alone(queue: OutboundQueue, uncertain: bool) -> None:
    await queue.accept(parts=2)
    await queue.own()
    await queue.send()
    await queue.begin(index=1)
    if uncertain:
        await queue.settle(UNCERTAIN, index=1)
    assert await call_off(queue) == Cancelled(cancelled=0, in_flight=1)
    assert (await queue.settle(SENT, index=1)).state is MessageState.SENT


async def test_the_parts_after_one_that_is_under_way_are_cancelled(queue: OutboundQueue) -> None:
    await queue.accept(parts=3)
    await queue.own()
    await queue.begin()
    assert await call_off(queue) == Cancelled(cancelled=1, in_flight=0)
    status = await queue.settle(SENT)
    assert (status.state, status.open, status.failure) == (MessageState.FAILED, False, FAILURE)
    assert [part.state for part in status.parts] == [SENT, FAILED, QUEUED]
    assert not await queue.begin(index=2)


@pytest.mark.parametrize(
    ("conditions", "left"),
    [
        ({"psid": PSID}, ["other"]),
        ({"psid": "1"}, ["human", "bot", "other"]),
        ({"ids": ("bot", "unknown")}, ["human", "other"]),
        ({"origin": SendOrigin.BOT}, ["human", "other"]),
        ({"accepted_before_ms": 0}, ["human", "bot", "other"]),
        ({"origin": SendOrigin.HUMAN, "psid": PSID}, ["bot", "other"]),
    ],
)
async def test_conditions_choose_what_is_cancelled(
    queue: OutboundQueue, conditions: dict[str, object], left: list[str]
) -> None:
    await queue.accept("human")
    await queue.accept("bot", origin=SendOrigin.BOT)
    await queue.accept("other", psid="700100200300999")
    await call_off(queue, **conditions)
    assert [name for name in ("human", "bot", "other") if (await queue.status(name)).open] == left


async def test_another_page_is_left_alone(queue: OutboundQueue) -> None:
    await queue.accept()
    chosen = Chosen(page_id="999")
    done = await queue.database.write(lambda transaction: cancel(transaction, chosen, FAILURE, queue.tick()))
    assert done == Cancelled(cancelled=0, in_flight=0)
