"""The benchmark in its quick form: that it works, not what it finds."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.goals import GOALS, GoalName
from benchmarks.scenarios.table import SCENARIOS
from tests.support.processes import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

NOT_IN_A_QUICK_RUN = {GoalName.BOTTENDER, GoalName.BACKLOG_MEMORY}


async def found_by(folder: Path, *options: str, path: str = os.environ["PATH"]) -> dict[str, Any]:
    file = folder / "found.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.command", "--quick", "--json", str(file), *options),
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, told = await process.communicate()
    assert process.returncode == 0, told.decode() + printed.decode()
    assert "| Scenario | What | Ours |" in printed.decode()
    found: dict[str, Any] = json.loads(file.read_text())
    assert all(row["ours"] > 0 for row in found["rows"])
    return found


async def test_every_scenario_runs_and_judges_what_it_is_about(tmp_path: Path) -> None:
    found = await found_by(tmp_path)

    judged = {row["goal"] for row in found["rows"]}
    assert {row["scenario"] for row in found["rows"]} == set(SCENARIOS)
    assert {str(GOALS[name]) for name in GoalName if name not in NOT_IN_A_QUICK_RUN} <= judged


async def test_a_machine_without_wrk_and_node_is_measured_by_our_own_generator(tmp_path: Path) -> None:
    found = await found_by(tmp_path, "--only", "ingest", path=str(Path(sys.executable).parent))

    assert "own.py" in found["machine"]["generator"]
    assert {row["scenario"] for row in found["rows"]} == {"ingest"}
