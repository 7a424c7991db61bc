"""Figures as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from connector_cli.channel_views import NOTHING, state_word
from expertflow.connector.v1.channel_pb2 import ChannelState
from expertflow.connector.v1.operations_pb2 import SUBSCRIPTION_STATE_PAUSED
from expertflow.connector.v1.operations_service_pb2 import GetStatisticsResponse
from expertflow.connector.v1.statistics_pb2 import ChannelStatistics, SubscriptionStatistics

SUBSCRIPTION_HEADER = (
    "SUBSCRIPTION",
    "STATE",
    "BACKLOG",
    "OUTSTANDING",
    "OLDEST",
    "DEAD",
    "LOST",
    "DELIVERED",
    "AGAIN",
)
STREAM_HEADER = ("STREAM OF", "CLIENT", "FROM", "OUTSTANDING", "WINDOW", "LAST ACK")
CHANNEL_HEADER = ("PAGE", "STATE", "QUEUED", "LANES", "OLDEST", "UNCERTAIN", "SENT", "FAILED")

UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def server_rows(answer: GetStatisticsResponse) -> list[tuple[str, str]]:
    """What the server and the ingest say."""
    server, ingest = answer.server, answer.ingest
    quarantine = ", ".join(f"{one.count} {one.reason}" for one in ingest.quarantine)
    return [
        ("server", f"{server.version}, since {server.start_time.ToJsonString()}"),
        ("database", f"{server.storage_engine}, {size_text(server.storage_bytes)}"),
        ("media", f"{size_text(server.media_bytes)}, {server.pending_media} still to fetch"),
        ("stored", f"{ingest.stored_total} events, {ingest.duplicates_total} duplicates"),
        ("last event", ingest.last_store_time.ToJsonString() if ingest.HasField("last_store_time") else "never"),
        ("commits", f"{_age(ingest, 'median_commit_time')} median, {_age(ingest, 'p99_commit_time')} 99 %"),
        ("quarantine", quarantine or "empty"),
    ]


def subscription_rows(subscriptions: Iterable[SubscriptionStatistics]) -> list[Sequence[str]]:
    """One row per subscription."""
    return [
        (
            one.subscription,
            "paused" if one.state == SUBSCRIPTION_STATE_PAUSED else "active",
            f"{one.backlog_messages} in {one.backlog_keys}",
            str(one.outstanding_messages),
            _age(one, "oldest_unacknowledged_age"),
            str(one.dead_letters),
            str(one.expired_messages),
            str(one.deliveries_total),
            str(one.redeliveries_total),
        )
        for one in subscriptions
    ]


def stream_rows(subscriptions: Iterable[SubscriptionStatistics]) -> list[Sequence[str]]:
    """One row per open stream of the server that answers."""
    return [
        (
            one.subscription,
            stream.client_id,
            stream.peer,
            str(stream.outstanding_messages),
            str(stream.window.max_messages),
            stream.last_ack_time.ToJsonString() if stream.HasField("last_ack_time") else "never",
        )
        for one in subscriptions
        for stream in one.streams
    ]


def channel_rows(channels: Iterable[ChannelStatistics]) -> list[Sequence[str]]:
    """One row per channel."""
    return [
        (
            one.page_id,
            state_word(ChannelState, one.state),
            str(one.queued_messages),
            str(one.active_lanes),
            _age(one, "oldest_queued_age"),
            str(one.uncertain_messages),
            str(one.sent_total),
            str(one.failed_total),
        )
        for one in channels
    ]


def duration_text(duration: Duration) -> str:
    """A duration in its largest unit: `3 min`, `12 ms`."""
    seconds = duration.ToMilliseconds() / 1000
    for length, unit in UNITS:
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{1000 * seconds:.0f} ms"


def size_text(size: int) -> str:
    """Bytes in their largest unit."""
    value = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if value < 1024:  # noqa: PLR2004 - what a unit is
            return f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def _age(message: Message, field: str) -> str:
    return duration_text(getattr(message, field)) if message.HasField(field) else NOTHING
