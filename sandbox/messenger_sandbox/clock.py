"""Facebook's clock, as the sandbox plays it.

Every time in the sandbox is milliseconds since the epoch and comes from one clock, so that a test may advance it by a
day and see the messaging window close. Nothing here waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Tells the time in milliseconds since the epoch."""

SECOND_MS = 1_000
HOUR_MS = 3_600 * SECOND_MS
DAY_MS = 24 * HOUR_MS


def system_clock() -> int:
    return time.time_ns() // 1_000_000


class SandboxClock:
    """A clock that runs with `base` and can be moved forward, never back."""

    def __init__(self, base: Clock = system_clock) -> None:
        self._base = base
        self._ahead_ms = 0

    def __call__(self) -> int:
        return self._base() + self._ahead_ms

    def advance(self, milliseconds: int) -> int:
        """Moves the clock forward and returns the new time; raises ValueError for a step backwards."""
        if milliseconds < 0:
            raise ValueError("a clock only goes forward")
        self._ahead_ms += milliseconds
        return self()
