from __future__ import annotations

import pytest

from benchmarks.report.percentiles import percentile


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(0.1, 1), (50, 500), (99, 990), (99.9, 999), (99.91, 1000), (100, 1000)],
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(percent: float, expected: float) -> None:
    assert percentile(range(1000, 0, -1), percent) == expected


def test_of_one_value_every_percentile_is_that_value() -> None:
    assert [percentile([7.5], percent) for percent in (0.1, 50, 99.9)] == [7.5] * 3


def test_of_two_values_the_median_is_the_smaller() -> None:
    assert percentile([2.0, 1.0], 50) == 1.0


def test_of_nothing_it_is_zero() -> None:
    assert percentile([], 99) == 0
