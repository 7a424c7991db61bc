"""The server's metrics: one table. `docs/operations.md` says of each what it tells and when to worry."""

from __future__ import annotations

from typing import Final

from service_runtime.metrics import SIZES, Kind, Metric, Metrics

CALLS: Final = Metric(
    name="facebook_connector_calls_total",
    kind=Kind.COUNTER,
    help="gRPC calls that ended, by method and outcome (OK, CANCELLED or the reason of the error).",
    labels=("method", "outcome"),
)
CALL_SECONDS: Final = Metric(
    name="facebook_connector_call_seconds",
    kind=Kind.HISTOGRAM,
    help="How long gRPC calls took; a stream, as long as it was open.",
    labels=("method",),
)
STORE_SECONDS: Final = Metric(
    name="facebook_connector_store_transaction_seconds",
    kind=Kind.HISTOGRAM,
    help="How long transactions took, waiting and commit included.",
    labels=("operation",),
)
STORE_ERRORS: Final = Metric(
    name="facebook_connector_store_errors_total",
    kind=Kind.COUNTER,
    help="Transactions that failed, by error: StoreUnavailable, StoreFull, RowRefused and others.",
    labels=("error",),
)
INGESTED: Final = Metric(
    name="facebook_connector_ingested_items_total",
    kind=Kind.COUNTER,
    help="Items from the gateway, by what became of them: stored, duplicate, quarantined.",
    labels=("outcome",),
)
INGEST_COMMIT_SECONDS: Final = Metric(
    name="facebook_connector_ingest_commit_seconds",
    kind=Kind.HISTOGRAM,
    help="From an IngestInbound call to its commit.",
)
INGEST_BATCH_ITEMS: Final = Metric(
    name="facebook_connector_ingest_batch_items",
    kind=Kind.HISTOGRAM,
    help="Items of one IngestInbound call.",
    buckets=SIZES,
)
LAST_STORED: Final = Metric(
    name="facebook_connector_last_event_stored_timestamp_seconds",
    kind=Kind.GAUGE,
    help="When the newest event that is kept was stored, on whichever server.",
)
QUARANTINE: Final = Metric(
    name="facebook_connector_quarantine_items",
    kind=Kind.GAUGE,
    help="Items in the ingest quarantine, by reason.",
    labels=("reason",),
)
DELIVERED: Final = Metric(
    name="facebook_connector_deliveries_total",
    kind=Kind.COUNTER,
    help="Messages written to streams.",
    labels=("subscription",),
)
REDELIVERED: Final = Metric(
    name="facebook_connector_redeliveries_total",
    kind=Kind.COUNTER,
    help="Those of the deliveries that were not the first of their message.",
    labels=("subscription",),
)
ACKNOWLEDGED: Final = Metric(
    name="facebook_connector_acknowledgements_total",
    kind=Kind.COUNTER,
    help="Acknowledgements, by what they were: ok, or stale because the attempt was over.",
    labels=("subscription", "outcome"),
)
STREAMS: Final = Metric(
    name="facebook_connector_streams",
    kind=Kind.GAUGE,
    help="Streams that are open on this server.",
    labels=("subscription",),
)
OLDEST_UNACKNOWLEDGED: Final = Metric(
    name="facebook_connector_oldest_unacknowledged_seconds",
    kind=Kind.GAUGE,
    help="Age of the oldest message that is not acknowledged; 0 without a backlog.",
    labels=("subscription",),
)
BACKLOG: Final = Metric(
    name="facebook_connector_backlog_messages",
    kind=Kind.GAUGE,
    help="Messages that are not acknowledged, outstanding ones included.",
    labels=("subscription",),
)
KEYS_READY: Final = Metric(
    name="facebook_connector_ready_keys",
    kind=Kind.GAUGE,
    help="Conversations that wait for delivery.",
    labels=("subscription",),
)
KEYS_CLAIMED: Final = Metric(
    name="facebook_connector_claimed_keys",
    kind=Kind.GAUGE,
    help="Conversations with a message in a client's hand, on whichever server.",
    labels=("subscription",),
)
SIDE_QUEUE: Final = Metric(
    name="facebook_connector_side_queue_messages",
    kind=Kind.GAUGE,
    help="Redriven and replayed messages that are not acknowledged.",
    labels=("subscription",),
)
DEAD_LETTERS: Final = Metric(
    name="facebook_connector_dead_letters",
    kind=Kind.GAUGE,
    help="Messages that were given up after counted failures, and wait for an operator.",
    labels=("subscription",),
)
PAUSED: Final = Metric(
    name="facebook_connector_subscription_paused",
    kind=Kind.GAUGE,
    help="1 while the subscription takes a rest, because its consumers give everything back, else 0.",
    labels=("subscription",),
)
EXPIRED: Final = Metric(
    name="facebook_connector_retention_expired_messages",
    kind=Kind.GAUGE,
    help="Messages that a subscription other than ccm lost to the retention, since it exists.",
    labels=("subscription",),
)
LANES: Final = Metric(
    name="facebook_connector_lanes_active",
    kind=Kind.GAUGE,
    help="Conversations that this server is sending to at this moment.",
)
PAGES: Final = Metric(
    name="facebook_connector_pages_owned",
    kind=Kind.GAUGE,
    help="Pages that this server sends for.",
)
OUTBOUND_OPEN: Final = Metric(
    name="facebook_connector_outbound_messages",
    kind=Kind.GAUGE,
    help="Accepted messages that are not settled, by page and state: queued, uncertain.",
    labels=("page_id", "state"),
)
OUTBOUND_OLDEST: Final = Metric(
    name="facebook_connector_outbound_oldest_queued_seconds",
    kind=Kind.GAUGE,
    help="Age of the oldest message that waits to be sent; 0 if none does.",
    labels=("page_id",),
)
OUTBOUND_SETTLED: Final = Metric(
    name="facebook_connector_outbound_settled_total",
    kind=Kind.COUNTER,
    help="Messages that this server settled, by state, and by reason if they failed.",
    labels=("state", "reason"),
)
GRAPH_CALLS: Final = Metric(
    name="facebook_connector_graph_calls_total",
    kind=Kind.COUNTER,
    help="Graph API calls, by endpoint and result: ok, the error's code, or why there was no answer.",
    labels=("endpoint", "result"),
)
GRAPH_SECONDS: Final = Metric(
    name="facebook_connector_graph_call_seconds",
    kind=Kind.HISTOGRAM,
    help="How long the Graph API took to answer.",
    labels=("endpoint",),
)
GRAPH_VERSION: Final = Metric(
    name="facebook_connector_graph_answers_total",
    kind=Kind.COUNTER,
    help="Answers of the Graph API, by the version that served them (header facebook-api-version).",
    labels=("version",),
)
GRAPH_USAGE: Final = Metric(
    name="facebook_connector_graph_usage_percent",
    kind=Kind.GAUGE,
    help="Fullest rate limit of the last answer that told of any (headers x-app-usage, x-page-usage, "
    "x-business-use-case-usage); Facebook throttles at 100.",
    labels=("page_id",),
)
CHANNEL_CHECKS: Final = Metric(
    name="facebook_connector_channel_checks",
    kind=Kind.GAUGE,
    help="What Facebook said of a page in the last hour, by check: 0 well, 1 a warning, 2 failed.",
    labels=("page_id", "check"),
)
CHANNELS: Final = Metric(
    name="facebook_connector_channels",
    kind=Kind.GAUGE,
    help="Channels, by state.",
    labels=("state",),
)
MEDIA_PENDING: Final = Metric(
    name="facebook_connector_media_pending",
    kind=Kind.GAUGE,
    help="Media that are still to be fetched, on whichever server.",
)
DOWNLOADS: Final = Metric(
    name="facebook_connector_media_downloads_total",
    kind=Kind.COUNTER,
    help="Downloads that ended, by result: stored, or why there are no bytes.",
    labels=("result",),
)
UPLOADS: Final = Metric(
    name="facebook_connector_media_uploads_total",
    kind=Kind.COUNTER,
    help="Media of replies, by kind and result: uploaded to Facebook, known from an earlier upload, refused.",
    labels=("kind", "result"),
)
MEDIA_BYTES: Final = Metric(
    name="facebook_connector_media_bytes",
    kind=Kind.GAUGE,
    help="Bytes of kept media.",
)
DATABASE_BYTES: Final = Metric(
    name="facebook_connector_database_bytes",
    kind=Kind.GAUGE,
    help="Size of the database.",
)
NOTICES: Final = Metric(
    name="facebook_connector_notices_total",
    kind=Kind.COUNTER,
    help="What was heard of other servers on the database, by topic; missed: the connection was made anew.",
    labels=("topic",),
)
SAMPLED: Final = Metric(
    name="facebook_connector_sampled_timestamp_seconds",
    kind=Kind.GAUGE,
    help="When the figures that come from the database were last read.",
)

TABLE: Final[tuple[Metric, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))


def new_metrics() -> Metrics:
    """All of them, at zero."""
    return Metrics(TABLE)
