"""Storing what the gateway sends: one transaction per batch, and no row that stops another.

Concurrent batches share a commit in the store. What a commit made ready is announced right after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from expertflow.connector.v1 import ingest_service_pb2
from facebook_connector import telemetry
from facebook_connector.delivery.values import EventRecord, IngestOutcome, IngestReport, QuarantineRecord
from facebook_connector.inbox.ingest_meter import IngestMeter
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.log.events import EventStore
from service_runtime.clock import Clock
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

Item: TypeAlias = EventRecord | QuarantineRecord

STORE_REJECTED = "STORE_REJECTED"
"""Reason under which an item goes to the quarantine whose content the database refused."""

_log = get_logger("ingest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told what a commit has brought."""

    ready: Callable[[Collection[int]], None]
    """The subscriptions that have something new."""
    media_wanted: Callable[[], None]
    """There is something to fetch."""
    profiles_wanted: Callable[[], None]
    """There is somebody to ask for."""


class Ingest:
    """Stores batches, and tells whom it concerns."""

    def __init__(self, events: EventStore, clock: Clock, told: Told, metrics: Metrics) -> None:
        self._told = told
        self._metrics = metrics
        self.meter = IngestMeter()
        self._events = events
        self._clock = clock

    async def submit(self, items: Sequence[Item]) -> list[IngestOutcome]:
        """One outcome per item, in order, after the commit. Raises `StoreUnavailable`: then a repeat is safe."""
        begun = self._clock.monotonic()
        try:
            report = await self._events.ingest(items, self._clock.now_ms())
        except RowRefused:
            return await self._split(items)
        self._measure(report, self._clock.monotonic() - begun)
        self.committed(report)
        return list(report.outcomes)

    def committed(self, report: IngestReport) -> None:
        """Announces what a commit made ready, also one that stored events together with other things."""
        self._told.ready(report.ready_subscriptions)
        if report.wants_media:
            self._told.media_wanted()
        if report.wants_profiles:
            self._told.profiles_wanted()

    def _measure(self, report: IngestReport, seconds: float) -> None:
        self.meter.committed(report.outcomes, self._clock.monotonic(), seconds)
        self._metrics.observe(telemetry.INGEST_COMMIT_SECONDS, seconds)
        self._metrics.observe(telemetry.INGEST_BATCH_ITEMS, len(report.outcomes))
        for outcome, number in Counter(outcome.outcome for outcome in report.outcomes).items():
            word = ingest_service_pb2.IngestOutcome.Name(outcome).removeprefix("INGEST_OUTCOME_").lower()
            self._metrics.count(telemetry.INGESTED, number, outcome=word)

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
