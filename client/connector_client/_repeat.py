"""Repeats calls that are safe to repeat: on UNAVAILABLE, and on RESOURCE_EXHAUSTED; on nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import random
from time import monotonic
from typing import TypeVar

from connector_client._backoff import Backoff
from connector_client._errors import ConnectorError

REPEAT = Backoff(first=0.1, cap=5.0)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """When to try again; a test brings its own chance."""

    backoff: Backoff = REPEAT
    random: Callable[[], float] = random

    def delay(self, error: ConnectorError, attempt: int) -> float | None:
        """Seconds to wait after failure number `attempt` (from 1); None: a repeat is no use."""
        if not error.repeatable:
            return None
        return max(error.retry_delay or 0.0, self.backoff.delay(attempt, self.random))


async def repeated(call: Callable[[float], Awaitable[Answer]], *, seconds: float, repeats: Repeats) -> Answer:
    """Calls until there is an answer or the seconds are over; `call` gets what is left of them as its deadline.

    Raises the last `ConnectorError`.
    """
    until, attempt = monotonic() + seconds, 0
    while True:
        try:
            return await call(until - monotonic())
        except ConnectorError as error:
            attempt += 1
            delay = repeats.delay(error, attempt)
            if delay is None or monotonic() + delay >= until:
                raise
        await asyncio.sleep(delay)
