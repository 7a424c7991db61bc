from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from facebook_connector.sending.values import (
    Lane,
    LaneHead,
    MessageState,
    PartBeginning,
    PartSettlement,
    Settled,
)
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.outbound.queue import OutboundStore
from tests.support.outbox_world import OutboxWorld, text_message

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class FailingStore(OutboundStore):
    """The real store, which is away for the next so many calls of some of its methods."""

    heads = 0
    beginnings = 0
    beginnings_after_commit = 0
    settlements = 0

    async def lane_head(self, lane: Lane) -> LaneHead | None:
        if self.heads:
            self.heads -= 1
            raise StoreUnavailable("away")
        return await super().lane_head(lane)

    async def begin_part(self, beginning: PartBeginning) -> bool:
        if self.beginnings:
            self.beginnings -= 1
            raise StoreUnavailable("away")
        begun = await super().begin_part(beginning)
        if self.beginnings_after_commit:
            self.beginnings_after_commit -= 1
            raise StoreUnavailable("away before the answer to the commit")
        return begun

    async def settle_part(self, settlement: PartSettlement) -> Settled:
        if self.settlements:
            self.settlements -= 1
            raise StoreUnavailable("away")
        return await super().settle_part(settlement)


@pytest.fixture
async def store(quiet: OutboxWorld) -> AsyncIterator[FailingStore]:
    store = FailingStore(quiet.database)
    quiet.log = store
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        yield store


async def test_an_outcome_is_committed_however_long_the_store_is_away(quiet: OutboxWorld, store: FailingStore) -> None:
    store.settlements = 4
    assert (await quiet.send(text_message("Hello"))).status.state == MessageState.SENT
    assert len(quiet.taken()) == 1


@pytest.mark.parametrize("moment", ["beginnings", "beginnings_after_commit", "heads"])
async def test_a_store_that_is_away_before_the_call_costs_nothing(
    quiet: OutboxWorld, store: FailingStore, moment: str
) -> None:
    setattr(store, moment, 1)
    assert (await quiet.send(text_message("Hello"))).status.state == MessageState.SENT
    assert len(quiet.calls()) == 1
