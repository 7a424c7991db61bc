"""Operators ask how the installation is doing: `GetStatistics`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1 import statistics_pb2 as pb
from expertflow.connector.v1.inbound_pb2 import InboundWindow
from expertflow.connector.v1.operations_pb2 import SUBSCRIPTION_STATE_ACTIVE, SUBSCRIPTION_STATE_PAUSED
from expertflow.connector.v1.operations_service_pb2 import GetStatisticsRequest, GetStatisticsResponse
from facebook_connector.delivery.endings import not_found_error
from facebook_connector.delivery.tally import Tally
from facebook_connector.inbox.inbox import Inbox
from facebook_connector.inbox.ingest_meter import IngestFigures
from facebook_connector.inbox.stream import InboundStream
from facebook_connector.store.statistics import ChannelFigures, StatisticsStore, StorageFigures, SubscriptionFigures
from facebook_connector.timestamps import timestamp
from service_runtime.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a server knows of itself."""

    installation_id: str
    version: str
    start_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of now: of the installation from the store, of this server from memory."""

    server: Server
    store: StatisticsStore
    inbox: Inbox
    settled: Callable[[], Mapping[tuple[str, str], int]]
    """Messages to customers by page and fate, since the start of this server."""
    clock: Clock

    async def get(self, request: GetStatisticsRequest) -> GetStatisticsResponse:
        """Raises `ConnectorError` SUBSCRIPTION_NOT_FOUND."""
        now_ms = self.clock.now_ms()
        subscriptions, channels, quarantine, storage = await asyncio.gather(
            self.store.subscriptions(now_ms), self.store.channels(), self.store.quarantine(), self.store.storage()
        )
        chosen = [one for one in subscriptions if request.subscription in {"", one.name}]
        if not chosen:
            raise not_found_error(request.subscription)
        settled = Counter(self.settled())
        return GetStatisticsResponse(
            server=_server(self.server, storage),
            ingest=_ingest(self.inbox.ingest.meter.figures(self.clock.monotonic()), quarantine, storage),
            subscriptions=[self._subscription(one, now_ms) for one in chosen],
            channels=[_channel(one, settled, now_ms) for one in channels],
        )

    def _subscription(self, figures: SubscriptionFigures, now_ms: int) -> pb.SubscriptionStatistics:
        tallies = {read.subscription_id: tally for read, _, tally in self.inbox.figures()}
        tally = tallies.get(figures.subscription_id, Tally())
        return pb.SubscriptionStatistics(
            subscription=figures.name,
            state=SUBSCRIPTION_STATE_PAUSED if figures.paused else SUBSCRIPTION_STATE_ACTIVE,
            backlog_messages=figures.backlog_messages,
            backlog_keys=figures.backlog_keys,
            outstanding_messages=figures.outstanding_messages,
            side_queue_messages=figures.side_queue_messages,
            oldest_unacknowledged_age=_age(figures.oldest_ms, now_ms),
            dead_letters=figures.dead_letters,
            deliveries_total=tally.deliveries - tally.redeliveries,
            redeliveries_total=tally.redeliveries,
            acknowledgements_total=tally.acknowledgements,
            expired_messages=figures.expired_messages,
            streams=map(_stream, self.inbox.streams(figures.subscription_id)),
        )


def _server(server: Server, storage: StorageFigures) -> pb.ServerStatistics:
    return pb.ServerStatistics(
        installation_id=server.installation_id,
        version=server.version,
        start_time=_if_known(server.start_ms),
        storage_engine=storage.engine,
        storage_bytes=storage.database_bytes,
        media_bytes=storage.media_bytes,
        pending_media=storage.pending_media,
    )


def _ingest(figures: IngestFigures, quarantine: Mapping[str, int], storage: StorageFigures) -> pb.IngestStatistics:
    return pb.IngestStatistics(
        stored_total=figures.stored,
        duplicates_total=figures.duplicates,
        quarantine=[pb.QuarantineCount(reason=reason, count=count) for reason, count in sorted(quarantine.items())],
        commits_total=figures.commits,
        mean_commit_events=figures.mean_items,
        median_commit_time=_seconds(figures.median_s),
        p99_commit_time=_seconds(figures.p99_s),
        last_store_time=_if_known(storage.last_store_time_ms),
    )


def _stream(stream: InboundStream) -> pb.StreamStatistics:
    messages, size = stream.outstanding
    window = stream.window
    return pb.StreamStatistics(
        stream_id=str(stream.stream_id),
        client_id=stream.client_id,
        peer=stream.peer,
        start_time=_if_known(stream.open_ms),
        outstanding_messages=messages,
        outstanding_bytes=size,
        window=None if window is None else InboundWindow(max_messages=window.messages, max_bytes=window.bytes),
        last_ack_time=_if_known(stream.last_ack_ms),
    )


def _channel(figures: ChannelFigures, settled: Counter[tuple[str, str]], now_ms: int) -> pb.ChannelStatistics:
    return pb.ChannelStatistics(
        page_id=figures.page_id,
        state=f"CHANNEL_STATE_{figures.state}",
        queued_messages=figures.queued_messages,
        active_lanes=figures.active_lanes,
        uncertain_messages=figures.uncertain_messages,
        oldest_queued_age=_age(figures.oldest_queued_ms, now_ms),
        sent_total=settled[figures.page_id, "sent"],
        failed_total=settled[figures.page_id, "failed"],
    )


def _if_known(milliseconds: int | None) -> Timestamp | None:
    return None if milliseconds is None else timestamp(milliseconds)


def _age(since_ms: int | None, now_ms: int) -> Duration | None:
    return None if since_ms is None else _seconds(max(0, now_ms - since_ms) / 1000)


def _seconds(seconds: float | None) -> Duration | None:
    if seconds is None:
        return None
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration
