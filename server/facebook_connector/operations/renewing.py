"""Translates the messages of dead letters anew before they are delivered again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from facebook_connector.delivery.values import EventRecord
from facebook_connector.operations.translation import Kept, Retranslator
from facebook_connector.store.database import Database
from facebook_connector.store.log.renewal import StoredEvent, renew, stored_events
from service_runtime.clock import Clock

AT_ONCE = 100
"""Messages of one transaction."""

SOURCE_OF_ORIGIN: Mapping[int, inbound_event_pb2.IngestSource] = MappingProxyType(
    {
        inbound_pb2.DELIVERY_ORIGIN_LIVE: inbound_event_pb2.INGEST_SOURCE_LIVE,
        inbound_pb2.DELIVERY_ORIGIN_BACKFILL: inbound_event_pb2.INGEST_SOURCE_BACKFILL,
    }
)
"""What the gateway called the origin of a stored event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewing:
    """A few messages in each transaction, and the translation in none: however many there are, the ingest goes on."""

    database: Database
    retranslator: Retranslator
    clock: Clock

    async def renew(self, dead_letter_ids: Sequence[int]) -> int:
        """Returns how many messages have new content; see `store.log.renewal.renew` for those that keep theirs."""
        starts = range(0, len(dead_letter_ids), AT_ONCE)
        return sum([await self._some(dead_letter_ids[start : start + AT_ONCE]) for start in starts])

    async def _some(self, dead_letter_ids: Sequence[int]) -> int:
        stored = await self.database.read(lambda transaction: stored_events(transaction, dead_letter_ids))
        # On a thread: there may be much of it. What is erased meanwhile is not found in it again, and stays erased.
        translated = await asyncio.to_thread(lambda: {event: self._translated(event) for event in stored})
        now_ms = self.clock.now_ms()
        return await self.database.write(
            lambda transaction: renew(transaction, dead_letter_ids, translated.get, now_ms)
        )

    def _translated(self, stored: StoredEvent) -> EventRecord | None:
        source = SOURCE_OF_ORIGIN.get(stored.origin, inbound_event_pb2.INGEST_SOURCE_LIVE)
        kept = Kept(
            raw=stored.raw,
            entry_list=stored.entry_list,
            page_id=stored.page_id,
            receive_time_ms=stored.store_time_ms,
            source=source,
        )
        return self.retranslator.event(kept)
