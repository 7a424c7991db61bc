from __future__ import annotations

from facebook_connector.sending.pace import LONGEST_REST_MS, Rate, rest_ms, retry_delay_ms


def test_retries_wait_longer_each_time() -> None:
    assert [retry_delay_ms(failures, 1.0) for failures in (1, 2, 3, 7, 1000)] == [1000, 2000, 4000, 60_000, 60_000]


def test_a_retry_never_comes_at_once() -> None:
    assert retry_delay_ms(1, 0.0) == 100


def test_a_throttled_page_rests_a_minute_and_longer_each_time() -> None:
    assert [rest_ms(throttles, 0, 0.0) for throttles in (1, 2, 3)] == [60_000, 120_000, 240_000]


def test_a_throttled_page_rests_as_long_as_facebook_says() -> None:
    assert rest_ms(1, 15 * 60_000, 0.0) == 15 * 60_000


def test_a_rest_ends_within_the_hour_unless_facebook_says_otherwise() -> None:
    assert rest_ms(50, 0, 0.0) == LONGEST_REST_MS
    assert rest_ms(50, 2 * LONGEST_REST_MS, 0.0) == 2 * LONGEST_REST_MS


def test_a_rate_gives_no_more_places_than_it_has() -> None:
    rate = Rate(per_second=10)
    waits = [rate.take(1_000_000) for _ in range(12)]
    assert waits == [0, 0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]


def test_a_rate_tells_whether_a_place_is_free() -> None:
    rate = Rate(per_second=10)
    free = []
    for _ in range(4):
        free.append(rate.is_free(1_000_000))
        rate.take(1_000_000)
    assert free == [True, True, False, False]
    assert [rate.is_free(1_000_000 + ms) for ms in (299, 300)] == [False, True]


def test_a_rate_that_was_idle_gives_no_burst() -> None:
    rate = Rate(per_second=10)
    rate.take(0)
    assert [rate.take(60_000) for _ in range(3)] == [0, 0, 100]
