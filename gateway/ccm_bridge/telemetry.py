"""The bridge's metrics: one table. `docs/operations.md` says of each what it tells and when to worry."""

from __future__ import annotations

from typing import Final

from service_runtime.metrics import Kind, Metric, Metrics

POSTS: Final = Metric(
    name="ccm_bridge_posts_total",
    kind=Kind.COUNTER,
    help="Messages posted to CCM, by ruling (taken, unavailable, rejected) and answer: a status, or why none came.",
    labels=("ruling", "answer"),
)
POST_SECONDS: Final = Metric(
    name="ccm_bridge_post_seconds",
    kind=Kind.HISTOGRAM,
    help="How long CCM took to answer a posted message.",
)
IN_FLIGHT: Final = Metric(
    name="ccm_bridge_in_flight_messages",
    kind=Kind.GAUGE,
    help="Messages that the bridge has in hand: being posted, or about to be.",
)
OLDEST: Final = Metric(
    name="ccm_bridge_oldest_in_flight_seconds",
    kind=Kind.GAUGE,
    help="Age of the oldest message in hand, from its storing; 0 if there is none.",
)
LAST_TAKEN: Final = Metric(
    name="ccm_bridge_last_taken_timestamp_seconds",
    kind=Kind.GAUGE,
    help="When CCM last took a message; 0 since the start.",
)
CCM_TAKES: Final = Metric(
    name="ccm_bridge_ccm_available",
    kind=Kind.GAUGE,
    help="0 after an answer of CCM that means it cannot take messages at present, else 1.",
)
RECEIVED: Final = Metric(
    name="ccm_bridge_received_total",
    kind=Kind.COUNTER,
    help="Calls of CCM to /cim-messages, by the status of the answer.",
    labels=("status",),
)
RECEIVE_SECONDS: Final = Metric(
    name="ccm_bridge_receive_seconds",
    kind=Kind.HISTOGRAM,
    help="From the head of a call to /cim-messages to its answer.",
)
PUSHES: Final = Metric(
    name="ccm_bridge_pushes_total",
    kind=Kind.COUNTER,
    help="Calls of CCM to /connector-configurations, by the status of the answer.",
    labels=("status",),
)

TABLE: Final[tuple[Metric, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))


def new_metrics() -> Metrics:
    """All of them, at zero."""
    metrics = Metrics(TABLE)
    metrics.set(CCM_TAKES, 1)
    return metrics
