from __future__ import annotations

import pytest

from benchmarks.contest import Outcome, Sample
from benchmarks.goals import GoalName
from benchmarks.report.rows import Cost, Findings, Row, compared, costs


def row(**changes: object) -> Row:
    settings: dict[str, object] = {"scenario": "send", "what": "replies", "unit": "/s", "ours": 60.0}
    return Row(**{**settings, **changes})  # type: ignore[arg-type]


def test_a_goal_about_a_ratio_judges_the_ratio() -> None:
    judged = row(theirs=100.0, goal=GoalName.SEND)

    assert judged.judged == pytest.approx(0.6)
    assert judged.verdict == "missed by 14%"
    assert row(theirs=80.0, goal=GoalName.SEND).verdict == "met"


def test_a_goal_about_a_figure_judges_the_figure_whatever_stands_beside_it() -> None:
    assert row(ours=81.0, theirs=1.0, unit="MB", goal=GoalName.GATEWAY_MEMORY).verdict == "missed by 1%"
    assert row(ours=80.0, theirs=1.0, unit="MB", goal=GoalName.GATEWAY_MEMORY).verdict == "met"


def test_without_a_goal_there_is_no_verdict() -> None:
    assert row(theirs=100.0).verdict == ""


@pytest.mark.parametrize("theirs", [None, 0.0])
def test_without_a_figure_beside_it_a_ratio_is_not_judged(theirs: float | None) -> None:
    unjudged = row(theirs=theirs, goal=GoalName.SEND)

    assert unjudged.ratio is None
    assert unjudged.verdict == ""


def test_a_comparison_takes_the_medians_of_both() -> None:
    ours, theirs = (Outcome(tuple(Sample(value=value) for value in values)) for values in ((1, 2, 9), (4, 4, 5)))

    found = compared("send", "replies", ours, baseline="httpx", theirs=theirs, goal=GoalName.SEND)

    assert (found.ours, found.theirs, found.ratio, found.spread) == (2, 4, 0.5, 4.0)


def test_costs_are_told_of_every_contender() -> None:
    found = {name: Outcome((Sample(value=1, cores={name: 0.5}),)) for name in ("ours", "theirs")}

    assert costs("send", found) == [
        Cost(scenario="send", what="ours", rate=1, cores={"ours": 0.5}),
        Cost(scenario="send", what="theirs", rate=1, cores={"theirs": 0.5}),
    ]


def test_what_causes_the_work_is_no_part_of_what_each_costs() -> None:
    cores = {"gateway": 0.5, "server": 0.3, "generator": 0.9, "client": 0.9, "ccm": 0.9, "others": 0.9}

    assert Cost(scenario="s", what="w", rate=2_000, cores=cores).each_us == pytest.approx(400)


def test_the_findings_of_scenarios_add_up() -> None:
    findings = Findings([row()], [], ["a"], [])
    findings.extend(Findings([row(what="more")], [Cost(scenario="s", what="w", rate=1, cores={})], ["b"], ["broken"]))

    assert [each.what for each in findings.rows] == ["replies", "more"]
    assert (len(findings.costs), findings.notes, findings.failures) == (1, ["a", "b"], ["broken"])
