"""Percentiles by nearest rank: the figure is one that was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed; 0 where there are none.

    `percent` is above 0 and at most 100.
    """
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[math.ceil(percent * len(ordered) / 100) - 1]
