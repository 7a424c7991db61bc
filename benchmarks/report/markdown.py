"""The report as Markdown: what is printed is what `README.md` shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.goals import GOALS, GoalName
from benchmarks.machine import Machine
from benchmarks.report.rows import CAUSES, Cost, Findings, Row

TENS = 10
HUNDREDS = 100


def report(machine: Machine, findings: Findings) -> str:
    """All of it; ends with a line break."""
    parts = [
        "\n".join(f"* {line}" for line in machine.lines()),
        _table(HEAD, map(_cells, findings.rows)),
        _cores(findings.costs),
        "\n".join(f"* {note}" for note in [*findings.notes, *_not_judged(findings.rows), *findings.failures]),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


COSTS = f"""\
Processor for each, of all processes but {" and ".join(sorted(CAUSES))}: it hardly depends on what else is going on.
Beside it how many cores each process kept busy (1.00 is one, always):"""

HEAD = ("Scenario", "What", "Ours", "Spread", "Beside it", "Theirs", "Ratio", "Goal", "Verdict")


def _cells(row: Row) -> Sequence[str]:
    return (
        row.scenario,
        row.what,
        figure(row.ours, row.unit),
        "" if row.spread is None else f"{row.spread:.0%}",
        row.baseline,
        "" if row.theirs is None else figure(row.theirs, row.unit),
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.goal is None else str(GOALS[row.goal]),
        row.verdict,
    )


def figure(value: float, unit: str) -> str:
    """With as many digits as mean something."""
    digits = 0 if abs(value) >= HUNDREDS else 1 if abs(value) >= TENS else 2
    number = f"{value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{number}{unit}" if unit.startswith("/") else f"{number} {unit}"


def _cores(costs: Sequence[Cost]) -> str:
    if not costs:
        return ""
    names = list(dict.fromkeys(name for cost in costs for name in cost.cores))
    lines = (
        [
            *(cost.scenario, cost.what, f"{cost.each_us:.0f} µs"),
            *(f"{cost.cores[name]:.2f}" if name in cost.cores else "" for name in names),
        ]
        for cost in costs
    )
    return f"{COSTS}\n\n" + _table(("Scenario", "What", "Each", *names), lines)


def _not_judged(rows: Iterable[Row]) -> list[str]:
    judged = {row.goal for row in rows}
    left = ", ".join(f"{name.value} ({GOALS[name]})" for name in GoalName if name not in judged)
    return [f"not judged in this run: {left}"] if left else []


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
