from __future__ import annotations

from connector_client._backoff import Backoff

BACKOFF = Backoff(first=0.2, cap=30.0)


def test_the_span_doubles_up_to_the_cap() -> None:
    assert [BACKOFF.delay(attempt, lambda: 1.0) for attempt in (1, 2, 3, 9, 1000)] == [0.2, 0.4, 0.8, 30.0, 30.0]


def test_small_draws_still_wait() -> None:
    assert BACKOFF.delay(3, lambda: 0.0) == 0.8 * 0.1
