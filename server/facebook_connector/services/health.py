"""`grpc.health.v1`: whether this server can do its work, for the server as a whole and for each of its services.

SERVING once everything has started, NOT_SERVING while the database does not answer, and for good once the
server drains. Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from grpc_health.v1 import health
from grpc_health.v1.health_pb2 import HealthCheckResponse

from facebook_connector.store.errors import StoreError
from service_runtime.logs import get_logger

PROBE_INTERVAL_S = 2.0
"""How often the database is asked."""

_log = get_logger("health")


class Health:
    """Tells and keeps the state of health; `servicer` is what the gRPC server registers.

    `probe` asks the database and raises `StoreError` when it does not answer.
    """

    def __init__(
        self,
        services: Iterable[str],
        probe: Callable[[], Awaitable[object]],
        *,
        interval_s: float = PROBE_INTERVAL_S,
    ) -> None:
        self.servicer = health.aio.HealthServicer()
        self._names = ("", *services)
        self._probe = probe
        self._interval_s = interval_s
        self._serving = False

    async def starting(self) -> None:
        """Not serving, until the first `check`."""
        await self._set(serving=False)

    async def check(self) -> None:
        """Asks the database once, and tells what it found."""
        try:
            await self._probe()
        except StoreError as error:
            if self._serving:
                _log.error("the database does not answer", error=type(error).__qualname__)
            await self._set(serving=False)
        else:
            if not self._serving:
                _log.info("serving")
            await self._set(serving=True)

    async def watch(self) -> None:
        """Follows the database until cancelled."""
        while True:
            await asyncio.sleep(self._interval_s)
            await self.check()

    async def draining(self) -> None:
        """Not serving from now on, whatever `check` sees."""
        await self.servicer.enter_graceful_shutdown()

    async def _set(self, *, serving: bool) -> None:
        self._serving = serving
        state = HealthCheckResponse.SERVING if serving else HealthCheckResponse.NOT_SERVING
        for name in self._names:
            await self.servicer.set(name, state)
