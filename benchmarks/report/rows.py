"""What a scenario finds: figures of ours beside those of a baseline of the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.contest import Outcome
from benchmarks.goals import GOALS, GoalName
from benchmarks.processor import OTHERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    scenario: str
    what: str
    unit: str
    """`/s`, `ms`, `s` or `MB`."""
    ours: float
    baseline: str = ""
    """What stands beside it; empty: nothing."""
    theirs: float | None = None
    goal: GoalName | None = None
    spread: float | None = None
    """The range of our runs, as a share of their median."""

    @property
    def ratio(self) -> float | None:
        """Ours to theirs."""
        return self.ours / self.theirs if self.theirs else None

    @property
    def judged(self) -> float | None:
        """What the goal is about: the ratio or the figure. None where there is nothing to judge."""
        if self.goal is None:
            return None
        return self.ratio if GOALS[self.goal].of_ratio else self.ours

    @property
    def verdict(self) -> str:
        """`met`, `missed by 12 %`, or empty."""
        if self.goal is None or self.judged is None:
            return ""
        missed = GOALS[self.goal].missed_by(self.judged)
        return f"missed by {missed:.0%}" if missed else "met"


def compared(  # noqa: PLR0913 - a row has so many sides
    scenario: str,
    what: str,
    ours: Outcome,
    *,
    baseline: str = "",
    theirs: Outcome | None = None,
    goal: GoalName | None = None,
    unit: str = "/s",
) -> Row:
    """The row of two contenders."""
    return Row(
        scenario=scenario,
        what=what,
        unit=unit,
        ours=ours.value,
        baseline=baseline,
        theirs=None if theirs is None else theirs.value,
        goal=goal,
        spread=ours.spread,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a contender uses of the processor."""

    scenario: str
    what: str
    rate: float
    """How many a second."""
    cores: Mapping[str, float]
    """How many each process kept busy: 1.0 is one, always."""

    @property
    def each_us(self) -> float:
        """Microseconds for each, of all processes but `CAUSES`."""
        at_work = sum(cores for name, cores in self.cores.items() if name not in CAUSES)
        return 1_000_000 * at_work / self.rate


CAUSES = frozenset({"generator", "client", "ccm", OTHERS})
"""Processes that are not measured: they make the work, or have nothing to do with it."""


def costs(scenario: str, found: Mapping[str, Outcome]) -> list[Cost]:
    """Of all contenders."""
    return [Cost(scenario=scenario, what=what, rate=each.value, cores=each.cores) for what, each in found.items()]


@dataclass(slots=True)
class Findings:
    """Of one scenario, or of all."""

    rows: list[Row] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is to be known about them: what was left out, and why."""
    failures: list[str] = field(default_factory=list)
    """Scenarios that did not come to their end."""

    def extend(self, more: Findings) -> None:
        """Adds those of another scenario."""
        self.rows += more.rows
        self.costs += more.costs
        self.notes += more.notes
        self.failures += more.failures
