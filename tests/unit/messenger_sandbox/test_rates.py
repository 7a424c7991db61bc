from __future__ import annotations

import pytest

from messenger_sandbox.clock import SandboxClock
from messenger_sandbox.errors import RefusedError
from messenger_sandbox.rates import CONVERSATIONS, MESSENGER_PROFILE, Rate, RateBook
from tests.support.sandbox_world import NOW_MS


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock(lambda: NOW_MS)


@pytest.fixture
def book(clock: SandboxClock) -> RateBook:
    return RateBook(clock)


def allowed(book: RateBook, rate: Rate, page_id: str = "p") -> bool:
    try:
        book.count(rate, page_id)
    except RefusedError as refused:
        return refused.error.code != 613
    return True


@pytest.mark.parametrize("rate", [CONVERSATIONS, MESSENGER_PROFILE])
def test_a_call_beyond_the_rate_is_refused_until_the_window_moved(
    book: RateBook, clock: SandboxClock, rate: Rate
) -> None:
    assert [allowed(book, rate) for _ in range(rate.calls + 1)] == [True] * rate.calls + [False]
    clock.advance(rate.window_ms - 1)
    assert not allowed(book, rate)
    clock.advance(1)
    assert allowed(book, rate)


def test_pages_and_rates_are_counted_apart(book: RateBook) -> None:
    assert [allowed(book, CONVERSATIONS) for _ in range(3)] == [True, True, False]
    assert allowed(book, CONVERSATIONS, "another")
    assert allowed(book, MESSENGER_PROFILE)
