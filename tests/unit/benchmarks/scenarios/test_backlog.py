from __future__ import annotations

from pathlib import Path

from benchmarks.contest import Sample
from benchmarks.extent import MILLION
from benchmarks.goals import GoalName
from benchmarks.scenarios.backlog import Size, rows_of


def size_of(events: int, drained_per_s: float) -> Size:
    return Size(
        events,
        Path(),
        serving_s=[1.5],
        first_delivery_s=[0.1],
        drained=[Sample(value=drained_per_s)],
        most_mb=120.0,
    )


def test_a_million_is_judged_by_its_memory_and_ten_thousand_is_not() -> None:
    least, most = size_of(10_000, 8_000), size_of(MILLION, 6_000)

    assert {row.goal for row in rows_of(least, least)} == {None}
    assert [row.what for row in rows_of(most, least) if row.goal is GoalName.BACKLOG_MEMORY] == [
        "1\N{NARROW NO-BREAK SPACE}000\N{NARROW NO-BREAK SPACE}000 waiting: server at most (RSS)"
    ]


def test_a_longer_backlog_is_drained_beside_the_shortest() -> None:
    least, most = size_of(10_000, 8_000), size_of(MILLION, 6_000)

    drained, *_ = rows_of(most, least)

    assert (drained.theirs, drained.ratio) == (8_000, 0.75)
    assert next(rows_of(least, least)).theirs is None
