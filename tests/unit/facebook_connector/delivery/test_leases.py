from __future__ import annotations

import pytest

from facebook_connector.delivery.leases import Lease, Leases
from facebook_connector.delivery.values import AckToken


def lease(key_id: int, deadline_ms: int, *, epoch: int = 1, client_id: str = "a") -> Lease:
    token = AckToken(subscription_id=1, key_id=key_id, seq=1, attempt=1, epoch=epoch)
    return Lease(token=token, client_id=client_id, stream_id=1, size=10, sent_ms=0, deadline_ms=deadline_ms)


@pytest.fixture
def leases() -> Leases:
    return Leases()


def test_leases_end_in_the_order_of_their_deadlines(leases: Leases) -> None:
    for key_id, deadline_ms in ((1, 300), (2, 100), (3, 200), (4, 400)):
        leases.add(lease(key_id, deadline_ms))

    assert leases.next_deadline_ms() == 100
    assert [due.token.key_id for due in leases.take_due(300)] == [2, 3, 1]
    assert len(leases) == 1


def test_a_deadline_that_was_moved_forward_does_not_come_at_the_old_time(leases: Leases) -> None:
    leases.add(lease(1, 100))
    leases.extend(lease(1, 100), 500)

    assert leases.take_due(499) == []
    assert leases.next_deadline_ms() == 500
    assert len(leases.take_due(500)) == 1


def test_a_deadline_that_was_moved_back_comes_once(leases: Leases) -> None:
    leases.add(lease(1, 500))
    leases.extend(lease(1, 500), 100)

    assert len(leases.take_due(500)) == 1


def test_what_was_removed_is_never_due(leases: Leases) -> None:
    leases.add(lease(1, 100))
    leases.remove(lease(1, 100))

    assert leases.next_deadline_ms() is None
    assert leases.take_due(1_000) == []


def test_a_lease_is_found_under_exactly_its_attempt(leases: Leases) -> None:
    old, new = lease(1, 100, epoch=1), lease(1, 100, epoch=2)
    leases.add(new)

    assert leases.get(old.token) is None
    assert leases.get(new.token) == new
    assert leases.of_key(1) == new


def test_the_leases_of_a_client_are_found(leases: Leases) -> None:
    leases.add(lease(1, 100, client_id="a"))
    leases.add(lease(2, 100, client_id="b"))

    assert [found.token.key_id for found in leases.of_client("b")] == [2]


def test_deadlines_of_ended_leases_do_not_pile_up(leases: Leases) -> None:
    for key_id in range(10_000):
        leases.add(lease(key_id, 100 + key_id))
        leases.remove(lease(key_id, 100 + key_id))

    assert len(leases._deadlines) < 200
