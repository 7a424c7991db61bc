"""Follows a gRPC server's own word about its health, so that a client's readiness changes when the server's does.

Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from service_runtime.backoff import Backoff

RECONNECT: Final = Backoff(first=0.1, cap=1.0)


class ServerHealth:
    """Whether a server says that it serves `service` (its full name). `run` is its only task.

    `told` is called with each answer, and when the connection is lost.
    """

    def __init__(self, channel: grpc.aio.Channel, service: str, told: Callable[[bool], None]) -> None:
        self._stub = health_pb2_grpc.HealthStub(channel)
        self._service = service
        self._told = told
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
            self._tell(False)
            await asyncio.sleep(RECONNECT.delay(max(self._failures, 1), random.random))

    async def _follow(self) -> None:
        call = self._stub.Watch(health_pb2.HealthCheckRequest(service=self._service), wait_for_ready=True)
        async for response in call:
            self._failures = 0
            self._tell(response.status == health_pb2.HealthCheckResponse.SERVING)

    def _tell(self, serving: bool) -> None:  # noqa: FBT001 # it is the news, not a switch
        self.serving = serving
        self._told(serving)
