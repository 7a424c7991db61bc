"""How the ingest of this server is doing: totals since the start, and the commits of the last minute. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from expertflow.connector.v1 import ingest_service_pb2
from facebook_connector.delivery.values import IngestOutcome

MINUTE_S: Final = 60.0

MOST: Final = 20_000
"""Commits that are remembered; with more in a minute the oldest are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestFigures:
    """See `expertflow.connector.v1.IngestStatistics`."""

    stored: int
    duplicates: int
    commits: int
    mean_items: float
    """Events of a commit in the last minute; 0: there was none."""
    median_s: float | None
    p99_s: float | None


class IngestMeter:
    """Counts. Times are those of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._stored = self._duplicates = self._commits = 0
        self._recent: deque[tuple[float, int, float]] = deque(maxlen=MOST)

    def committed(self, outcomes: Sequence[IngestOutcome], at_s: float, seconds: float) -> None:
        """A commit took so long and had these outcomes."""
        kinds = [outcome.outcome for outcome in outcomes]
        self._stored += kinds.count(ingest_service_pb2.INGEST_OUTCOME_STORED)
        self._duplicates += kinds.count(ingest_service_pb2.INGEST_OUTCOME_DUPLICATE)
        self._commits += 1
        self._recent.append((at_s, len(outcomes), seconds))
        self._forget(at_s)

    def figures(self, now_s: float) -> IngestFigures:
        """What there is to tell now."""
        self._forget(now_s)
        times = sorted(seconds for _, _, seconds in self._recent)
        return IngestFigures(
            stored=self._stored,
            duplicates=self._duplicates,
            commits=self._commits,
            mean_items=sum(items for _, items, _ in self._recent) / len(times) if times else 0.0,
            median_s=_quantile(times, 0.5),
            p99_s=_quantile(times, 0.99),
        )

    def _forget(self, now_s: float) -> None:
        while self._recent and self._recent[0][0] <= now_s - MINUTE_S:
            self._recent.popleft()


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of all does not exceed; None of nothing."""
    if not ordered:
        return None
    return ordered[ceil(share * len(ordered)) - 1]
