"""The gateway's metrics: one table. `docs/operations.md` says of each what it tells and when to worry."""

from __future__ import annotations

from typing import Final

from service_runtime.metrics import Kind, Metric, Metrics

WEBHOOKS: Final = Metric(
    name="facebook_gateway_webhooks_total",
    kind=Kind.COUNTER,
    help="Webhooks, by result: stored (200), not_signed (403), too_large (413); all others got 503.",
    labels=("result",),
)
WEBHOOK_SECONDS: Final = Metric(
    name="facebook_gateway_webhook_seconds",
    kind=Kind.HISTOGRAM,
    help="From the head of a webhook to its answer. Facebook waits 5 s.",
)
LAST_STORED: Final = Metric(
    name="facebook_gateway_last_webhook_stored_timestamp_seconds",
    kind=Kind.GAUGE,
    help="When a webhook last got its 200; 0 since the start.",
)
EVENTS: Final = Metric(
    name="facebook_gateway_events_total",
    kind=Kind.COUNTER,
    help="Events of answered webhooks, by kind and outcome (stored, duplicate, quarantined).",
    labels=("kind", "outcome"),
)
QUARANTINED: Final = Metric(
    name="facebook_gateway_quarantined_total",
    kind=Kind.COUNTER,
    help="Items that went to the ingest quarantine, by reason.",
    labels=("reason",),
)
HANDSHAKES: Final = Metric(
    name="facebook_gateway_handshakes_total",
    kind=Kind.COUNTER,
    help="Verifications of the callback, by result: verified, refused, unavailable.",
    labels=("result",),
)
QUEUE_BYTES: Final = Metric(
    name="facebook_gateway_queue_bytes",
    kind=Kind.GAUGE,
    help="Bytes of events that wait for the server; webhooks get 503 beyond FBC_INGEST_QUEUE_BYTES.",
)
KEY_READS: Final = Metric(
    name="facebook_gateway_key_reads_total",
    kind=Kind.COUNTER,
    help="Reads of the webhook keys from the server, by result: ok, failed.",
    labels=("result",),
)
MEDIA: Final = Metric(
    name="facebook_gateway_media_requests_total",
    kind=Kind.COUNTER,
    help="Requests for media, by the status of the answer.",
    labels=("status",),
)
SERVER_SERVING: Final = Metric(
    name="facebook_gateway_server_serving",
    kind=Kind.GAUGE,
    help="1 while the server says that it takes events, else 0.",
)

TABLE: Final[tuple[Metric, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))


def new_metrics() -> Metrics:
    """All of them, at zero."""
    return Metrics(TABLE)
