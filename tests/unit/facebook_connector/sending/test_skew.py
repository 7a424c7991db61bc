from __future__ import annotations

import pytest

from facebook_connector.sending.skew import MOST_AT_ONCE_MS, WORTH_NOTING_MS, is_worth_noting, measured


@pytest.mark.parametrize("skew_ms", [-90_000, -300, 0, 250, 4_000, 60_000])
def test_it_comes_close_to_what_is_measured_again_and_again(skew_ms: int) -> None:
    assert abs(measured(0, [skew_ms] * 200) - skew_ms) < 5


def test_a_single_measurement_moves_it_by_a_part() -> None:
    assert measured(100, [500]) == 200
    assert measured(100, []) == 100


@pytest.mark.parametrize("sample_ms", [-(10**9), 10**9])
def test_one_that_is_far_off_moves_it_little(sample_ms: int) -> None:
    assert abs(measured(0, [sample_ms])) == MOST_AT_ONCE_MS


def test_what_hardly_changes_is_not_noted() -> None:
    assert not is_worth_noting(200, 200 + WORTH_NOTING_MS - 1)
    assert is_worth_noting(200, 200 - WORTH_NOTING_MS)
