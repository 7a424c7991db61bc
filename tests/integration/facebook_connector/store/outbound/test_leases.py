from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from facebook_connector.sending.values import PageLease, PartState
from facebook_connector.store.database import Database, open_database
from facebook_connector.store.migrate import prepare
from tests.support.inbound_records import NOW_MS, PAGE
from tests.support.outbound_queue import LEASE_MS, OutboundQueue

UNTIL_MS = NOW_MS + LEASE_MS
LATER_MS = UNTIL_MS + 1


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    """A queue with one message of two parts."""
    queue = OutboundQueue(database)
    await queue.accept(parts=2)
    return queue


@pytest.fixture
async def shared(postgresql_url: str) -> AsyncIterator[OutboundQueue]:
    """The same on the engine that several servers may use."""
    async with open_database(postgresql_url) as opened:
        queue = OutboundQueue(opened)
        await queue.accept(parts=2)
        yield queue


async def take_over(queue: OutboundQueue) -> tuple[PageLease, PageLease]:
    """Takes the page for another server once its owner says nothing more; both leases, the old one first."""
    old = queue.lease
    queue.now_ms = LATER_MS + 60_000
    return old, await queue.own("server-2")


async def test_a_page_with_an_open_message_is_taken(queue: OutboundQueue) -> None:
    (lease,) = await queue.store.acquire_pages("server-1", NOW_MS, UNTIL_MS)
    assert lease == PageLease(page_id=PAGE, owner="server-1", epoch=1, until_ms=UNTIL_MS)


async def test_pages_without_open_messages_are_nobodys(queue: OutboundQueue) -> None:
    await queue.own()
    await queue.send(index=0)
    await queue.send(index=1)
    await queue.store.release_pages((queue.lease,), NOW_MS)
    await queue.accept("ignored", page_id="999", parts=0)
    assert await queue.store.acquire_pages("server-2", LATER_MS, LATER_MS) == ()


async def test_what_is_held_already_is_not_taken_again(queue: OutboundQueue) -> None:
    await queue.own()
    assert await queue.store.acquire_pages("server-1", UNTIL_MS - 1, LATER_MS) == ()


async def test_a_lease_whose_owner_does_not_know_of_it_is_taken_anew_when_it_ends(queue: OutboundQueue) -> None:
    await queue.own()
    (lease,) = await queue.store.acquire_pages("server-1", UNTIL_MS, LATER_MS)
    assert (lease.owner, lease.epoch) == ("server-1", 2)


async def test_only_new_pages_are_told(queue: OutboundQueue) -> None:
    await queue.own()
    for page_id in ("777", "999", "888"):
        await queue.accept(page_id=page_id)
    leases = await queue.store.acquire_pages("server-1", NOW_MS, UNTIL_MS)
    assert [lease.page_id for lease in leases] == ["777", "888", "999"]


async def test_a_page_of_another_server_is_left_to_it(shared: OutboundQueue) -> None:
    await shared.own()
    assert await shared.store.acquire_pages("server-2", UNTIL_MS - 1, LATER_MS) == ()


async def test_a_page_whose_owner_is_silent_is_taken_over(shared: OutboundQueue) -> None:
    await shared.own()
    (lease,) = await shared.store.acquire_pages("server-2", UNTIL_MS, LATER_MS)
    assert (lease.owner, lease.epoch) == ("server-2", 2)


