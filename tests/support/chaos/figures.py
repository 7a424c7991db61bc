"""What a run comes down to: one line of figures, and whether it passed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from tests.support.chaos.oracle import Broken
from tests.support.chaos.run import Outcome

ENOUGH_IN_FLIGHT = 0.8
"""A run of which fewer kills hit work in flight proves too little."""

NAMED = (Broken.LOST, Broken.OUT_OF_ORDER, Broken.UNEXPLAINED_DUPLICATE)
"""What has a figure of its own in the line."""

SHOWN = 20
"""Violations that are printed; all of them stand in the JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one run."""

    engine: str
    seed: int
    kills: int
    in_flight: float
    """Share of the kills that hit work in flight."""
    events: int
    redeliveries: int
    lost: int
    out_of_order: int
    unexplained_duplicates: int
    other_violations: int
    seconds: float

    @classmethod
    def of(cls, outcome: Outcome) -> Figures:
        """Counts."""
        verdict, hits = outcome.verdict, outcome.hits
        lost, out_of_order, duplicates = (verdict.count(broken) for broken in NAMED)
        return cls(
            engine=outcome.plan.engine,
            seed=outcome.plan.seed,
            kills=len(hits),
            in_flight=sum(hit.in_flight for hit in hits) / len(hits) if hits else 0.0,
            events=verdict.events,
            redeliveries=verdict.redeliveries,
            lost=lost,
            out_of_order=out_of_order,
            unexplained_duplicates=duplicates,
            other_violations=len(verdict.violations) - lost - out_of_order - duplicates,
            seconds=round(outcome.seconds, 1),
        )

    def __str__(self) -> str:
        return (
            f"chaos {self.engine}: {self.kills} kills ({self.in_flight:.0%} in flight), {self.events} events,"
            f" {self.redeliveries} redeliveries, {self.lost} lost, {self.out_of_order} out of order,"
            f" {self.unexplained_duplicates} unexplained duplicates, {self.other_violations} other violations,"
            f" {self.seconds:.0f} s, seed {self.seed}"
        )


def complaints(outcome: Outcome) -> list[str]:
    """Why a run has not passed; empty if it has."""
    found = [str(violation) for violation in outcome.verdict.violations[:SHOWN]]
    if (more := len(outcome.verdict.violations) - SHOWN) > 0:
        found.append(f"and {more} more")
    if outcome.trouble:
        found.append(outcome.trouble)
    figures = Figures.of(outcome)
    if figures.in_flight < ENOUGH_IN_FLIGHT:
        found.append(f"only {figures.in_flight:.0%} of the kills hit work in flight, {ENOUGH_IN_FLIGHT:.0%} are needed")
    return found


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything there is to know about a run, for `--json`."""
    by_process = Counter(hit.process for hit in outcome.hits)
    return {
        **asdict(Figures.of(outcome)),
        "passed": not complaints(outcome),
        "trouble": outcome.trouble,
        "acknowledged": outcome.verdict.acknowledged,
        "kills_by_process": dict(sorted(by_process.items())),
        "idle_kills_by_process": dict(
            sorted(Counter(hit.process for hit in outcome.hits if not hit.in_flight).items())
        ),
        "violations": [str(violation) for violation in outcome.verdict.violations],
    }
