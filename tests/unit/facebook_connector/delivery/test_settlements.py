from __future__ import annotations

import pytest

from facebook_connector.delivery.limits import ACK_BATCH
from facebook_connector.delivery.settlements import Reporter, Settlements
from facebook_connector.delivery.values import AckToken, Extension, Release
from facebook_connector.delivery.work import Work


def token(key_id: int = 1) -> AckToken:
    return AckToken(subscription_id=1, key_id=key_id, seq=1, attempt=1, epoch=1)


def giving_back(key_id: int = 1) -> Release:
    return Release(token=token(key_id), ready_at_ms=5, counted=False)


def extension(until_ms: int) -> Extension:
    return Extension(token=token(), until_ms=until_ms)


FIRST = Reporter(stream_id=1, ack_id="first")
SECOND = Reporter(stream_id=2, ack_id="second")


@pytest.fixture
def settlements() -> Settlements:
    return Settlements()


def test_an_acknowledgement_is_taken_once_and_its_result_told_to_all_who_asked(settlements: Settlements) -> None:
    assert settlements.acknowledge(token(), FIRST)
    assert settlements.acknowledge(token(), SECOND)

    assert settlements.take_acks() == (token(),)
    assert settlements.take_acks() == ()
    assert settlements.settled(token()) == [FIRST, SECOND]


def test_who_asks_while_the_store_works_joins(settlements: Settlements) -> None:
    settlements.acknowledge(token(), FIRST)
    settlements.take_acks()

    assert settlements.acknowledge(token(), SECOND)

    assert settlements.take_acks() == ()
    assert settlements.settled(token()) == [FIRST, SECOND]


def test_the_first_of_acknowledgement_and_release_wins(settlements: Settlements) -> None:
    settlements.acknowledge(token(1), FIRST)
    settlements.release(giving_back(2), FIRST)

    assert not settlements.release(giving_back(1), SECOND)
    assert not settlements.acknowledge(token(2), SECOND)


def test_a_batch_of_acknowledgements_is_bounded_and_in_order(settlements: Settlements) -> None:
    for key_id in range(ACK_BATCH + 1):
        settlements.acknowledge(token(key_id), FIRST)

    assert settlements.take_acks() == tuple(token(key_id) for key_id in range(ACK_BATCH))
    assert settlements.take_acks() == (token(ACK_BATCH),)


def test_the_newest_extension_is_taken_and_tells_all(settlements: Settlements) -> None:
    settlements.extend(extension(10), FIRST)
    settlements.extend(extension(20), SECOND)

    assert settlements.take_extensions() == (extension(20),)
    assert settlements.extended(token()) == [FIRST, SECOND]


def test_an_answer_to_an_older_extension_waits_for_the_newer_one(settlements: Settlements) -> None:
    settlements.extend(extension(10), FIRST)
    settlements.take_extensions()
    settlements.extend(extension(20), SECOND)

    assert settlements.extended(token()) == []
    assert settlements.take_extensions() == (extension(20),)
    assert settlements.extended(token()) == [FIRST, SECOND]


def test_what_is_put_back_comes_first_and_newer_extensions_stay(settlements: Settlements) -> None:
    settlements.acknowledge(token(1), FIRST)
    settlements.release(giving_back(2))
    settlements.extend(extension(10), FIRST)
    work = Work(
        now_ms=0,
        acks=settlements.take_acks(),
        releases=settlements.take_releases(),
        extensions=settlements.take_extensions(),
    )
    settlements.acknowledge(token(3), FIRST)
    settlements.release(giving_back(4))
    settlements.extend(extension(20), SECOND)

    settlements.put_back(work)

    assert settlements.take_acks() == (token(1), token(3))
    assert settlements.take_releases() == (giving_back(2), giving_back(4))
    assert settlements.take_extensions() == (extension(20),)


def test_it_is_empty_when_the_store_has_answered_everything(settlements: Settlements) -> None:
    settlements.acknowledge(token(1), FIRST)
    settlements.extend(extension(10), FIRST)
    settlements.take_acks()
    settlements.take_extensions()
    assert settlements

    settlements.settled(token(1))
    settlements.extended(token())

    assert not settlements
