from __future__ import annotations

import pytest

from service_runtime.backoff import Backoff


@pytest.mark.parametrize(
    ("attempt", "draw", "seconds"),
    [(1, 0.0, 0.1), (1, 1.0, 1.0), (4, 1.0, 8.0), (7, 1.0, 60.0), (10_000, 1.0, 60.0), (7, 0.0, 6.0)],
)
def test_delay_grows_to_the_cap_and_never_reaches_zero(attempt: int, draw: float, seconds: float) -> None:
    assert Backoff(first=1, cap=60).delay(attempt, lambda: draw) == pytest.approx(seconds)
