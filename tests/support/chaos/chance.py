"""Chance that does not depend on timing: every decision has a name, and a seed gives each name its number.

So a killed process that is started again, and another process beside it, decide the same about the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from typing import TypeVar

Option = TypeVar("Option")

_BYTES = 6
"""A float holds 48 bits exactly, so that no number is rounded up to 1."""

_SPAN = 256.0**_BYTES


@dataclass(frozen=True, slots=True)
class Chance:
    """All decisions of one run."""

    seed: int

    def number(self, *name: object) -> float:
        """In [0, 1), always the same for a name."""
        text = "/".join(map(str, (self.seed, *name)))
        return int.from_bytes(blake2b(text.encode(), digest_size=_BYTES).digest()) / _SPAN

    def between(self, low: float, high: float, *name: object) -> float:
        """Evenly drawn from [low, high)."""
        return low + (high - low) * self.number(*name)

    def happens(self, share: float, *name: object) -> bool:
        """True for this share of all names."""
        return self.number(*name) < share

    def pick(self, weights: Mapping[Option, float], *name: object) -> Option:
        """One of the options, each as often as its weight says."""
        ends = list(accumulate(weights.values()))
        drawn = self.number(*name) * ends[-1]
        return next(option for option, end in zip(weights, ends, strict=True) if drawn < end)
