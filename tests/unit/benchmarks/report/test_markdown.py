from __future__ import annotations

import pytest

from benchmarks.goals import GoalName
from benchmarks.machine import Machine
from benchmarks.report.markdown import figure, report
from benchmarks.report.rows import Cost, Findings, Row

MACHINE = Machine(
    date="2026-11-26 21:00 UTC",
    processor="a processor",
    cores=2,
    memory_gb=8.0,
    system="Linux 6",
    python="CPython 3.11",
    libraries="SQLite 3.40",
    filesystem="ext4",
    fdatasync_p50_ms=0.2,
    fdatasync_p99_ms=1.5,
    load=(0.1, 0.2, 0.3),
    generator="wrk",
)

ROW = Row(
    scenario="send",
    what="SendMessage, 16 in flight",
    unit="/s",
    ours=123.4,
    spread=0.12,
    baseline="bare httpx",
    theirs=246.8,
    goal=GoalName.SEND,
)


def test_a_line_has_both_figures_their_ratio_the_goal_and_the_verdict() -> None:
    ours, theirs = "SendMessage, 16 in flight | 123/s | 12%", "bare httpx | 247/s | 0.50"

    line = f"| send | {ours} | {theirs} | ≥ 0.7 × bare httpx | missed by 29% |"

    assert line in report(MACHINE, Findings([ROW])).splitlines()


def test_a_line_without_baseline_and_goal_leaves_cells_empty() -> None:
    row = Row(scenario="memory", what="server (PSS)", unit="MB", ours=99.5)

    assert "| memory | server (PSS) | 99.5 MB |  |  |  |  |  |  |" in report(MACHINE, Findings([row])).splitlines()


def test_each_process_has_a_column_of_the_cores_it_kept_busy() -> None:
    costs = [
        Cost(scenario="send", what="ours", rate=10_000, cores={"server": 0.987, "sandbox": 0.1}),
        Cost(scenario="send", what="bare", rate=500, cores={"sandbox": 0.25}),
    ]

    lines = report(MACHINE, Findings([ROW], costs)).splitlines()

    assert "| Scenario | What | Each | server | sandbox |" in lines
    assert "| send | ours | 109 µs | 0.99 | 0.10 |" in lines
    assert "| send | bare | 500 µs |  | 0.25 |" in lines


def test_a_goal_that_no_line_is_about_is_named() -> None:
    (line,) = [each for each in report(MACHINE, Findings([ROW])).splitlines() if "not judged in this run" in each]

    assert "start (≤ 1.5 s)" in line
    assert "httpx" not in line


def test_machine_notes_and_failures_are_told() -> None:
    lines = report(MACHINE, Findings([ROW], [], ["left out"], ["broken"])).splitlines()

    assert "* databases on ext4, fdatasync of 4 KiB 0.20 ms (p99 1.50 ms)" in lines
    assert "* load before 0.10 0.20 0.30; webhooks by wrk" in lines
    assert {"* left out", "* broken"} <= set(lines)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (12345.6, "/s", "12\N{NARROW NO-BREAK SPACE}346/s"),
        (99.94, "ms", "99.9 ms"),
        (1.499, "s", "1.50 s"),
        (0.0, "s", "0.00 s"),
    ],
)
def test_a_figure_has_the_digits_that_mean_something(value: float, unit: str, expected: str) -> None:
    assert figure(value, unit) == expected
