from __future__ import annotations

import os
import time

from benchmarks.processor import CpuMeter, cpu_s, memory_of


def test_shared_pages_make_the_proportional_set_the_smaller_one() -> None:
    memory = memory_of(os.getpid())

    assert 0 < memory.proportional <= memory.resident <= memory.peak


def test_a_process_that_has_ended_uses_nothing() -> None:
    assert cpu_s(2**22 + 1) == 0


def test_cores_are_the_time_used_since_the_meter_was_made() -> None:
    before = cpu_s(os.getpid())
    meter = CpuMeter({"this": os.getpid()})
    busy_for(0.05)

    used = meter.cores(2.0)["this"] * 2.0

    assert 0 <= used <= cpu_s(os.getpid()) - before


def test_what_else_the_machine_does_is_what_is_left() -> None:
    meter = CpuMeter({})
    busy_for(0.1)

    assert meter.cores(1.0)["others"] > 0
    assert meter.cores(1.0, known=1e9) == {"known": 1e9, "others": 0}


def busy_for(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
