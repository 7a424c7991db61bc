from __future__ import annotations

import pytest

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.frames import Closing, End, Pong, Results, Started
from facebook_connector.delivery.limits import CONTENDED_MS, Window
from facebook_connector.delivery.redelivery import Cause, NotDone
from facebook_connector.errors import ConnectorError
from tests.unit.facebook_connector.delivery.world import (
    OK,
    STALE,
    UNKNOWN,
    Server,
    fill,
    options,
)


def test_the_delay_of_a_nack_replaces_the_backoff(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [first] = server.received(stream_id)

    server.deliveries.nack(stream_id, [first.ack_id], NotDone(cause=Cause.REJECTED, delay_ms=0), server.now_ms)

    assert [delivery.head.token.attempt for delivery in server.received(stream_id)] == [2]


def test_leases_of_a_broken_stream_stay_until_their_deadline(server: Server) -> None:
    fill(server, 1)
    broken = server.open(options("a"))
    server.received(broken)
    server.deliveries.disconnect(broken, server.now_ms)
    other = server.open(options("b"))

    server.advance(29_999)
    assert server.received(other) == []
    server.advance(1)

    assert [delivery.head.token.attempt for delivery in server.received(other)] == [2]


def test_the_same_client_id_takes_over_its_held_leases_and_gives_up_the_others(server: Server) -> None:
    fill(server, 2)
    broken = server.open()
    held, dropped = server.received(broken)
    server.deliveries.disconnect(broken, server.now_ms)

    again = server.deliveries.open(options(held_ack_ids=(held.ack_id, "nonsense")), server.now_ms)
    server.work()
    started = server.frame(again)

    assert isinstance(started, Started)
    assert [(result.ack_id, result.outcome) for result in started.held] == [(held.ack_id, OK), ("nonsense", UNKNOWN)]
    [redelivered] = server.received(again)
    assert redelivered.head.cim_id == dropped.head.cim_id
    server.deliveries.acknowledge(again, [held.ack_id])
    assert server.results(again) == {held.ack_id: OK}


def test_held_messages_fill_the_window(server: Server) -> None:
    fill(server, 3, size=60)
    broken = server.open()
    held = [delivery.ack_id for delivery in server.received(broken)[:2]]
    server.deliveries.disconnect(broken, server.now_ms)

    again = server.open(options(held_ack_ids=tuple(held), window=Window(bytes=150)))

    assert server.received(again) == []


def test_a_held_lease_has_its_hour_from_the_delivery(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    [held] = server.received(stream_id)

    for _ in range(7):
        server.deliveries.disconnect(stream_id, server.now_ms)
        stream_id = server.open(options(held_ack_ids=(held.ack_id,), ack_deadline_ms=600_000))
        assert server.received(stream_id) == []
        server.advance(3_600_000 // 7)
    server.advance(3_600_000 % 7)
    server.work()
    server.advance(1_500)

    assert [delivery.head.token.attempt for delivery in server.received(stream_id)] == [2]


def test_a_second_stream_with_the_client_id_replaces_the_first(server: Server) -> None:
    older = server.open()

    newer = server.open()

    closing, end = server.frames(older)
    assert closing == Closing(reason=inbound_pb2.CLOSING_REASON_REPLACED, reconnect_after_ms=None)
    assert isinstance(end, End)
    assert end.error is not None
    assert end.error.reason == "REPLACED"
    assert end.error.metadata == {"subscription": "ccm", "client_id": "ccm-0"}
    assert server.frames(newer) == []


def test_replacing_releases_what_the_older_stream_had(server: Server) -> None:
    fill(server, 2)
    older = server.open()
    assert len(server.received(older)) == 2

    newer = server.open()

    assert [delivery.head.token.attempt for delivery in server.received(newer)] == [2, 2]


def test_heads_claimed_for_a_stream_that_ended_meanwhile_go_to_others(server: Server) -> None:
    stream_id = server.open(options("a"))
    fill(server, 1)
    work = server.deliveries.take_work(server.now_ms)
    assert work.claims
    answers = server.carry_out(work)

    server.deliveries.disconnect(stream_id, server.now_ms)
    server.answer(work, answers)

    [delivery] = server.received(server.open(options("b")))
    assert delivery.head.token.attempt == 1


def test_what_was_claimed_for_a_client_that_left_was_not_delivered(server: Server) -> None:
    fill(server, 1, each=2)
    leaving = server.open(options("a"))
    [first] = server.received(leaving)

    server.deliveries.acknowledge(leaving, [first.ack_id])
    server.deliveries.disconnect(leaving, server.now_ms)
    server.work()

    [second] = server.received(server.open(options("b")))
    assert (second.head.token.seq, second.head.token.attempt) == (2, 1)


def test_a_ping_is_answered(server: Server) -> None:
    stream_id = server.open()

    server.deliveries.ping(stream_id, "n-1")

    assert server.frames(stream_id) == [Pong(nonce="n-1")]


def test_misuse_ends_the_stream_with_its_error(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    error = ConnectorError("FRAME_EMPTY", "no frame")

    server.deliveries.fail(stream_id, error, server.now_ms)

    assert server.frames(stream_id) == [End(error=error)]


def test_half_close_answers_what_came_and_ends_well(server: Server) -> None:
    fill(server, 2, each=2)
    stream_id = server.open(options(window=Window(messages=1)))
    [delivery] = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [delivery.ack_id])
    server.deliveries.half_close(stream_id, server.now_ms)

    results, end = server.frames(stream_id)
    assert isinstance(results, Results)
    assert end == End(error=None)


def test_a_drained_stream_is_told_and_ends_when_its_client_has_answered(server: Server) -> None:
    fill(server, 1, each=2)
    stream_id = server.open()
    [delivery] = server.received(stream_id)

    server.deliveries.drain(server.now_ms)
    [closing] = server.frames(stream_id)
    server.deliveries.acknowledge(stream_id, [delivery.ack_id])
    results, end = server.frames(stream_id)

    assert closing == Closing(reason=inbound_pb2.CLOSING_REASON_DRAINING, reconnect_after_ms=1_000)
    assert isinstance(results, Results)
    assert isinstance(end, End)
    assert end.error is not None
    assert end.error.reason == "SERVER_DRAINING"


def test_a_drained_stream_ends_when_its_time_is_over(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    server.received(stream_id)
    server.deliveries.drain(server.now_ms)
    server.frames(stream_id)

    server.advance(4_999)
    assert server.frame(stream_id) is None
    server.advance(1)

    assert isinstance(server.frame(stream_id), End)


def test_a_lease_that_the_store_has_overruled_gives_way_to_the_new_one(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open(options(window=Window(messages=1)))
    [first] = server.received(stream_id)
    server.log.keys[0].ready_at_ms = server.now_ms  # as if another server had taken and released it
    server.deliveries.resize(stream_id, Window(messages=2))
    server.deliveries.ready()

    [second] = server.received(stream_id)

    assert second.head.token.epoch == first.head.token.epoch + 1
    server.log.store(1, server.now_ms)
    server.deliveries.ready()
    assert len(server.received(stream_id)) == 1, "the old lease does not fill the window"
    server.deliveries.extend(stream_id, [first.ack_id], 60_000, server.now_ms)
    assert server.results(stream_id) == {first.ack_id: STALE}


def test_half_close_gives_back_what_waits(server: Server) -> None:
    server.log.store(1, server.now_ms, size=60)
    server.log.store(2, server.now_ms, size=60)
    stream_id = server.open(options("a", window=Window(bytes=100)))
    assert len(server.received(stream_id)) == 1

    server.deliveries.half_close(stream_id, server.now_ms)

    assert len(server.received(server.open(options("b")))) == 1


def test_what_a_client_no_longer_holds_goes_to_others_at_once(server: Server) -> None:
    fill(server, 1)
    broken = server.open(options("a"))
    server.received(broken)
    other = server.open(options("b"))
    server.deliveries.disconnect(broken, server.now_ms)
    assert server.received(other) == []

    server.open(options("a", page_ids=frozenset({"999"})))

    assert len(server.received(other)) == 1


def test_a_stream_that_ended_before_it_started_adopts_nothing(server: Server) -> None:
    stream_id = server.deliveries.open(options(), server.now_ms)

    server.deliveries.disconnect(stream_id, server.now_ms)

    assert not server.deliveries.take_work(server.now_ms)


def test_an_adoption_that_ends_after_its_stream_leaves_the_leases_to_the_next(server: Server) -> None:
    fill(server, 1)
    first = server.open()
    [held] = server.received(first)
    second = server.deliveries.open(options(held_ack_ids=(held.ack_id,)), server.now_ms)
    work = server.deliveries.take_work(server.now_ms)
    server.deliveries.disconnect(second, server.now_ms)
    server.answer(work, server.carry_out(work))

    third = server.deliveries.open(options(held_ack_ids=(held.ack_id,)), server.now_ms)
    server.work()

    started = server.frame(third)
    assert isinstance(started, Started)
    assert [result.outcome for result in started.held] == [OK]


def test_a_stream_that_the_client_opened_later_elsewhere_ends_this_one(server: Server) -> None:
    stream_id = server.open(generation=5)

    server.deliveries.opened_elsewhere("another", 6, server.now_ms)
    server.deliveries.opened_elsewhere("ccm-0", 4, server.now_ms)
    assert server.frame(stream_id) is None
    server.deliveries.opened_elsewhere("ccm-0", 6, server.now_ms)

    closing, end = server.frame(stream_id), server.frame(stream_id)
    assert isinstance(closing, Closing)
    assert isinstance(end, End)
    assert end.error is not None
    assert end.error.reason == "REPLACED"


@pytest.mark.parametrize(("elsewhere", "replaced"), [(4, False), (6, True)])
def test_of_two_streams_that_open_at_once_the_older_ends(server: Server, elsewhere: int, replaced: bool) -> None:
    stream_id = server.deliveries.open(options(), server.now_ms)

    server.deliveries.opened_elsewhere("ccm-0", elsewhere, server.now_ms)
    server.generation = 5
    server.work()

    assert isinstance(server.frame(stream_id), Started)
    assert isinstance(server.frame(stream_id), Closing) is replaced


def test_where_other_servers_had_the_keys_in_hand_the_next_claim_comes_soon(server: Server) -> None:
    stream_id = server.open()
    fill(server, 1)
    server.deliveries.ready()
    [claim] = server.deliveries.take_work(server.now_ms).claims

    server.deliveries.claimed(claim, [], server.now_ms, contended=True)

    assert server.deliveries.next_time_ms(server.now_ms) == server.now_ms + CONTENDED_MS
    server.advance(CONTENDED_MS)
    assert len(server.received(stream_id)) == 1
