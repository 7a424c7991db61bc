"""What we mean to reach: on two cores, SQLite with `synchronous=FULL`, every ratio within one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class GoalName(Enum):
    """One for each figure that is judged."""

    DURABLE = "durable"
    BOTTENDER = "bottender"
    BATCH = "batch"
    END_TO_END = "end to end"
    LATENCY_P50 = "latency p50"
    LATENCY_P99 = "latency p99"
    SEND = "send"
    POSTGRESQL = "postgresql"
    GATEWAY_MEMORY = "gateway memory"
    SERVER_MEMORY = "server memory"
    BACKLOG_MEMORY = "backlog memory"
    START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound on a figure, or on the ratio of a figure to that of its baseline."""

    bound: float
    at_least: bool
    """Whether more is better."""
    of_ratio: bool
    unit: str = ""
    than: str = ""
    """What the ratio is to, in words."""

    def is_met(self, value: float) -> bool:
        """Whether a figure or a ratio is good enough."""
        return value >= self.bound if self.at_least else value <= self.bound

    def missed_by(self, value: float) -> float:
        """The share of the bound that is missing, or too much; 0 if it is met."""
        return 0.0 if self.is_met(value) else abs(value - self.bound) / self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.bound:g} × {self.than}" if self.of_ratio else f"{sign} {self.bound:g} {self.unit}"


def _times(bound: float, than: str, *, at_least: bool = True) -> Goal:
    return Goal(bound=bound, at_least=at_least, of_ratio=True, than=than)


def _at_most(bound: float, unit: str) -> Goal:
    return Goal(bound=bound, at_least=False, of_ratio=False, unit=unit)


GOALS: Mapping[GoalName, Goal] = MappingProxyType(
    {
        GoalName.DURABLE: _times(0.5, "bare Starlette"),
        GoalName.BOTTENDER: _times(2, "Bottender"),
        GoalName.BATCH: _times(3, "one event each"),
        GoalName.END_TO_END: _times(0.8, "durable"),
        GoalName.LATENCY_P50: _times(3, "without a disk", at_least=False),
        GoalName.LATENCY_P99: _times(5, "without a disk", at_least=False),
        GoalName.SEND: _times(0.7, "bare httpx"),
        GoalName.POSTGRESQL: _times(0.6, "SQLite"),
        GoalName.GATEWAY_MEMORY: _at_most(80, "MB"),
        GoalName.SERVER_MEMORY: _at_most(110, "MB"),
        GoalName.BACKLOG_MEMORY: _at_most(250, "MB"),
        GoalName.START: _at_most(1.5, "s"),
    }
)
