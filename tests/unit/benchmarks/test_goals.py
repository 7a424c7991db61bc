from __future__ import annotations

import pytest

from benchmarks.goals import GOALS, Goal, GoalName

STATED = {
    GoalName.DURABLE: "≥ 0.5 × bare Starlette",
    GoalName.BOTTENDER: "≥ 2 × Bottender",
    GoalName.BATCH: "≥ 3 × one event each",
    GoalName.END_TO_END: "≥ 0.8 × durable",
    GoalName.LATENCY_P50: "≤ 3 × without a disk",
    GoalName.LATENCY_P99: "≤ 5 × without a disk",
    GoalName.SEND: "≥ 0.7 × bare httpx",
    GoalName.POSTGRESQL: "≥ 0.6 × SQLite",
    GoalName.GATEWAY_MEMORY: "≤ 80 MB",
    GoalName.SERVER_MEMORY: "≤ 110 MB",
    GoalName.BACKLOG_MEMORY: "≤ 250 MB",
    GoalName.START: "≤ 1.5 s",
}
"""What was asked for; whoever moves a goal moves it here, too."""


def test_every_goal_stands_as_it_was_stated() -> None:
    assert {name: str(goal) for name, goal in GOALS.items()} == STATED
    assert set(STATED) == set(GoalName)


@pytest.mark.parametrize(
    ("at_least", "value", "met", "missed_by"),
    [
        (True, 2.0, True, 0.0),
        (True, 2.1, True, 0.0),
        (True, 1.5, False, 0.25),
        (False, 2.0, True, 0.0),
        (False, 1.9, True, 0.0),
        (False, 3.0, False, 0.5),
    ],
)
def test_a_goal_is_met_on_its_bound_and_beyond(at_least: bool, value: float, met: bool, missed_by: float) -> None:
    goal = Goal(bound=2.0, at_least=at_least, of_ratio=True)

    assert goal.is_met(value) is met
    assert goal.missed_by(value) == pytest.approx(missed_by)