async def test_alone_on_its_database_a_server_takes_what_an_earlier_one_held(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as opened:
        await prepare(opened)
        queue = OutboundQueue(opened)
        await queue.accept()
        await queue.own()
        await queue.begin()
    async with open_database(sqlite_url) as opened:
        queue = OutboundQueue(opened)
        lease = await queue.own("server-2")
        assert (lease.owner, lease.epoch) == ("server-2", 2)
        assert await queue.part_states() == ["UNCERTAIN"]


async def test_a_page_given_back_is_taken_at_once(queue: OutboundQueue) -> None:
    old = await queue.own()
    await queue.store.release_pages((old,), NOW_MS)
    lease = await queue.own("server-2")
    assert (lease.owner, lease.epoch) == ("server-2", 2)


async def test_a_renewed_lease_lasts_longer(shared: OutboundQueue) -> None:
    await shared.own()
    (renewed,) = await shared.store.renew_pages((shared.lease,), NOW_MS, LATER_MS + LEASE_MS)
    assert renewed == replace(shared.lease, until_ms=LATER_MS + LEASE_MS)
    assert await shared.store.acquire_pages("server-2", LATER_MS, LATER_MS) == ()


async def test_a_lease_that_ended_is_renewed_while_nobody_took_the_page(queue: OutboundQueue) -> None:
    await queue.own()
    renewed = await queue.store.renew_pages((queue.lease,), LATER_MS, LATER_MS + LEASE_MS)
    assert [lease.until_ms for lease in renewed] == [LATER_MS + LEASE_MS]


async def test_a_lost_lease_is_missing_in_the_renewal(shared: OutboundQueue) -> None:
    old = await shared.own()
    await shared.accept(page_id="999")
    (kept,) = await shared.store.acquire_pages("server-1", NOW_MS, LATER_MS)
    await shared.store.release_pages((old,), NOW_MS)
    await shared.own("server-2")
    renewed = await shared.store.renew_pages((old, kept), NOW_MS, LATER_MS)
    assert [lease.page_id for lease in renewed] == ["999"]


async def test_a_lost_lease_gives_nothing_back(queue: OutboundQueue) -> None:
    await queue.own()
    old, new = await take_over(queue)
    await queue.store.release_pages((old,), queue.now_ms)
    assert await queue.store.renew_pages((new,), queue.now_ms, queue.now_ms) != ()


# Taking over


async def test_a_call_that_was_on_its_way_is_uncertain_after_a_take_over(queue: OutboundQueue) -> None:
    await queue.own()
    await queue.begin()
    await take_over(queue)
    status = await queue.status()
    head = await queue.head()
    assert head is not None
    assert (status.state, status.open, status.failure) == ("UNCERTAIN", True, None)
    assert [part.state for part in status.parts] == ["UNCERTAIN", "QUEUED"]
    assert head.uncertain_since_ms == queue.now_ms
    assert (await queue.history())[-1].state == "UNCERTAIN"


async def test_only_calls_of_the_page_taken_over_become_uncertain(shared: OutboundQueue) -> None:
    await shared.own()
    await shared.accept("out-2", psid="another")
    await shared.accept(page_id="999")
    await shared.store.acquire_pages("server-1", NOW_MS, NOW_MS + 999_999)
    await shared.begin("out-1")
    await shared.begin("out-2")
    await shared.store.release_pages((shared.lease,), NOW_MS)
    (lease,) = await shared.store.acquire_pages("server-2", NOW_MS, UNTIL_MS)
    assert lease.page_id == PAGE
    assert await shared.part_states("out-1") == ["UNCERTAIN", "QUEUED"]
    assert await shared.part_states("out-2") == ["UNCERTAIN"]


async def test_a_part_that_only_waited_goes_on_waiting(queue: OutboundQueue) -> None:
    await queue.own()
    await queue.send(index=0)
    await take_over(queue)
    assert await queue.part_states() == ["SENT", "QUEUED"]
    assert await queue.begin(index=1)


async def test_an_earlier_owner_begins_nothing(queue: OutboundQueue) -> None:
    await queue.own()
    old, _ = await take_over(queue)
    assert not await queue.begin(lease=old)
    assert await queue.part_states() == ["QUEUED", "QUEUED"]


@pytest.mark.parametrize("state", [PartState.QUEUED, PartState.UNCERTAIN, PartState.FAILED])
async def test_an_earlier_owners_answer_counts_no_more(queue: OutboundQueue, state: PartState) -> None:
    await queue.own()
    await queue.begin()
    old, _ = await take_over(queue)
    before = await queue.status()
    assert await queue.settle(state, lease=old) == before


async def test_an_earlier_owner_does_not_settle_its_successors_call(queue: OutboundQueue) -> None:
    await queue.own()
    old, _ = await take_over(queue)
    await queue.begin()
    await queue.settle(PartState.QUEUED, lease=old)
    assert await queue.part_states() == ["SENDING", "QUEUED"]


async def test_what_an_earlier_owner_sent_is_sent(queue: OutboundQueue) -> None:
    await queue.own()
    await queue.begin()
    old, _ = await take_over(queue)
    status = await queue.settle(PartState.SENT, lease=old)
    assert (status.state, status.open) == ("QUEUED", True)
    assert [(part.state, part.mid) for part in status.parts] == [("SENT", "m_out-1.0"), ("QUEUED", "")]
    assert await queue.begin(index=1)
