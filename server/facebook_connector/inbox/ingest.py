"""Storing what the gateway sends: one transaction per batch, and no row that stops another.

Concurrent batches share a commit in the store. What a commit made ready is announced right after it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from facebook_connector.delivery.values import EventRecord, IngestOutcome, IngestReport, QuarantineRecord
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.events import EventStore
from service_runtime.clock import Clock
from service_runtime.logs import get_logger

Item: TypeAlias = EventRecord | QuarantineRecord

STORE_REJECTED = "STORE_REJECTED"
"""Reason under which an item goes to the quarantine whose content the database refused."""

_log = get_logger("ingest")


class Ingest:
    """Stores batches; `announce` is told the subscriptions that have something new.

    `media_wanted` is called when there is something to fetch, `profiles_wanted` when there is somebody to ask for.
    """

    def __init__(
        self,
        events: EventStore,
        clock: Clock,
        announce: Callable[[Collection[int]], None],
        media_wanted: Callable[[], None],
        profiles_wanted: Callable[[], None],
    ) -> None:
        self._media_wanted = media_wanted
        self._profiles_wanted = profiles_wanted
        self._events = events
        self._clock = clock
        self._announce = announce

    async def submit(self, items: Sequence[Item]) -> list[IngestOutcome]:
        """One outcome per item, in order, after the commit. Raises `StoreUnavailable`: then a repeat is safe."""
        try:
            report = await self._events.ingest(items, self._clock.now_ms())
        except RowRefused:
            return await self._split(items)
        self.committed(report)
        return list(report.outcomes)

    def committed(self, report: IngestReport) -> None:
        """Announces what a commit made ready, also one that stored events together with other things."""
        self._announce(report.ready_subscriptions)
        if report.wants_media:
            self._media_wanted()
        if report.wants_profiles:
            self._profiles_wanted()

    async def _split(self, items: Sequence[Item]) -> list[IngestOutcome]:
        """Stores the halves apart, in order, until what the database refuses stands alone."""
        if len(items) > 1:
            half = len(items) // 2
            return [*await self.submit(items[:half]), *await self.submit(items[half:])]
        without = refused(items[0])
        if without == items[0]:
            raise RowRefused("the database refuses the raw bytes of an item")
        _log.error("item refused by the database", page_id=without.page_id)
        return await self.submit([without])


def refused(item: Item) -> QuarantineRecord:
    """The item's bytes, without anything else that the database may have refused."""
    page_id = item.page_id if item.page_id.isascii() and item.page_id.isdigit() else ""
    detail = "The database refused the content of this item."
    return QuarantineRecord(
        reason=STORE_REJECTED, detail=detail, page_id=page_id, raw=item.raw, entry_list=item.entry_list
    )
