from __future__ import annotations

import grpc
import pytest

from connector_client import AckOutcome, ConnectorError, NackReason
from connector_client._actions import Ack, Extend, Nack
from connector_client._leases import GIVE_BACK_DELAY_S, MAX_LEASE_S, LeaseBook

DEADLINE = 30.0
ACK = Ack()
GONE = ConnectorError(grpc.StatusCode.CANCELLED, "closed")


def book_with(*ack_ids: str, now: float = 0.0) -> LeaseBook:
    book = LeaseBook()
    book.resume(DEADLINE, {}, now)
    for ack_id in ack_ids:
        book.grant(ack_id, now)
    return book


async def test_an_ack_leaves_and_its_result_ends_the_lease() -> None:
    book = book_with("a")
    settlement = book.ask("a", ACK)

    assert book.take(1) == [("a", ACK)]
    book.answer("a", AckOutcome.OK)

    assert await settlement is AckOutcome.OK
    assert "a" not in book


async def test_nothing_leaves_twice() -> None:
    book = book_with("a")
    book.ask("a", ACK)
    book.take(1)

    assert book.take(2) == []


async def test_an_ack_of_a_lease_that_is_over_is_stale_at_once_and_sends_nothing() -> None:
    book = book_with()

    assert await book.ask("gone", ACK) is AckOutcome.STALE
    assert book.take(1) == []


async def test_a_second_ack_is_stale_when_the_first_is_done() -> None:
    book = book_with("a")
    first, second = book.ask("a", ACK), book.ask("a", ACK)

    book.take(1)
    book.answer("a", AckOutcome.OK)

    assert (await first, await second) == (AckOutcome.OK, AckOutcome.STALE)
    assert book.take(2) == []


async def test_an_ack_waits_for_the_answer_to_the_extension_before_it() -> None:
    book = book_with("a")
    extension = book.ask("a", Extend(seconds=60))
    assert book.take(1) == [("a", Extend(seconds=60))]

    settlement = book.ask("a", ACK)
    assert book.take(1) == []
    assert book.unsent
    book.answer("a", AckOutcome.OK)

    assert (await extension, settlement.done) == (AckOutcome.OK, False)
    assert book.take(1) == [("a", ACK)]


@pytest.mark.parametrize("outcome", [AckOutcome.STALE, AckOutcome.UNKNOWN, AckOutcome.UNSPECIFIED])
async def test_any_result_but_ok_ends_the_lease_and_is_told(outcome: AckOutcome) -> None:
    book = book_with("a")
    extension, ack = book.ask("a", Extend(seconds=60)), book.ask("a", ACK)
    book.take(1)

    book.answer("a", outcome)

    assert (await extension, await ack) == (outcome, AckOutcome.STALE)
    assert "a" not in book


async def test_a_result_nobody_asked_for_changes_nothing() -> None:
    book = book_with("a")

    book.answer("a", AckOutcome.STALE)
    book.answer("never", AckOutcome.OK)

    assert book.held == ["a"]


async def test_a_lease_is_extended_between_70_and_90_percent_of_its_deadline() -> None:
    book = book_with("a")
    times = [now for now in range(int(DEADLINE)) if book.take(float(now))]

    assert len(times) == 1
    assert DEADLINE * 0.7 < times[0] < DEADLINE * 0.9


async def test_an_extended_lease_is_extended_again_before_its_new_deadline() -> None:
    book = book_with("a")
    times = []
    for now in range(120):
        for ack_id, action in book.take(float(now)):
            assert action == Extend(seconds=DEADLINE)
            book.answer(ack_id, AckOutcome.OK)
            times.append(now)

    assert [later - earlier for earlier, later in zip([0, *times], times, strict=False)] == [times[0]] * len(times)
    assert len(times) >= 4


async def test_an_extension_of_the_user_is_not_shortened() -> None:
    book = book_with("a")
    book.ask("a", Extend(seconds=600))
    book.take(1)
    book.answer("a", AckOutcome.OK)

    assert [now for now in range(2, 590) if book.take(float(now))] == []


async def test_a_lease_is_let_go_after_an_hour() -> None:
    book = book_with("a")
    for now in range(0, int(MAX_LEASE_S) + 10, 3):
        for ack_id, _ in book.take(float(now)):
            book.answer(ack_id, AckOutcome.OK)

    assert "a" not in book
    assert await book.ask("a", ACK) is AckOutcome.STALE


async def test_it_asks_to_be_looked_at_while_leases_are_held() -> None:
    book = book_with()
    assert book.look_again_at() is None

    book.grant("a", 100.0)
    book.take(100.0)

    assert book.look_again_at() == 100.0 + DEADLINE / 10


async def test_an_ack_whose_answer_was_lost_is_asked_again_where_the_lease_goes_on() -> None:
    book = book_with("a")
    settlement = book.ask("a", ACK)
    book.take(1)
    book.lost()
    assert not settlement.done

    book.resume(DEADLINE, {"a": AckOutcome.OK}, 5.0)

    assert book.take(5.0) == [("a", ACK)]


async def test_what_was_wished_first_is_asked_first_after_a_break() -> None:
    book = book_with("a")
    book.ask("a", Extend(seconds=60))
    book.ask("a", ACK)
    book.take(1)
    book.lost()
    book.resume(DEADLINE, {"a": AckOutcome.OK}, 5.0)

    assert book.take(5.0) == [("a", Extend(seconds=60))]


async def test_a_lease_the_server_does_not_know_any_more_is_stale_after_a_break() -> None:
    book = book_with("a", "b", "c")
    settlement = book.ask("a", ACK)
    book.take(1)
    book.lost()

    book.resume(DEADLINE, {"a": AckOutcome.STALE, "b": AckOutcome.OK}, 5.0)

    assert await settlement is AckOutcome.STALE
    assert book.held == ["b"]


async def test_our_own_extension_is_not_asked_again_after_a_break() -> None:
    book = book_with("a")
    assert book.take(DEADLINE * 0.75)
    book.lost()

    book.resume(DEADLINE, {"a": AckOutcome.OK}, 100.0)

    assert book.take(100.0) == []


async def test_leaving_gives_back_what_is_not_settled() -> None:
    book = book_with("acked", "open")
    book.ask("acked", ACK)
    book.give_back()

    assert book.take(1) == [
        ("acked", ACK),
        ("open", Nack(reason=NackReason.UNAVAILABLE, delay=GIVE_BACK_DELAY_S)),
    ]


async def test_leaving_twice_gives_back_once() -> None:
    book = book_with("a")
    book.give_back()
    book.give_back()
    book.take(1)

    assert not book.unsent


async def test_closing_fails_whoever_still_waits() -> None:
    book = book_with("a", "b")
    sent = book.ask("a", ACK)
    book.take(1)
    unsent = book.ask("b", ACK)

    book.close(GONE)

    for settlement in (sent, unsent):
        with pytest.raises(ConnectorError, match="closed"):
            await settlement
    assert book.held == []
