"""Reads the gauges again and again: what the database knows of everybody, and what is open on this server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from facebook_connector import telemetry as t
from facebook_connector.delivery.tally import Tally
from facebook_connector.delivery.values import Subscription
from facebook_connector.inbox.inbox import Inbox
from facebook_connector.outbox.outbox import Outbox
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.statistics import ChannelFigures, StatisticsStore, StorageFigures, SubscriptionFigures
from service_runtime.clock import Clock
from service_runtime.metrics import Metrics

EVERY_S = 10.0

SHARE = 20
"""Counting a backlog costs as much as it is long: no more than this part of the time is spent with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """`run` is its only task."""

    metrics: Metrics
    statistics: StatisticsStore
    inbox: Inbox
    outbox: Outbox
    clock: Clock
    counted: dict[int, Tally] = field(default_factory=dict)
    """What the counters show already of each subscription, by its number: a name may come again."""

    async def run(self) -> None:
        """Samples until cancelled; figures that the database does not give now stay as they were."""
        while True:
            begun = self.clock.monotonic()
            await self.once()
            await asyncio.sleep(max(EVERY_S, SHARE * (self.clock.monotonic() - begun)))

    async def once(self) -> None:
        """Reads all figures."""
        self._show_own()
        now_ms = self.clock.now_ms()
        try:
            self._show_subscriptions(await self.statistics.subscriptions(now_ms), now_ms)
            self._show_channels(await self.statistics.channels(), now_ms)
            quarantine = await self.statistics.quarantine()
            self.metrics.show(t.QUARANTINE, {(reason,): count for reason, count in quarantine.items()})
            self._show_storage(await self.statistics.storage())
        except StoreUnavailable:
            return  # which the store's own metrics tell
        self.metrics.set(t.SAMPLED, now_ms / 1000)

    def _show_own(self) -> None:
        figures = self.inbox.figures()
        self.metrics.show(t.STREAMS, {(subscription.name,): streams for subscription, streams, _ in figures})
        for subscription, _, tally in figures:
            self._count(subscription, tally)
        self.metrics.set(t.LANES, self.outbox.lanes_active)
        self.metrics.set(t.PAGES, self.outbox.pages_owned)

    def _count(self, read: Subscription, tally: Tally) -> None:
        before = self.counted.get(read.subscription_id, Tally())
        self.counted[read.subscription_id] = tally
        subscription = read.name
        count, acknowledged = self.metrics.count, tally.acknowledgements - before.acknowledgements
        stale = tally.stale_acknowledgements - before.stale_acknowledgements
        count(t.DELIVERED, tally.deliveries - before.deliveries, subscription=subscription)
        count(t.REDELIVERED, tally.redeliveries - before.redeliveries, subscription=subscription)
        count(t.ACKNOWLEDGED, acknowledged, subscription=subscription, outcome="ok")
        count(t.ACKNOWLEDGED, stale, subscription=subscription, outcome="stale")

    def _show_subscriptions(self, found: list[SubscriptionFigures], now_ms: int) -> None:
        show = self.metrics.show
        show(t.OLDEST_UNACKNOWLEDGED, {(figures.name,): _age_s(figures.oldest_ms, now_ms) for figures in found})
        show(t.BACKLOG, {(figures.name,): figures.backlog_messages for figures in found})
        show(t.KEYS_READY, {(figures.name,): figures.backlog_keys - figures.outstanding_messages for figures in found})
        show(t.KEYS_CLAIMED, {(figures.name,): figures.outstanding_messages for figures in found})
        show(t.SIDE_QUEUE, {(figures.name,): figures.side_queue_messages for figures in found})
        show(t.DEAD_LETTERS, {(figures.name,): figures.dead_letters for figures in found})
        show(t.PAUSED, {(figures.name,): int(figures.paused) for figures in found})
        show(t.EXPIRED, {(figures.name,): figures.expired_messages for figures in found})

    def _show_channels(self, found: list[ChannelFigures], now_ms: int) -> None:
        states = [figures.state for figures in found]
        self.metrics.show(t.CHANNELS, {(state,): states.count(state) for state in ("ACTIVE", "THROTTLED", "STOPPED")})
        queued = {(figures.page_id, "queued"): figures.queued_messages for figures in found}
        uncertain = {(figures.page_id, "uncertain"): figures.uncertain_messages for figures in found}
        self.metrics.show(t.OUTBOUND_OPEN, queued | uncertain)
        ages = {(figures.page_id,): _age_s(figures.oldest_queued_ms, now_ms) for figures in found}
        self.metrics.show(t.OUTBOUND_OLDEST, ages)

    def _show_storage(self, figures: StorageFigures) -> None:
        self.metrics.set(t.DATABASE_BYTES, figures.database_bytes)
        self.metrics.set(t.MEDIA_BYTES, figures.media_bytes)
        self.metrics.set(t.MEDIA_PENDING, figures.pending_media)
        if figures.last_store_time_ms is not None:
            self.metrics.set(t.LAST_STORED, figures.last_store_time_ms / 1000)


def _age_s(since_ms: int | None, now_ms: int) -> float:
    return 0.0 if since_ms is None else max(0, now_ms - since_ms) / 1000
