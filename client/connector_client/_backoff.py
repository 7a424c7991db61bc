"""How long to wait before the next connection or repeat: exponential growth with full jitter.

Full jitter spreads many clients over the whole span, so that they do not come back to a restarted server in one wave
(AWS Architecture Blog, "Exponential Backoff And Jitter").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MAX_DOUBLINGS = 32
"""Beyond this the cap has long been reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """`first` and `cap` are in seconds and positive."""

    first: float
    cap: float

    def delay(self, attempt: int, random: Callable[[], float]) -> float:
        """Seconds to wait after failure number `attempt` (from 1), given a source of numbers in [0, 1).

        Never less than a tenth of the span: a series of small draws must not become a busy loop.
        """
        span = min(self.cap, self.first * 2.0 ** min(attempt - 1, MAX_DOUBLINGS))
        return span * (0.1 + 0.9 * random())
