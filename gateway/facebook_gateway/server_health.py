"""Whether the server takes events, by its own word: what `/readyz` says, the log and the metric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import grpc

from expertflow.connector.v1 import ingest_service_pb2
from facebook_gateway.telemetry import SERVER_SERVING
from service_runtime.grpc_health import ServerHealth
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

SERVICE: Final = ingest_service_pb2.DESCRIPTOR.services_by_name["IngestService"].full_name
"""What the gateway needs of the server."""

_log = get_logger("gateway.server")


def ingest_health(channel: grpc.aio.Channel, metrics: Metrics) -> ServerHealth:
    """Follows the server's health over a channel."""
    return ServerHealth(channel, SERVICE, _teller(metrics))


def _teller(metrics: Metrics) -> Callable[[bool], None]:
    known = False

    def tell(serving: bool) -> None:  # noqa: FBT001 # it is the news, not a switch
        nonlocal known
        if serving != known:
            (_log.info if serving else _log.warning)("the server takes events" if serving else "the server takes none")
        known = serving
        metrics.set(SERVER_SERVING, int(serving))

    return tell
