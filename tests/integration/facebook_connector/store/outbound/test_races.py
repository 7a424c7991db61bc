"""Two servers on one PostgreSQL that change the same outbound messages at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from facebook_connector.sending.values import PartBeginning, PartSettlement, PartState
from facebook_connector.store.database import open_database
from facebook_connector.store.outbound import acceptance, lanes
from facebook_connector.store.outbound.page_leases import Claimant, acquire
from tests.support.inbound_records import NOW_MS, PAGE
from tests.support.interleaving import Held, waits_for_a_lock
from tests.support.outbound_queue import LEASE_MS, TTL_MS, OutboundQueue, a_record, an_offer

LATER_MS = NOW_MS + LEASE_MS
SENT, UNCERTAIN, QUEUED = PartState.SENT, PartState.UNCERTAIN, PartState.QUEUED


@pytest.fixture
async def queue(postgresql_url: str) -> AsyncIterator[OutboundQueue]:
    async with open_database(postgresql_url) as opened:
        yield OutboundQueue(opened)


@pytest.fixture
async def other(postgresql_url: str) -> AsyncIterator[OutboundQueue]:
    """The same queue as another server sees it."""
    async with open_database(postgresql_url) as opened:
        yield OutboundQueue(opened)


async def start(queue: OutboundQueue, other: OutboundQueue, *, parts: int = 1) -> None:
    """Accepts a message and takes the page; both servers make their calls under that lease."""
    await queue.accept(parts=parts)
    other.lease = await queue.own()


def beginning(queue: OutboundQueue) -> PartBeginning:
    epoch = queue.lease.epoch
    return PartBeginning(page_id=PAGE, cim_id="out-1", index=0, epoch=epoch, now_ms=NOW_MS, detail="begun")


def settlement(queue: OutboundQueue, state: PartState) -> PartSettlement:
    epoch = queue.lease.epoch
    return PartSettlement(
        page_id=PAGE, cim_id="out-1", index=0, epoch=epoch, now_ms=NOW_MS, state=state, detail=f"settled {state.value}"
    )


def claimant(owner: str = "server-2") -> Claimant:
    return Claimant(owner=owner, alone=False, now_ms=LATER_MS, until_ms=LATER_MS + LEASE_MS)


async def lane_of(queue: OutboundQueue) -> list[str]:
    """Sends everything; the messages in the order of their lane."""
    await queue.own()
    order = []
    while (head := await queue.head()) is not None:
        order.append(head.cim_id)
        await queue.send(head.cim_id)
    return order


# Acceptance


async def test_who_takes_the_first_place_is_seen_first(queue: OutboundQueue, other: OutboundQueue) -> None:
    async with Held(
        queue.database, lambda transaction: acceptance.accept(transaction, [an_offer(a_record("first"))])[0]
    ) as first:
        second = asyncio.create_task(other.accept("second"))
        await waits_for_a_lock(queue.database, second)
        await first.commit()
        await second
        assert await lane_of(queue) == ["first", "second"]


async def test_the_place_of_an_acceptance_that_was_undone_goes_to_the_next(
    queue: OutboundQueue, other: OutboundQueue
) -> None:
    async with Held(
        queue.database, lambda transaction: acceptance.accept(transaction, [an_offer(a_record("first"))])[0]
    ) as first:
        second = asyncio.create_task(other.accept("second"))
        await waits_for_a_lock(queue.database, second)
        await first.undo()
        assert (await second).result == "ACCEPTED"
        assert await lane_of(queue) == ["second"]


async def test_lanes_of_other_people_do_not_wait(queue: OutboundQueue, other: OutboundQueue) -> None:
    async with Held(
        queue.database, lambda transaction: acceptance.accept(transaction, [an_offer(a_record("first"))])[0]
    ) as first:
        await other.accept("second", psid="another")
        await first.commit()


@pytest.mark.parametrize(("content_hash", "result"), [("1:out-1", "REPEATED"), ("1:other", "CONFLICT")])
async def test_one_id_accepted_for_two_people_at_once_is_accepted_once(
    queue: OutboundQueue, other: OutboundQueue, content_hash: str, result: str
) -> None:
    async with Held(
        queue.database, lambda transaction: acceptance.accept(transaction, [an_offer(a_record())])[0]
    ) as first:
        second = asyncio.create_task(other.accept(psid="another", content_hash=content_hash))
        await waits_for_a_lock(queue.database, second)
        accepted = await first.commit()
        assert ((await second).result, (await second).status) == (result, accepted.status)


async def test_an_id_whose_first_acceptance_was_undone_is_free(queue: OutboundQueue, other: OutboundQueue) -> None:
    async with Held(
        queue.database, lambda transaction: acceptance.accept(transaction, [an_offer(a_record())])[0]
    ) as first:
        second = asyncio.create_task(other.accept(psid="another", content_hash="1:other"))
        await waits_for_a_lock(queue.database, second)
        await first.undo()
        assert ((await second).result, (await second).status.psid) == ("ACCEPTED", "another")


# Ownership


async def test_a_call_begun_while_the_page_is_taken_over_is_uncertain(
    queue: OutboundQueue, other: OutboundQueue
) -> None:
    await start(queue, other)
    async with Held(queue.database, lambda transaction: lanes.begin_parts(transaction, [beginning(queue)])[0]) as begun:
        taking = asyncio.create_task(other.database.write(lambda transaction: acquire(transaction, claimant())))
        await waits_for_a_lock(queue.database, taking)
        assert await begun.commit()
        assert [lease.epoch for lease in await taking] == [2]
        assert await queue.part_states() == ["UNCERTAIN"]


async def test_nothing_begins_once_the_page_is_taken_over(queue: OutboundQueue, other: OutboundQueue) -> None:
    await start(queue, other)
    async with Held(other.database, lambda transaction: acquire(transaction, claimant())) as taken:
        begun = asyncio.create_task(queue.begin())
        await waits_for_a_lock(queue.database, begun)
        await taken.commit()
        assert not await begun
        assert await queue.part_states() == ["QUEUED"]


async def test_a_message_that_begins_while_the_page_is_taken_over_is_uncertain(
    queue: OutboundQueue, other: OutboundQueue
) -> None:
    await start(queue, other)
    offer = queue.starting(a_record("out-2", psid="another"))
    async with Held(queue.database, lambda transaction: acceptance.accept(transaction, [offer])[0]) as accepted:
        taking = asyncio.create_task(other.database.write(lambda transaction: acquire(transaction, claimant())))
        await waits_for_a_lock(queue.database, taking)
        assert (await accepted.commit()).begun is not None
        await taking
        assert await queue.part_states("out-2") == ["UNCERTAIN"]


async def test_a_message_accepted_once_the_page_is_taken_over_does_not_begin(
    queue: OutboundQueue, other: OutboundQueue
) -> None:
    await start(queue, other)
    async with Held(other.database, lambda transaction: acquire(transaction, claimant())) as taken:
        accepted = asyncio.create_task(queue.accept_and_begin("out-2", psid="another"))
        await waits_for_a_lock(queue.database, accepted)
        await taken.commit()
        assert ((await accepted).result, (await accepted).begun) == ("ACCEPTED", None)
        assert await queue.part_states("out-2") == ["QUEUED"]


async def test_of_two_servers_that_take_a_page_one_gets_it(queue: OutboundQueue, other: OutboundQueue) -> None:
    await queue.accept()
    async with Held(queue.database, lambda transaction: acquire(transaction, claimant("server-1"))) as first:
        second = asyncio.create_task(
            other.database.write(lambda transaction: acquire(transaction, claimant("server-2")))
        )
        await waits_for_a_lock(queue.database, second)
        assert [lease.owner for lease in await first.commit()] == ["server-1"]
        assert await second == ()


async def test_lanes_of_one_page_begin_beside_each_other(queue: OutboundQueue, other: OutboundQueue) -> None:
    await start(queue, other)
    await queue.accept("out-2", psid="another")
    async with Held(queue.database, lambda transaction: lanes.begin_parts(transaction, [beginning(queue)])[0]) as first:
        assert await other.begin("out-2")
        await first.commit()


# One message


async def test_one_part_begins_once(queue: OutboundQueue, other: OutboundQueue) -> None:
    await start(queue, other)
    async with Held(queue.database, lambda transaction: lanes.begin_parts(transaction, [beginning(queue)])[0]) as first:
        second = asyncio.create_task(other.begin())
        await waits_for_a_lock(queue.database, second)
        assert await first.commit()
        assert not await second


@pytest.mark.parametrize("answer", [QUEUED, UNCERTAIN])
async def test_an_answer_that_waited_for_the_echo_changes_nothing(
    queue: OutboundQueue, other: OutboundQueue, answer: PartState
) -> None:
    await start(queue, other)
    await queue.begin()
    async with Held(
        other.database, lambda transaction: lanes.settle_parts(transaction, [settlement(queue, SENT)])[0].status
    ) as echo:
        answering = asyncio.create_task(queue.settle(answer))
        await waits_for_a_lock(queue.database, answering)
        confirmed = await echo.commit()
        assert await answering == confirmed == await queue.status()


async def test_an_echo_that_waited_for_the_answer_settles_what_it_left(
    queue: OutboundQueue, other: OutboundQueue
) -> None:
    await start(queue, other)
    await queue.begin()
    async with Held(
        queue.database, lambda transaction: lanes.settle_parts(transaction, [settlement(queue, UNCERTAIN)])[0].status
    ) as answer:
        echo = asyncio.create_task(other.settle(SENT))
        await waits_for_a_lock(queue.database, echo)
        await answer.commit()
        assert (await echo).state == "SENT"
        assert [entry.state for entry in await queue.history()] == ["QUEUED", "SENDING", "UNCERTAIN", "SENT"]


async def test_parts_that_are_settled_at_once_settle_their_message(queue: OutboundQueue, other: OutboundQueue) -> None:
    await start(queue, other, parts=2)
    async with Held(
        queue.database, lambda transaction: lanes.settle_parts(transaction, [settlement(queue, SENT)])[0].status
    ) as first:
        second = asyncio.create_task(other.settle(SENT, index=1))
        await waits_for_a_lock(queue.database, second)
        assert (await first.commit()).state == "QUEUED"
        assert ((await second).state, (await queue.status()).state) == ("SENT", "SENT")


async def test_a_message_that_begins_while_it_expires_goes_on(queue: OutboundQueue, other: OutboundQueue) -> None:
    await start(queue, other)
    async with Held(queue.database, lambda transaction: lanes.begin_parts(transaction, [beginning(queue)])[0]) as begun:
        expiring = asyncio.create_task(other.store.expire_due((other.lease,), NOW_MS + TTL_MS, 10))
        await waits_for_a_lock(queue.database, expiring)
        await begun.commit()
        assert await expiring == ()
        assert await queue.part_states() == ["SENDING"]
