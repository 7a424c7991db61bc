"""A message to a lane that has nothing to do: its first call begins in the commit that accepts it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from facebook_connector.errors import ConnectorError
from facebook_connector.sending.offers import Acceptance, Offer
from facebook_connector.sending.values import Lane, LaneHead, MessageState, PartBeginning
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.outbound.queue import OutboundStore
from tests.support.outbox_world import FAST, MORE_PEOPLE, OutboxWorld, text_message

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANA = MORE_PEOPLE[0]
EIGHT_DAYS_MS = 8 * 24 * 3_600_000
SELDOM = replace(FAST, look_ms=60_000)
"""So that no look at the store makes good for what was forgotten."""
WAY = ["Accepted.", "Sent to Facebook.", "Facebook took it."]


class WatchedStore(OutboundStore):
    """The real store; it counts begins, and can hold an acceptance up or fail."""

    begun = 0
    away_before = away_after = heads_away = 0
    """The next so many acceptances fail, before or after their commit; so do reads of heads."""
    defect: Exception | None = None
    """What the next acceptance raises."""
    committed: asyncio.Event | None = None
    """Set after the next commit of an acceptance, whose answer then waits for `told`."""
    told: asyncio.Event

    async def begin_part(self, beginning: PartBeginning) -> bool:
        self.begun += 1
        return await super().begin_part(beginning)

    async def lane_head(self, lane: Lane) -> LaneHead | None:
        if self.heads_away:
            self.heads_away -= 1
            raise StoreUnavailable("away")
        return await super().lane_head(lane)

    async def accept(self, offer: Offer) -> Acceptance:
        if self.defect is not None:
            defect, self.defect = self.defect, None
            raise defect
        if self.away_before:
            self.away_before -= 1
            raise StoreUnavailable("away")
        acceptance = await super().accept(offer)
        if self.away_after:
            self.away_after -= 1
            raise StoreUnavailable("away before the answer to the commit")
        if self.committed is not None:
            committed, self.committed = self.committed, None
            committed.set()
            await self.told.wait()
        return acceptance

    def hold_up(self) -> asyncio.Event:
        """Holds the next acceptance up once it is committed; returns what is set then."""
        self.committed, self.told = asyncio.Event(), asyncio.Event()
        return self.committed


@pytest.fixture
async def store(quiet: OutboxWorld) -> AsyncIterator[WatchedStore]:
    """At work, with a page that has sent before: it is owned, and its lanes are empty."""
    store = WatchedStore(quiet.database)
    quiet.log, quiet.rhythm = store, SELDOM
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        await quiet.send(text_message("Hello", "first"))
        store.begun = 0
        yield store


async def details(world: OutboxWorld, cim_id: str = "out-1") -> list[str]:
    return [entry.detail for entry in (await world.get(cim_id)).history]


async def test_the_first_call_begins_with_the_acceptance(quiet: OutboxWorld, store: WatchedStore) -> None:
    sent = await quiet.send(text_message("Hello"))
    assert (sent.status.state, sent.repeated, store.begun) == (MessageState.SENT, False, 0)
    assert await details(quiet) == WAY


async def test_the_parts_after_the_first_follow_in_order(quiet: OutboxWorld, store: WatchedStore) -> None:
    text = "word " * 900
    assert (await quiet.send(text_message(text))).status.state == MessageState.SENT
    assert "".join(str(entry.details["text"]) for entry in quiet.taken()[1:]) == text
    assert store.begun == 2


async def test_a_message_behind_another_waits_for_it(quiet: OutboxWorld, store: WatchedStore) -> None:
    committed = store.hold_up()
    first = asyncio.create_task(quiet.send(text_message("one", "out-1")))
    await committed.wait()
    second = asyncio.create_task(quiet.send(text_message("two", "out-2")))
    await quiet.until_accepted("out-2")
    store.told.set()
    assert {(await sent).status.state for sent in (first, second)} == {MessageState.SENT}
    assert [entry.details["text"] for entry in quiet.taken()] == ["Hello", "one", "two"]


async def test_a_call_that_hangs_up_at_the_commit_leaves_nothing_in_doubt(
    quiet: OutboxWorld, store: WatchedStore
) -> None:
    committed = store.hold_up()
    call = asyncio.create_task(quiet.send(text_message("Hello")))
    await committed.wait()
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled()
    store.told.set()
    await quiet.until_state("SENT")
    assert await details(quiet) == WAY
    assert len(quiet.taken()) == 2


@pytest.mark.parametrize("heads_away", [0, 2])
async def test_an_acceptance_whose_answer_is_lost_is_sent_once_and_never_in_doubt(
    quiet: OutboxWorld, store: WatchedStore, heads_away: int
) -> None:
    store.away_after, store.heads_away = 1, heads_away
    with pytest.raises(StoreUnavailable):
        await quiet.send(text_message("Hello"))
    await quiet.until_state("SENT")
    assert await details(quiet) == [*WAY[:2], "The call to Facebook was not made.", *WAY[1:]]
    assert len(quiet.taken()) == 2


async def test_an_acceptance_that_failed_can_be_repeated(quiet: OutboxWorld, store: WatchedStore) -> None:
    store.away_before = 1
    with pytest.raises(StoreUnavailable):
        await quiet.send(text_message("Hello"))
    assert (await quiet.send(text_message("Hello"))).status.state == MessageState.SENT
    assert len(quiet.taken()) == 2


async def test_a_refusal_in_the_last_moment_leaves_the_lane_free(quiet: OutboxWorld, store: WatchedStore) -> None:
    await quiet.customer_writes(ago_ms=EIGHT_DAYS_MS)
    with pytest.raises(ConnectorError) as refused:
        await quiet.send(text_message("too late"))
    assert refused.value.reason == "OUTSIDE_MESSAGING_WINDOW"
    await quiet.customer_writes(mid="m_in2", cim_id="in-2")
    assert (await quiet.send(text_message("Hello", "out-2"))).status.state == MessageState.SENT
    assert store.begun == 0


async def test_a_defect_is_told_to_the_caller_and_stops_no_other_lane(quiet: OutboxWorld, store: WatchedStore) -> None:
    store.defect = RuntimeError("a defect of ours")
    with pytest.raises(RuntimeError, match="a defect of ours"):
        await quiet.send(text_message("Hello"))
    assert (await quiet.send(text_message("Hello", "out-2", psid=ANA))).status.state == MessageState.SENT
    assert (await quiet.send(text_message("Hello", "out-3"))).status.state == MessageState.SENT


async def test_a_server_that_dies_between_the_commit_and_the_call_leaves_it_in_doubt(quiet: OutboxWorld) -> None:
    store = WatchedStore(quiet.database)
    quiet.log = store
    async with quiet.running(crash=True) as outbox:
        quiet.outbox = outbox
        await quiet.send(text_message("Hello", "first"))
        committed = store.hold_up()
        call = asyncio.create_task(quiet.send(text_message("Hello")))
        await committed.wait()
    await asyncio.wait([call])
    quiet.clock.shift_ms += FAST.lease_ms
    async with quiet.running("server-2") as outbox:
        quiet.outbox = outbox
        await quiet.until_state("UNCERTAIN")
        assert "stopped before it saw" in (await details(quiet))[-1]
