from __future__ import annotations

import itertools

import pytest

from benchmarks.contest import Outcome, Run, Sample, contest


async def test_all_contenders_take_turns() -> None:
    turns: list[str] = []

    def contender(name: str) -> Run:
        async def run() -> Sample:
            turns.append(name)
            return Sample(value=len(turns))

        return run

    await contest({name: contender(name) for name in "abc"}, rounds=2)

    assert turns == list("abcabc")


async def test_the_median_of_all_rounds_counts() -> None:
    values = itertools.chain([1.0, 900.0, 3.0])

    async def run() -> Sample:
        return Sample(value=next(values))

    found = await contest({"ours": run}, rounds=3)

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
