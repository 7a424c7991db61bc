"""How long what is kept is kept: the times of the contract, and the cut-offs that follow from them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOUR_MS: Final = 60 * 60 * 1000
DAY_MS: Final = 24 * HOUR_MS

EVENT_MS: Final = 7 * DAY_MS
"""Events after they were acknowledged, with their raw bytes; and what an abandoned subscription has not read."""

LATE_MS: Final = HOUR_MS
"""What is not acknowledged so long after it was stored is noted, and when it is. So the times of all other
acknowledgements, which come within seconds, need not be kept."""

NOTED_MS: Final = HOUR_MS
"""Within this what is late is noted."""

QUARANTINE_MS: Final = 30 * DAY_MS

OUTBOUND_MS: Final = 30 * DAY_MS
"""Messages to customers after their final state."""

NAMES_MS: Final = 400 * DAY_MS
"""What holds no content: de-duplication keys, Messenger ids with their CIM ids, window clocks."""

AUDIT_MS: Final = 400 * DAY_MS

REQUEST_MS: Final = DAY_MS
"""Answers of named calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """What is older than these goes. Milliseconds since the epoch."""

    now_ms: int
    events_ms: int
    """Events stored before, if they are acknowledged; of others, the raw bytes."""
    abandoned_ms: int
    """Messages stored before, of subscriptions that nobody reads."""
    late_ms: int
    """Events stored before are late if somebody has not acknowledged them."""
    read_ms: int
    """Late events that were acknowledged before count like any other."""
    quarantine_ms: int
    outbound_ms: int
    names_ms: int
    audit_ms: int
    request_ms: int


def cutoffs(now_ms: int) -> Cutoffs:
    """Those of this moment."""
    return Cutoffs(
        now_ms=now_ms,
        # What is older and was never noted as late was acknowledged seven days ago, or more.
        events_ms=now_ms - EVENT_MS - LATE_MS - NOTED_MS,
        abandoned_ms=now_ms - EVENT_MS,
        late_ms=now_ms - LATE_MS,
        read_ms=now_ms - EVENT_MS,
        quarantine_ms=now_ms - QUARANTINE_MS,
        outbound_ms=now_ms - OUTBOUND_MS,
        names_ms=now_ms - NAMES_MS,
        audit_ms=now_ms - AUDIT_MS,
        request_ms=now_ms - REQUEST_MS,
    )
