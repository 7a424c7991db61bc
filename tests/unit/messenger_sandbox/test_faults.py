from __future__ import annotations

import pytest

from messenger_sandbox import FAULTS, Fault, Stage
from messenger_sandbox.faults import FaultScript, ScriptedFault

WAIT = Fault(stage=Stage.BEFORE_TAKEN, delay_s=1)


def scripted(name: str = "wait", *, fault: Fault = WAIT, psid: str | None = None, times: int = 1) -> ScriptedFault:
    return ScriptedFault(name=name, fault=fault, psid=psid, times=times)


def names(script: FaultScript, *psids: str) -> list[str | None]:
    taken = [script.take(Stage.BEFORE_TAKEN, "page", psid) for psid in psids]
    return [None if fault is None else fault.name for fault in taken]


def test_a_fault_happens_as_often_as_scripted() -> None:
    script = FaultScript()
    script.add(scripted(times=2))
    assert names(script, "a", "b", "c") == ["wait", "wait", None]


def test_a_fault_of_one_person_passes_the_others_by() -> None:
    script = FaultScript()
    script.add(scripted(psid="b"))
    assert names(script, "a", "b", "b") == [None, "wait", None]


def test_the_oldest_that_fits_happens_first() -> None:
    script = FaultScript()
    script.add(scripted("for b", psid="b"))
    script.add(scripted("for all"))
    assert names(script, "a", "b") == ["for all", "for b"]


def test_a_fault_waits_for_its_stage() -> None:
    script = FaultScript()
    script.add(scripted(fault=Fault(stage=Stage.AFTER_TAKEN, status=500)))
    assert script.take(Stage.BEFORE_TAKEN, "page", "a") is None
    assert script.take(Stage.AFTER_TAKEN, "page", "a") is not None


def test_a_fault_that_never_happens_is_refused() -> None:
    with pytest.raises(ValueError, match="at least once"):
        FaultScript().add(scripted(times=0))


def test_clearing_forgets_all() -> None:
    script = FaultScript()
    script.add(scripted())
    script.clear()
    assert script.waiting == ()


def test_every_known_fault_does_something() -> None:
    assert all(fault.error or fault.status or fault.delay_s or fault.echo_first for fault in FAULTS.values())
