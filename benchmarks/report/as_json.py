"""The report for other programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from benchmarks.goals import GOALS
from benchmarks.machine import Machine
from benchmarks.report.rows import Findings, Row


def as_json(machine: Machine, findings: Findings) -> str:
    """Everything the table shows, and the machine."""
    told = {
        "machine": asdict(machine),
        "rows": [_row(row) for row in findings.rows],
        "costs": [asdict(cost) | {"each_us": cost.each_us} for cost in findings.costs],
        "notes": findings.notes,
        "failures": findings.failures,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _row(row: Row) -> dict[str, Any]:
    return {
        "scenario": row.scenario,
        "what": row.what,
        "unit": row.unit,
        "ours": row.ours,
        "baseline": row.baseline or None,
        "theirs": row.theirs,
        "ratio": row.ratio,
        "goal": None if row.goal is None else str(GOALS[row.goal]),
        "verdict": row.verdict or None,
        "spread": row.spread,
    }
