"""How much later than Facebook dates a message its answer to our call is here: the way of the answer, and our clock.

Receipts name a moment by Facebook's clock. The echo of a message says its moment; a message without an echo is dated by
the answer, less this skew. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

SHARE: Final = 4
"""A measurement moves what is known by so small a part of the difference: single answers are slow."""

MOST_AT_ONCE_MS: Final = 1_000
"""And no further than this: what was settled long after the call says little of the clocks."""

WORTH_NOTING_MS: Final = 20
"""Smaller changes are not kept, so that a steady clock costs no writes."""


def measured(known_ms: int, samples: Iterable[int]) -> int:
    """The skew after some measurements, each the time of an answer by our clock less that of its echo."""
    skew_ms = known_ms
    for sample_ms in samples:
        step_ms = (sample_ms - skew_ms) // SHARE
        skew_ms += max(-MOST_AT_ONCE_MS, min(step_ms, MOST_AT_ONCE_MS))
    return skew_ms


def is_worth_noting(known_ms: int, skew_ms: int) -> bool:
    """Whether a skew differs enough from the one that is kept."""
    return abs(skew_ms - known_ms) >= WORTH_NOTING_MS
