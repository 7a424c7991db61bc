from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from benchmarks.bench import Bench
from benchmarks.contest import Outcome, Sample, contest
from benchmarks.extent import QUICK


@dataclass
class Contender:
    value: Callable[[], float]
    processes: dict[str, int] = field(default_factory=dict)

    async def __call__(self) -> Sample:
        return Sample(value=self.value())


def bench_of(rounds: int) -> Bench:
    return Bench(extent=replace(QUICK, rounds=rounds), folder=Path(), tell=print)


async def test_all_contenders_take_turns() -> None:
    turns: list[str] = []

    def turn(name: str) -> Contender:
        def value() -> float:
            turns.append(name)
            return 1.0

        return Contender(value)

    await contest(bench_of(2), {name: turn(name) for name in "abc"})

    assert turns == list("abcabc")


async def test_the_median_of_all_rounds_counts() -> None:
    values = iter([1.0, 900.0, 3.0])

    found = await contest(bench_of(3), {"ours": Contender(lambda: next(values))})

    assert found["ours"].value == 3.0


def test_the_spread_is_the_range_as_a_share_of_the_median() -> None:
    outcome = Outcome(tuple(Sample(value=value) for value in (90.0, 100.0, 120.0)))

    assert outcome.spread == pytest.approx(0.3)


def test_the_cores_of_a_process_that_was_not_always_there_count_as_none() -> None:
    outcome = Outcome(
        (
            Sample(value=1, cores={"server": 0.5}),
            Sample(value=1, cores={"server": 0.7, "ccm": 0.2}),
            Sample(value=1, cores={"server": 0.6}),
        )
    )

    assert outcome.cores == {"server": 0.6, "ccm": 0.0}
