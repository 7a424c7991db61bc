from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from facebook_connector.delivery.values import (
    AckOutcome,
    ClaimRequest,
    EventRecord,
    Head,
    IngestReport,
    QuarantineRecord,
)
from facebook_connector.store.database import Database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.reading.claims import first_ready
from facebook_connector.store.reading.cursors import CursorStore
from tests.support.inbound_records import NOW_MS, add_page

LEASE_MS = 30_000


@dataclass
class Log:
    """The inbound log of one database with the subscription `ccm`, and one server and client that use it."""

    database: Database
    events: EventStore
    cursors: CursorStore
    subscription_id: int

    async def ingest(self, *items: EventRecord | QuarantineRecord, now_ms: int = NOW_MS) -> IngestReport:
        return await self.events.ingest(items, now_ms)

    async def claim(self, *, limit: int = 100, now_ms: int = NOW_MS, **changes: object) -> list[Head]:
        values: dict[str, object] = {
            "subscription_id": self.subscription_id,
            "owner": "server-1",
            "client_id": "ccm-0",
            "now_ms": now_ms,
            "until_ms": now_ms + LEASE_MS,
            "limit": limit,
            **changes,
        }
        return (await self.cursors.claim(ClaimRequest(**values))).heads  # type: ignore[arg-type]

    async def acknowledge(self, heads: Sequence[Head], *, now_ms: int = NOW_MS) -> list[AckOutcome]:
        tokens = [head.token for head in heads]
        return await self.cursors.acknowledge(tokens, owner="server-1", until_ms=now_ms + LEASE_MS)

    async def next_ready_ms(self) -> int | None:
        """When the next head is ready, in the past if one is; claimed heads count with the end of their claims."""
        first = await self.database.read(lambda transaction: first_ready(transaction, self.subscription_id))
        return min(first.values(), default=None)

    async def drain(self) -> list[Head]:
        """Claims and acknowledges until nothing is left; the heads in the order of their delivery."""
        delivered: list[Head] = []
        heads = await self.claim()
        while heads:
            delivered += heads
            outcomes = await self.acknowledge(heads)
            heads = [outcome.next_head for outcome in outcomes if outcome.next_head] or await self.claim()
        return delivered


@pytest.fixture
async def log(database: Database) -> Log:
    """A log of which the page `PAGE` has a channel."""
    await add_page(database)
    cursors = CursorStore(database)
    subscription = await cursors.subscription("ccm")
    assert subscription is not None
    return Log(
        database=database,
        events=EventStore(database),
        cursors=cursors,
        subscription_id=subscription.subscription_id,
    )
