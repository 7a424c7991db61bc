from __future__ import annotations

import pytest

from facebook_connector.delivery.redelivery import RULES, Cause, NotDone, backoff_ms, release
from facebook_connector.delivery.values import AckToken

NOW_MS = 1_700_000_000_000


def token(attempt: int = 1) -> AckToken:
    return AckToken(subscription_id=1, key_id=2, seq=3, attempt=attempt, epoch=5)


def test_every_cause_has_a_rule() -> None:
    assert set(RULES) == set(Cause)


@pytest.mark.parametrize(
    ("cause", "counted"),
    [
        (Cause.UNAVAILABLE, False),
        (Cause.REJECTED, True),
        (Cause.EXPIRED, True),
        (Cause.STALLED, False),
        (Cause.DISCONNECTED, False),
        (Cause.UNSENT, False),
    ],
)
def test_only_what_speaks_against_the_message_counts(cause: Cause, *, counted: bool) -> None:
    assert release(token(), NotDone(cause=cause), NOW_MS, lambda: 0.5).counted is counted


@pytest.mark.parametrize("cause", Cause)
def test_only_what_was_never_sent_is_no_delivery(cause: Cause) -> None:
    assert release(token(), NotDone(cause=cause), NOW_MS, lambda: 0.5).unsent is (cause is Cause.UNSENT)


@pytest.mark.parametrize("cause", [Cause.DISCONNECTED, Cause.UNSENT])
def test_a_message_that_no_consumer_worked_on_comes_at_once(cause: Cause) -> None:
    assert release(token(), NotDone(cause=cause), NOW_MS, lambda: 0.5).ready_at_ms == NOW_MS


def test_a_delay_of_the_consumer_replaces_the_backoff() -> None:
    assert (
        release(token(), NotDone(cause=Cause.REJECTED, delay_ms=7_000), NOW_MS, lambda: 0.5).ready_at_ms
        == NOW_MS + 7_000
    )


@pytest.mark.parametrize(
    ("attempt", "longest"),
    [(1, 2_000), (2, 4_000), (3, 8_000), (5, 32_000), (6, 60_000), (7, 60_000), (10_000, 60_000)],
)
def test_the_backoff_is_drawn_from_one_second_to_a_span_that_doubles(attempt: int, longest: int) -> None:
    assert backoff_ms(attempt, lambda: 0.0) == 1_000
    assert longest - 2 <= backoff_ms(attempt, lambda: 0.999_999_99) <= longest
