from __future__ import annotations

from pathlib import Path

from tests.support.chaos.figures import Figures, as_json, complaints
from tests.support.chaos.in_flight import Hit
from tests.support.chaos.journal import Said
from tests.support.chaos.oracle import Broken, Verdict, Violation
from tests.support.chaos.run import Outcome, Plan


def outcome(*broken: Broken, hit: int = 9, missed: int = 1, trouble: str = "") -> Outcome:
    return Outcome(
        plan=Plan(engine="sqlite", database={}, kills=hit + missed, seed=7, folder=Path()),
        verdict=Verdict(
            events=1000,
            acknowledged=1000,
            redeliveries=42,
            violations=tuple(Violation(broken=each, said=Said(1, 2), at=3.0, detail="so") for each in broken),
        ),
        hits=tuple(
            Hit(process="server-1", at=float(number), webhooks=int(number < hit), deliveries=0)
            for number in range(hit + missed)
        ),
        seconds=61.23,
        trouble=trouble,
    )


def test_a_run_comes_down_to_one_line() -> None:
    assert str(Figures.of(outcome(Broken.LOST, Broken.CHANGED))) == (
        "chaos sqlite: 10 kills (90% in flight), 1000 events, 42 redeliveries, 1 lost, 0 out of order,"
        " 0 unexplained duplicates, 1 other violations, 61 s, seed 7"
    )


def test_a_run_passes_without_violation_when_enough_kills_hit() -> None:
    assert complaints(outcome(hit=8, missed=2)) == []
    assert as_json(outcome())["passed"] is True


def test_any_violation_fails_it() -> None:
    for broken in Broken:
        assert complaints(outcome(broken)) == [f"{broken.name} 1/2 at 3.000: so"]


def test_too_few_hits_fail_it() -> None:
    (complaint,) = complaints(outcome(hit=7, missed=3))

    assert complaint.startswith("only 70% of the kills hit work in flight")
    assert as_json(outcome(hit=7, missed=3))["idle_kills_by_process"] == {"server-1": 3}


def test_a_run_that_broke_off_fails() -> None:
    assert complaints(outcome(trouble="server-1 ended and nobody had killed it")) == [
        "server-1 ended and nobody had killed it"
    ]
