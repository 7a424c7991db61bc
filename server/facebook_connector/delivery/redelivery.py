"""When a message that was not acknowledged comes again, and whether the attempt counts towards the dead letter.

One table says it for every way in which an attempt can end without an acknowledgement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from facebook_connector.delivery.values import AckToken, Release

FIRST_BACKOFF_MS = 1_000

LONGEST_BACKOFF_MS = 60_000

_MAX_DOUBLINGS = 6
"""2^6 seconds is beyond the longest backoff."""


class Cause(Enum):
    """How an attempt ended without an acknowledgement."""

    UNAVAILABLE = "the consumer cannot work at present"
    REJECTED = "the consumer cannot process this very message"
    EXPIRED = "the deadline passed while the stream lived"
    STALLED = "the deadline passed while the stream lived, but the subscription acknowledged nothing meanwhile"
    DISCONNECTED = "the deadline passed after the stream had ended"
    UNSENT = "the head was claimed but never sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """How attempts ended without an acknowledgement, and what the consumer said about it."""

    cause: Cause
    delay_ms: int | None = None
    """Replaces the backoff."""
    detail: str = ""
    """Why, for operators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What follows from a cause."""

    counts: bool
    """Towards the dead letter."""
    backs_off: bool
    """Whether the message waits before it comes again; the consumer was not at work where it need not."""


RULES: Mapping[Cause, Rule] = MappingProxyType(
    {
        Cause.UNAVAILABLE: Rule(counts=False, backs_off=True),
        Cause.REJECTED: Rule(counts=True, backs_off=True),
        Cause.EXPIRED: Rule(counts=True, backs_off=True),
        Cause.STALLED: Rule(counts=False, backs_off=True),
        Cause.DISCONNECTED: Rule(counts=False, backs_off=False),
        Cause.UNSENT: Rule(counts=False, backs_off=False),
    }
)


def backoff_ms(attempt: int, random: Callable[[], float]) -> int:
    """Evenly drawn between 1 s and the attempt's span, which doubles from 2 s to 60 s (full jitter).

    `attempt` is the one that failed, from 1; `random` gives numbers in [0, 1).
    """
    span = min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << min(attempt, _MAX_DOUBLINGS))
    return FIRST_BACKOFF_MS + int((span - FIRST_BACKOFF_MS) * random())


def release(token: AckToken, ended: NotDone, now_ms: int, random: Callable[[], float]) -> Release:
    """The way back for a head whose attempt ended so."""
    rule = RULES[ended.cause]
    wait_ms = backoff_ms(token.attempt, random) if rule.backs_off else 0
    if ended.delay_ms is not None:
        wait_ms = ended.delay_ms
    return Release(
        token=token,
        ready_at_ms=now_ms + wait_ms,
        counted=rule.counts,
        unsent=ended.cause is Cause.UNSENT,
        detail=ended.detail,
    )
