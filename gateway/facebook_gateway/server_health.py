"""Follows the server's own word about its health, so that `/readyz` changes when the server does.

Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
"""

from __future__ import annotations

import asyncio
import random
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from expertflow.connector.v1 import ingest_service_pb2
from facebook_gateway.telemetry import SERVER_SERVING
from service_runtime.backoff import Backoff
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

SERVICE: Final = ingest_service_pb2.DESCRIPTOR.services_by_name["IngestService"].full_name
"""What the gateway needs of the server."""

RECONNECT: Final = Backoff(first=0.1, cap=1.0)

_log = get_logger("gateway.server")


class ServerHealth:
    """Whether the server says that it takes events. `run` is its only task."""

    def __init__(self, channel: grpc.aio.Channel, metrics: Metrics) -> None:
        self._metrics = metrics
        self._stub = health_pb2_grpc.HealthStub(channel)
        self._failures = 0
        self.serving = False
        """False while the server cannot be reached."""

    async def run(self) -> None:
        """Listens until cancelled; a connection that is lost is made again."""
        while True:
            try:
                await self._follow()
            except grpc.aio.AioRpcError:
                self._failures += 1
            self._tell(serving=False)
            await asyncio.sleep(RECONNECT.delay(max(self._failures, 1), random.random))

    async def _follow(self) -> None:
        call = self._stub.Watch(health_pb2.HealthCheckRequest(service=SERVICE), wait_for_ready=True)
        async for response in call:
            self._failures = 0
            self._tell(serving=response.status == health_pb2.HealthCheckResponse.SERVING)

    def _tell(self, *, serving: bool) -> None:
        if serving != self.serving:
            (_log.info if serving else _log.warning)("the server takes events" if serving else "the server takes none")
        self.serving = serving
        self._metrics.set(SERVER_SERVING, int(serving))
