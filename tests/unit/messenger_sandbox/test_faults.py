from __future__ import annotations

import pytest

from messenger_sandbox import FAULTS, Fault, Stage
from messenger_sandbox.errors import ErrorName


def test_every_known_fault_does_something() -> None:
    idle = [
        name
        for name, fault in FAULTS.items()
        if not (fault.answers or fault.delay_s or fault.echo_first or fault.lost or fault.copies > 1)
    ]
    assert idle == []


def test_every_error_can_be_scripted_by_its_name() -> None:
    assert {name.value for name in ErrorName} <= set(FAULTS)


@pytest.mark.parametrize(
    "name", [name for name, fault in FAULTS.items() if fault.copies > 1 or fault.lost or name.startswith("webhook")]
)
def test_what_happens_to_a_webhook_waits_for_one(name: str) -> None:
    assert FAULTS[name].stage is Stage.WEBHOOK


@pytest.mark.parametrize(("changes", "named"), [({"copies": 0}, "copies"), ({"delay_s": -1.0}, "delay_s")])
def test_nonsense_is_refused_by_name(changes: dict[str, float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Fault(stage=Stage.WEBHOOK, **changes)  # type: ignore[arg-type] # the table mixes int and float
