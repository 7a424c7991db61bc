"""Where time comes from.

Everything that decides by time takes it as an argument; the outermost layer asks a `Clock`, and tests pass their own.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in two ways, which must not be mixed."""

    def now_ms(self) -> int:
        """Wall clock: milliseconds since the Unix epoch, UTC. May jump; for what is stored or shown."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never jump back; for time-outs within one process."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        """See `Clock.now_ms`."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()
