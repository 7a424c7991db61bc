"""How fast a page may send: rates, the rest after a throttle, and the delay before a retry.

Times are milliseconds; randomness comes in as draws from [0, 1). Rates by
https://developers.facebook.com/documentation/business-messaging/messenger-platform/overview/rate-limiting
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from facebook_connector.sending.kinds import Bucket

PER_SECOND: Mapping[Bucket, int] = MappingProxyType({Bucket.TEXT: 300, Bucket.MEDIA: 10, Bucket.UPLOAD: 10})
"""Calls of a page; Meta's limits of the Send API, and the same again for uploads."""
READS_PER_SECOND = 1.6
"""Reads of conversations of a page. Meta takes two; calls that reach it a little early are not to be one too many."""
READ_AGAIN_MS = 15_000
"""Until a conversation that did not settle a doubt is read again."""
LEAST_REST_MS = 60_000
"""A throttled page rests at least so long: calls in that state lengthen it."""
LONGEST_REST_MS = 3_600_000
FIRST_RETRY_MS = 1_000
LONGEST_RETRY_MS = 60_000
MAX_DOUBLINGS = 16


PAGE_RESTRICTED = "PAGE_RESTRICTED"
"""Why a channel is stopped that is tried again by itself: restrictions end without a word."""
FIRST_RESTRICTION_MS = 30 * 60_000
LONGEST_RESTRICTION_MS = 4 * 3_600_000
SLOW_PERCENT = 80
HUMANS_ONLY_PERCENT = 95
"""How full a rate limit may be before bots wait: what is left of it is for people who wait for an answer."""
SLOWER = 4
"""How much longer calls are spaced once a limit is nearly used up."""
USAGE_COUNTS_MS = 60_000
"""How long the last word on a page's usage counts."""


class Pressure(Enum):
    """How near a page is to its rate limits."""

    NONE = auto()
    SLOW = auto()
    HUMANS_ONLY = auto()


def pressure_of(usage_percent: int) -> Pressure:
    """What follows from how full the fullest limit is."""
    if usage_percent >= HUMANS_ONLY_PERCENT:
        return Pressure.HUMANS_ONLY
    return Pressure.SLOW if usage_percent >= SLOW_PERCENT else Pressure.NONE


def restriction_ms(times: int) -> int:
    """How long a restricted page is left alone after its restriction number `times` in a row (from 1)."""
    doublings: int = min(times - 1, MAX_DOUBLINGS)
    return int(min(FIRST_RESTRICTION_MS * 2**doublings, LONGEST_RESTRICTION_MS))


def retry_delay_ms(failures: int, draw: float) -> int:
    """The wait after the failed try number `failures` (from 1): exponential with full jitter, never near zero."""
    span = min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** min(failures - 1, MAX_DOUBLINGS))
    return int(span * (0.1 + 0.9 * draw))


def rest_ms(throttles: int, regain_ms: int, draw: float) -> int:
    """The rest of a page after its throttle number `throttles` in a row (from 1).

    At least what Facebook names and a minute; it doubles, and jitter adds up to a tenth, so that pages that were
    throttled together do not return together.
    """
    rest = max(regain_ms, LEAST_REST_MS * 2 ** min(throttles - 1, MAX_DOUBLINGS))
    return int(max(regain_ms, min(rest, LONGEST_REST_MS)) * (1 + 0.1 * draw))


@dataclass(slots=True, kw_only=True)
class Rate:
    """Spaces calls so that no more than `per_second` start in any second, with no burst beyond a tenth of a second.

    Each caller takes the next free place; nobody is refused, later callers only wait longer.
    """

    per_second: float
    next_ms: float = 0.0
    """When the next place is free."""

    def take(self, now_ms: int, slower: int = 1) -> int:
        """Takes a place, so many times as wide as usual, and returns how long to wait for it."""
        spacing = 1000 / self.per_second * slower
        place = max(self.next_ms, now_ms - 100)
        self.next_ms = place + spacing
        return max(0, round(place - now_ms))

    def is_free(self, now_ms: int) -> bool:
        """Whether whoever takes a place now need not wait for it."""
        return round(self.next_ms - now_ms) <= 0
