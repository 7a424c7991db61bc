from __future__ import annotations

import pytest

from messenger_sandbox.clock import SandboxClock


def test_the_clock_runs_with_its_base_and_keeps_its_lead() -> None:
    times = iter([100, 200, 300])
    clock = SandboxClock(lambda: next(times))
    assert clock() == 100
    assert clock.advance(1_000) == 1_200
    assert clock() == 1_300


def test_the_clock_never_goes_back() -> None:
    with pytest.raises(ValueError, match="forward"):
        SandboxClock(lambda: 0).advance(-1)
