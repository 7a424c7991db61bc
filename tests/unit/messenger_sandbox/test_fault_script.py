from __future__ import annotations

from typing import Any

import pytest

from messenger_sandbox import ALWAYS, Fault, Stage
from messenger_sandbox.fault_script import Endpoint, FaultScript, Occasion, ScriptedFault

WAIT = Fault(stage=Stage.BEFORE_TAKEN, delay_s=1)


def scripted(name: str = "wait", *, fault: Fault = WAIT, **when: Any) -> ScriptedFault:
    return ScriptedFault(name=name, fault=fault, **when)


def sent(psid: str = "a", text: str | None = "hi", **changes: Any) -> Occasion:
    usual = {"stage": Stage.BEFORE_TAKEN, "endpoint": Endpoint.MESSAGES, "page_id": "page"}
    return Occasion(**(usual | {"psid": psid, "text": text} | changes))


def names(script: FaultScript, *occasions: Occasion) -> list[str | None]:
    taken = [script.take(occasion) for occasion in occasions]
    return [None if fault is None else fault.name for fault in taken]


def script_of(*rules: ScriptedFault) -> FaultScript:
    script = FaultScript()
    for rule in rules:
        script.add(rule)
    return script


def test_a_fault_happens_as_often_as_scripted() -> None:
    assert names(script_of(scripted(times=2)), *[sent()] * 3) == ["wait", "wait", None]


def test_what_is_left_is_told() -> None:
    script = script_of(scripted(times=2), scripted("more", times=ALWAYS))
    script.take(sent())
    assert [(rule.name, rule.times) for rule in script.waiting] == [("wait", 1), ("more", ALWAYS)]


def test_a_fault_without_end_goes_on() -> None:
    assert names(script_of(scripted(times=ALWAYS)), *[sent()] * 100) == ["wait"] * 100


def test_the_oldest_that_fits_happens_first() -> None:
    script = script_of(scripted("for b", psid="b"), scripted("for all"))
    assert names(script, sent("a"), sent("b")) == ["for all", "for b"]


@pytest.mark.parametrize(
    ("when", "others", "its_own"),
    [
        pytest.param({"psid": "b"}, sent("a"), sent("b"), id="person"),
        pytest.param({"page_id": "p"}, sent(), sent(page_id="p"), id="page"),
        pytest.param({"text": r"order \d+"}, sent(text="order"), sent(text="my order 17"), id="text"),
        pytest.param({"text": "."}, sent(text=None), sent(text="x"), id="no text"),
        pytest.param({"endpoint": Endpoint.UPLOADS}, sent(), sent(endpoint=Endpoint.UPLOADS), id="endpoint"),
        pytest.param(
            {"fault": Fault(stage=Stage.AFTER_TAKEN, status=500)}, sent(), sent(stage=Stage.AFTER_TAKEN), id="stage"
        ),
        pytest.param(
            {"fault": Fault(stage=Stage.WEBHOOK, copies=2), "event": "echo"},
            sent(stage=Stage.WEBHOOK, endpoint=Endpoint.WEBHOOKS, event="message"),
            sent(stage=Stage.WEBHOOK, endpoint=Endpoint.WEBHOOKS, event="echo"),
            id="event",
        ),
    ],
)
def test_a_fault_passes_others_by(when: dict[str, Any], others: Occasion, its_own: Occasion) -> None:
    assert names(script_of(scripted(**when)), others, its_own, others) == [None, "wait", None]


def test_the_third_call_is_hit_alone() -> None:
    assert names(script_of(scripted(nth=3)), *[sent()] * 6) == [None, None, "wait", None, None, None]


def test_each_third_call_is_hit_without_end() -> None:
    assert names(script_of(scripted(nth=3, times=ALWAYS)), *[sent()] * 6) == [None, None, "wait"] * 2


def test_only_calls_that_fit_are_counted() -> None:
    script = script_of(scripted(nth=2, psid="b"))
    assert names(script, sent("b"), sent("a"), sent("a"), sent("b")) == [None, None, None, "wait"]


def test_chance_is_repeatable_by_its_seed() -> None:
    def hits(seed: int) -> list[str | None]:
        return names(script_of(scripted(probability=0.2, seed=seed, times=ALWAYS)), *[sent()] * 1_000)

    assert hits(7) == hits(7)
    assert hits(7) != hits(8)
    assert 150 < sum(hit is not None for hit in hits(7)) < 250


@pytest.mark.parametrize(
    ("when", "named"),
    [
        ({"times": 0}, "times"),
        ({"nth": 0}, "nth"),
        ({"probability": 0.0}, "probability"),
        ({"probability": 1.1}, "probability"),
        ({"text": "("}, "text"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_name(when: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        scripted(**when)


def test_clearing_forgets_all() -> None:
    script = script_of(scripted())
    script.clear()
    assert script.waiting == ()
