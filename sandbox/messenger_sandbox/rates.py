"""Calls that Facebook counts in a window of time, one row each; a call beyond is refused with 613.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/overview/rate-limiting.
The Send API's own 300 and 10 calls a second are not counted: a benchmark's far end must not be the bottleneck.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from messenger_sandbox.clock import SECOND_MS, Clock
from messenger_sandbox.errors import ErrorName, RefusedError, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    calls: int
    window_ms: int


CONVERSATIONS: Final = Rate(calls=2, window_ms=SECOND_MS)
MESSENGER_PROFILE: Final = Rate(calls=10, window_ms=600 * SECOND_MS)


class RateBook:
    """Counts calls per page; times are the sandbox's own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[tuple[Rate, str], deque[int]] = {}

    def count(self, rate: Rate, page_id: str) -> None:
        """Counts a call; raises RefusedError if it is one too many, which is then not counted."""
        now_ms = self._clock()
        calls = self._calls.setdefault((rate, page_id), deque())
        while calls and now_ms - calls[0] >= rate.window_ms:
            calls.popleft()
        if len(calls) >= rate.calls:
            raise RefusedError(refusal(ErrorName.CALLS_LIMIT))
        calls.append(now_ms)
