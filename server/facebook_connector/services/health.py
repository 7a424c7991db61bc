"""`grpc.health.v1`: whether this server can do its work, for the server as a whole and for each of its services.

SERVING once everything has started, NOT_SERVING while the database takes no change (it is gone, full, locked or read
only), and for good once the server drains. Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
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

PROBE_WITHIN_S = 3.0
"""Who answers later cannot serve: the gateway gives an ingest 4 s."""

_log = get_logger("health")


class Health:
    """Tells and keeps the state of health; `servicer` is what the gRPC server registers.

    `probe` has the database change something and raises `StoreError` when it does not.
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
        self._probing: asyncio.Task[object] | None = None
        """The question that is not answered yet. One at a time: a database that hangs is not given more to hang on."""
        self._serving = False

    async def starting(self) -> None:
        """Not serving, until the first `check`."""
        await self._set(serving=False)

    async def check(self) -> None:
        """Asks the database once, and tells what it found."""
        problem = await self._problem()
        if self._serving and problem:
            _log.error("the database cannot be used", error=problem)
        if not self._serving and not problem:
            _log.info("serving")
        await self._set(serving=not problem)

    async def watch(self) -> None:
        """Follows the database until cancelled."""
        try:
            while True:
                await asyncio.sleep(self._interval_s)
                await self.check()
        finally:
            if self._probing is not None:
                self._probing.cancel()

    async def draining(self) -> None:
        """Not serving from now on, whatever `check` sees."""
        await self.servicer.enter_graceful_shutdown()

    async def _problem(self) -> str:
        """What is wrong with the database, in one word; empty: nothing."""
        if self._probing is None:
            self._probing = asyncio.create_task(_asked(self._probe), name="health probe")
        done, _ = await asyncio.wait([self._probing], timeout=PROBE_WITHIN_S)
        if not done:
            return "TimeoutError"
        probing, self._probing = self._probing, None
        try:
            probing.result()
        except StoreError as error:
            return type(error).__qualname__
        return ""

    async def _set(self, *, serving: bool) -> None:
        self._serving = serving
        state = HealthCheckResponse.SERVING if serving else HealthCheckResponse.NOT_SERVING
        for name in self._names:
            await self.servicer.set(name, state)


async def _asked(probe: Callable[[], Awaitable[object]]) -> object:
    return await probe()
