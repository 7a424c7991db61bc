from __future__ import annotations

import pytest

from facebook_connector.sending.values import Failure, OutboundStatus, PageLease, PartState
from facebook_connector.store.database import Database
from tests.support.inbound_records import NOW_MS, PAGE
from tests.support.outbound_queue import LEASE_MS, TTL_MS, OutboundQueue

DUE_MS = NOW_MS + TTL_MS


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    """A queue with one message of two parts that is due at `DUE_MS`, whose page is owned."""
    queue = OutboundQueue(database)
    await queue.accept(parts=2)
    await queue.own()
    return queue


async def expire(
    queue: OutboundQueue, now_ms: int = DUE_MS, *leases: PageLease, limit: int = 100
) -> tuple[OutboundStatus, ...]:
    return await queue.store.expire_due(leases or (queue.lease,), now_ms, limit)


async def test_a_message_past_its_time_fails(queue: OutboundQueue) -> None:
    (status,) = await expire(queue)
    assert (status.state, status.open, status.update_time_ms) == ("FAILED", False, DUE_MS)
    assert isinstance(status.failure, Failure)
    assert (status.failure.reason, status.failure.metadata) == ("EXPIRED", {"expire_time": "2026-11-10T09:40:00Z"})
    assert status == await queue.status()
    assert await queue.head() is None


async def test_a_message_in_its_time_stays(queue: OutboundQueue) -> None:
    assert await expire(queue, DUE_MS - 1) == ()
    assert (await queue.status()).open


async def test_the_history_says_that_it_expired(queue: OutboundQueue) -> None:
    await expire(queue)
    entry = (await queue.history())[-1]
    assert (entry.part_index, entry.state, entry.time_ms) == (None, "FAILED", DUE_MS)
    assert "time to live" in entry.detail


async def test_what_has_expired_expires_once(queue: OutboundQueue) -> None:
    await expire(queue)
    past = await queue.history()
    assert await expire(queue) == ()
    assert await queue.history() == past


async def test_the_rest_of_a_message_expires(queue: OutboundQueue) -> None:
    await queue.send(index=0)
    (status,) = await expire(queue)
    assert [part.state for part in status.parts] == ["SENT", "QUEUED"]
    assert status.state == "FAILED"


@pytest.mark.parametrize("state", ["SENDING", "UNCERTAIN"])
async def test_a_message_that_may_have_reached_the_customer_does_not_expire(queue: OutboundQueue, state: str) -> None:
    await queue.begin()
    if state == "UNCERTAIN":
        await queue.settle(PartState.UNCERTAIN)
    before = await queue.status()
    assert await expire(queue) == ()
    assert await queue.status() == before


async def test_only_the_present_owner_lets_messages_expire(queue: OutboundQueue) -> None:
    old = queue.lease
    await queue.store.release_pages((old,), NOW_MS)
    await queue.own("server-2")
    assert await expire(queue, DUE_MS, old) == ()
    assert len(await expire(queue)) == 1


async def test_pages_of_others_are_left_alone(queue: OutboundQueue) -> None:
    await queue.accept(page_id="999")
    await queue.accept(page_id="888")
    leases = await queue.store.acquire_pages("server-1", NOW_MS, NOW_MS + LEASE_MS)
    of_999 = next(lease for lease in leases if lease.page_id == "999")
    expired = await expire(queue, DUE_MS, queue.lease, of_999)
    assert {status.page_id for status in expired} == {PAGE, "999"}


async def test_what_is_due_longest_expires_first(queue: OutboundQueue) -> None:
    for number in range(1, 5):
        await queue.accept(f"due-{number}", psid=f"P{number}", expire_time_ms=DUE_MS - number)
    assert {status.cim_id for status in await expire(queue, limit=2)} == {"due-4", "due-3"}
    assert len(await expire(queue, limit=100)) == 3
