"""A service as a process of its own: set up, run until it is told to stop, and ended in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import uvloop

from service_runtime import interpreter, logs
from service_runtime.lifecycle import first_of, stop_signals


class Running(Protocol):
    """A service that serves."""

    @property
    def failure(self) -> Callable[[], Coroutine[Any, Any, None]]:
        """Returns never while all is well; raises what killed a part of the service."""
        ...


def run_until_stopped(name: str, log_level: str, service: AbstractAsyncContextManager[Running]) -> None:
    """Serves until SIGTERM or SIGINT, then leaves the service. Call it once, when everything is imported."""
    logs.configure(log_level)
    interpreter.tune()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_stopped(name, service))


async def _until_stopped(name: str, service: AbstractAsyncContextManager[Running]) -> None:
    with stop_signals() as stop:
        async with service as running:
            await first_of(stop.wait(), running.failure())
            logs.get_logger(name).info(f"{name} stops")
