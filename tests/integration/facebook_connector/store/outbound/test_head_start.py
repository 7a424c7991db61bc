from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from facebook_connector.sending.offers import AcceptResult, HeadStart
from facebook_connector.sending.values import PartState
from facebook_connector.store.database import Database
from facebook_connector.store.outbound import acceptance
from facebook_connector.store.outbound.schema import outbound_part
from tests.support.outbound_queue import LEASE_MS, OutboundQueue, a_record, first_call


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    """A queue whose page is owned, and whose lanes are empty but for one."""
    queue = OutboundQueue(database)
    await queue.accept("busy", psid="busy")
    await queue.own()
    return queue


async def test_a_head_start_begins_the_first_part_with_the_acceptance(queue: OutboundQueue) -> None:
    accepted = await queue.accept_and_begin(parts=2)
    assert accepted.head is not None
    assert (accepted.result, accepted.begun) == (AcceptResult.ACCEPTED, first_call(accepted.head))
    assert [part.state for part in accepted.status.parts] == ["SENDING", "QUEUED"]
    assert accepted.status == await queue.status()
    history = [(entry.part_index, entry.state, entry.detail) for entry in await queue.history()]
    assert history == [(None, "QUEUED", "Accepted."), (0, "SENDING", "begun at once")]


async def test_what_a_head_start_began_is_settled_like_any_other_call(queue: OutboundQueue) -> None:
    await queue.accept_and_begin(parts=2)
    assert not await queue.begin()
    assert (await queue.settle(PartState.SENT)).state == "QUEUED"
    assert await queue.begin(index=1)
    assert (await queue.settle(PartState.SENT, index=1)).state == "SENT"


async def test_the_call_of_a_head_start_is_counted(queue: OutboundQueue) -> None:
    await queue.accept_and_begin(parts=2)
    columns = (
        select(outbound_part.c.calls).where(outbound_part.c.cim_id == "out-1").order_by(outbound_part.c.part_index)
    )
    assert await queue.database.read(lambda transaction: transaction.execute(columns).scalars().all()) == [1, 0]


async def test_nothing_begins_behind_another_message(queue: OutboundQueue) -> None:
    accepted = await queue.accept_and_begin(psid="busy")
    assert (accepted.result, accepted.begun, accepted.head) == (AcceptResult.ACCEPTED, None, None)
    assert await queue.part_states() == ["QUEUED"]


async def test_nothing_begins_under_an_old_lease(queue: OutboundQueue) -> None:
    old = queue.lease
    queue.now_ms += LEASE_MS
    await queue.own("server-2")
    queue.lease = old
    accepted = await queue.accept_and_begin()
    assert (accepted.result, accepted.begun) == (AcceptResult.ACCEPTED, None)
    assert await queue.part_states() == ["QUEUED"]


async def test_nothing_begins_where_something_else_is_to_be_done_first(queue: OutboundQueue) -> None:
    offer = queue.starting(a_record())
    start = HeadStart(epoch=queue.lease.epoch, plan=lambda _: None, detail="")
    accepted = await queue.store.accept(replace(offer, head_start=start))
    assert (accepted.begun, accepted.head) == (None, await queue.head())


async def test_nothing_begins_where_the_quoted_message_has_to_be_looked_for(queue: OutboundQueue) -> None:
    assert (await queue.accept_and_begin(quote_cim_id="in-1")).begun is None
    assert await queue.part_states() == ["QUEUED"]


async def test_a_repeat_begins_nothing(queue: OutboundQueue) -> None:
    await queue.accept()
    repeat = await queue.accept_and_begin()
    assert (repeat.result, repeat.begun) == (AcceptResult.REPEATED, None)
    assert await queue.part_states() == ["QUEUED"]


async def test_what_was_begun_and_never_settled_is_in_doubt_for_the_next_owner(queue: OutboundQueue) -> None:
    await queue.accept_and_begin()
    queue.now_ms += LEASE_MS
    await queue.own("server-2")
    assert await queue.part_states() == ["UNCERTAIN"]


async def test_several_are_begun_at_once_as_one_after_the_other(queue: OutboundQueue) -> None:
    named = [("a-1", "A"), ("b-1", "B"), ("a-2", "A"), ("busy-2", "busy")]
    offers = [queue.starting(a_record(cim_id, psid=psid)) for cim_id, psid in named]
    offers.append(replace(queue.starting(a_record("c-1", psid="C")), head_start=None))
    accepted = await queue.database.write(lambda transaction: acceptance.accept(transaction, offers))
    assert [one.status.cim_id for one in accepted if one.begun] == ["a-1", "b-1"]
    assert [one.status for one in accepted] == [await queue.status(one.status.cim_id) for one in accepted]
