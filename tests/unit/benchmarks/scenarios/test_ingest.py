from __future__ import annotations

from benchmarks.baselines.frameworks import FRAMEWORKS
from benchmarks.goals import GoalName
from benchmarks.scenarios.ingest import GOALS


def test_each_framework_is_shown_and_bottender_is_what_we_judge_by() -> None:
    assert set(GOALS) == set(FRAMEWORKS)
    assert GOALS["Bottender"] is GoalName.BOTTENDER
