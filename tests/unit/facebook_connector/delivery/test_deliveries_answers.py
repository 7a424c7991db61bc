from __future__ import annotations

import pytest

from facebook_connector.delivery import ack_ids
from facebook_connector.delivery.frames import Messages, Results
from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.redelivery import Cause, NotDone
from facebook_connector.delivery.values import AckToken
from tests.unit.facebook_connector.delivery.world import (
    OK,
    STALE,
    UNKNOWN,
    Server,
    fill,
    options,
)


def test_an_acknowledgement_is_answered_after_its_commit(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [delivery.ack_id])

    assert server.frame(stream_id) is None
    assert server.results(stream_id) == {delivery.ack_id: OK}
    assert server.log.done()


def test_an_expired_message_comes_again_after_a_backoff_with_the_next_attempt(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [first] = server.received(stream_id)

    server.advance(30_000)
    assert server.received(stream_id) == []
    server.advance(1_500)

    [second] = server.received(stream_id)
    assert (first.head.token.attempt, second.head.token.attempt) == (1, 2)
    assert second.ack_id != first.ack_id


def test_an_acknowledgement_of_an_old_attempt_is_stale_and_completes_nothing(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [first] = server.received(stream_id)
    server.advance(30_000)
    server.work()
    server.advance(1_500)
    [second] = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [first.ack_id])

    assert server.results(stream_id) == {first.ack_id: STALE}
    assert not server.log.done()
    server.deliveries.acknowledge(stream_id, [second.ack_id])
    assert server.results(stream_id) == {second.ack_id: OK}


@pytest.mark.parametrize("ack_id", ["", "no-ack-id", "ü" * 56, "A" * 56])
def test_what_is_no_ack_id_is_unknown(server: Server, ack_id: str) -> None:
    stream_id = server.open()

    server.deliveries.acknowledge(stream_id, [ack_id])
    server.deliveries.nack(stream_id, [ack_id], NotDone(cause=Cause.REJECTED), server.now_ms)
    server.deliveries.extend(stream_id, [ack_id], 10_000, server.now_ms)

    [frame] = server.frames(stream_id)
    assert isinstance(frame, Results)
    assert [result.outcome for result in frame.results] == [UNKNOWN, UNKNOWN, UNKNOWN]


def test_an_ack_id_of_another_subscription_is_unknown(server: Server) -> None:
    stream_id = server.open()
    foreign = ack_ids.encode(AckToken(subscription_id=8, key_id=1, seq=1, attempt=1, epoch=1), 10)

    server.deliveries.acknowledge(stream_id, [foreign])

    assert server.results(stream_id) == {foreign: UNKNOWN}


def test_a_repeated_acknowledgement_joins_the_first_while_that_is_committed(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [delivery.ack_id, delivery.ack_id])

    [frame] = server.frames(stream_id)
    assert isinstance(frame, Results)
    assert [result.outcome for result in frame.results] == [OK, OK]


def test_a_nack_brings_the_message_back_after_its_backoff(server: Server) -> None:
    fill(server, 1, each=2)
    stream_id = server.open()
    [first] = server.received(stream_id)

    server.deliveries.nack(stream_id, [first.ack_id], NotDone(cause=Cause.UNAVAILABLE), server.now_ms)
    assert server.results(stream_id) == {first.ack_id: OK}
    server.advance(1_499)
    assert server.received(stream_id) == []
    server.advance(1)

    [second] = server.received(stream_id)
    assert (second.head.token.seq, second.head.token.attempt) == (1, 2)


def test_a_nack_frees_the_window(server: Server) -> None:
    fill(server, 2)
    stream_id = server.open(options(window=Window(messages=1)))
    [first] = server.received(stream_id)

    server.deliveries.nack(stream_id, [first.ack_id], NotDone(cause=Cause.REJECTED), server.now_ms)

    assert len(server.received(stream_id)) == 1


def test_a_nack_after_an_acknowledgement_is_stale(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [delivery.ack_id])
    server.deliveries.nack(stream_id, [delivery.ack_id], NotDone(cause=Cause.REJECTED), server.now_ms)

    [frame] = server.frames(stream_id)
    assert isinstance(frame, Results)
    assert [result.outcome for result in frame.results] == [STALE, OK]
    assert server.log.done()


def test_an_acknowledgement_after_a_nack_is_stale(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)

    server.deliveries.nack(stream_id, [delivery.ack_id], NotDone(cause=Cause.REJECTED), server.now_ms)
    server.deliveries.acknowledge(stream_id, [delivery.ack_id])

    [frame] = server.frames(stream_id)
    assert isinstance(frame, Results)
    assert [result.outcome for result in frame.results] == [STALE, OK]
    assert not server.log.done()


def test_an_extension_moves_the_deadline(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)

    server.deliveries.extend(stream_id, [delivery.ack_id], 100_000, server.now_ms)
    assert server.results(stream_id) == {delivery.ack_id: OK}
    server.advance(99_999)
    assert server.received(stream_id) == []
    server.advance(1)
    server.work()
    server.advance(1_500)

    assert len(server.received(stream_id)) == 1


def test_an_extension_followed_by_a_nack_ends_as_nacked(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)

    server.deliveries.extend(stream_id, [delivery.ack_id], 600_000, server.now_ms)
    server.deliveries.nack(stream_id, [delivery.ack_id], NotDone(cause=Cause.UNAVAILABLE), server.now_ms)
    server.work()
    server.advance(1_500)

    assert len(server.received(stream_id)) == 1


def test_a_lease_lasts_at_most_an_hour(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)
    for _ in range(7):
        server.deliveries.extend(stream_id, [delivery.ack_id], 600_000, server.now_ms)
        assert server.results(stream_id) == {delivery.ack_id: OK}
        server.advance(3_600_000 // 7)

    server.advance(3_600_000 % 7)
    server.work()
    server.advance(1_500)

    assert [delivery.head.token.attempt for delivery in server.received(stream_id)] == [2]


def test_an_extension_of_what_is_over_is_stale(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)
    server.advance(30_000)

    server.deliveries.extend(stream_id, [delivery.ack_id], 60_000, server.now_ms)

    assert server.results(stream_id) == {delivery.ack_id: STALE}


def test_calls_that_the_store_could_not_answer_are_done_later(server: Server) -> None:
    fill(server, 3)
    stream_id = server.open()
    acked, nacked, extended = server.received(stream_id)
    server.deliveries.acknowledge(stream_id, [acked.ack_id])
    server.deliveries.nack(stream_id, [nacked.ack_id], NotDone(cause=Cause.UNAVAILABLE), server.now_ms)
    server.deliveries.extend(stream_id, [extended.ack_id], 60_000, server.now_ms)

    for _ in range(3):
        server.deliveries.put_back(server.deliveries.take_work(server.now_ms))

    assert not server.deliveries.settled
    assert server.results(stream_id) == {acked.ack_id: OK, nacked.ack_id: OK, extended.ack_id: OK}
    assert server.deliveries.settled


def test_an_acknowledgement_that_cannot_be_committed_yet_does_not_expire(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)
    server.deliveries.acknowledge(stream_id, [delivery.ack_id])
    server.deliveries.put_back(server.deliveries.take_work(server.now_ms))

    server.advance(35_000)

    assert server.results(stream_id) == {delivery.ack_id: OK}


def test_the_next_time_is_that_of_the_first_deadline(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    assert server.deliveries.next_time_ms(server.now_ms) is None
    server.received(stream_id)

    assert server.deliveries.next_time_ms(server.now_ms) == server.now_ms + 30_000


def test_unanswered_ids_are_owed_until_their_results_are_written(server: Server) -> None:
    fill(server, 2)
    stream_id = server.open()
    deliveries = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [delivery.ack_id for delivery in deliveries])
    server.deliveries.ping(stream_id, "")
    assert server.deliveries.owed(stream_id) == 3
    server.frames(stream_id)

    assert server.deliveries.owed(stream_id) == 0


def test_an_expiry_frees_the_window(server: Server) -> None:
    fill(server, 2)
    stream_id = server.open(options(window=Window(messages=1)))
    server.received(stream_id)

    server.advance(30_000)

    assert [delivery.head.token.key_id for delivery in server.received(stream_id)] == [1]


def test_an_expiry_counts_only_when_the_subscription_acknowledges_other_messages(server: Server) -> None:
    fill(server, 2)
    stream_id = server.open()
    first, _ = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [first.ack_id])
    server.work()
    server.advance(30_000)
    [counted] = server.deliveries.take_work(server.now_ms).releases

    fill(server, 1)
    server.work()
    server.received(stream_id)
    server.advance(30_000)
    [uncounted] = server.deliveries.take_work(server.now_ms).releases
    assert (counted.counted, uncounted.counted) == (True, False)


def test_an_expiry_after_a_disconnect_neither_counts_nor_waits(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    server.received(stream_id)
    server.deliveries.disconnect(stream_id, server.now_ms)

    server.advance(30_000)

    [release] = server.deliveries.take_work(server.now_ms).releases
    assert (release.counted, release.ready_at_ms) == (False, server.now_ms)


def test_an_extension_after_an_acknowledgement_is_stale(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [delivery] = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [delivery.ack_id])
    server.deliveries.extend(stream_id, [delivery.ack_id], 60_000, server.now_ms)

    [frame] = server.frames(stream_id)
    assert isinstance(frame, Results)
    assert [result.outcome for result in frame.results] == [STALE, OK]


def test_an_extension_that_the_store_refuses_ends_the_lease(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open(options(window=Window(messages=1)))
    [delivery] = server.received(stream_id)
    server.log.keys[0].client_id = None  # as if it had been taken away
    fill(server, 2)

    server.deliveries.extend(stream_id, [delivery.ack_id], 60_000, server.now_ms)

    frames = server.frames(stream_id)
    assert [type(frame) for frame in frames] == [Results, Messages]


def test_a_claim_that_the_store_could_not_answer_is_made_again(server: Server) -> None:
    stream_id = server.open()
    fill(server, 1)

    server.deliveries.put_back(server.deliveries.take_work(server.now_ms))

    assert len(server.received(stream_id)) == 1
