from __future__ import annotations

import pytest

from benchmarks.extent import FULL, QUICK, Extent


@pytest.mark.parametrize("extent", [FULL, QUICK])
def test_a_backlog_is_longer_than_what_is_drained_of_it(extent: Extent) -> None:
    assert (extent.rounds + 1) * extent.drained < min(extent.backlogs)


def test_a_full_run_measures_all_that_is_judged() -> None:
    assert FULL.conversations == (1, 4, 64, 10_000)
    assert FULL.in_flight == (1, 16, 64)
    assert FULL.frameworks
