"""An hour of consumers that cannot work, messages that nobody can process, and clients that read nothing."""

from __future__ import annotations

from collections.abc import Callable

from facebook_connector.delivery.frames import Delivery, End, Messages
from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.redelivery import Cause, NotDone
from tests.unit.facebook_connector.delivery.world import REDRIVE, Server, fill, options

HOUR_S = 3_600


def an_hour(server: Server, turn: Callable[[], object]) -> None:
    for _ in range(HOUR_S):
        turn()
        server.advance(1_000)


def nack_all(server: Server, stream_id: int, cause: Cause) -> None:
    ids = [delivery.ack_id for delivery in server.received(stream_id)]
    server.deliveries.nack(stream_id, ids, NotDone(cause=cause), server.now_ms)
    server.work()


def acknowledged(server: Server, stream_id: int) -> list[Delivery]:
    """Reads and acknowledges until nothing more comes."""
    done: list[Delivery] = []
    while deliveries := server.received(stream_id):
        done += deliveries
        server.deliveries.acknowledge(stream_id, [delivery.ack_id for delivery in deliveries])
    return done


def check_all_comes_in_order(server: Server, stream_id: int, keys: int, each: int) -> None:
    done: list[Delivery] = []
    for _ in range(90):
        done += acknowledged(server, stream_id)
        server.advance(1_000)
    for key_id in range(keys):
        assert [one.head.token.seq for one in done if one.head.token.key_id == key_id] == list(range(1, each + 1))
    assert server.log.done()


def test_an_hour_in_which_all_is_given_back_as_unavailable_costs_no_message(server: Server) -> None:
    fill(server, 20, each=3)
    stream_id = server.open()
    attempts: list[int] = []

    def turn() -> None:
        received = server.received(stream_id)
        attempts.extend(delivery.head.token.attempt for delivery in received)
        ids = [delivery.ack_id for delivery in received]
        server.deliveries.nack(stream_id, ids, NotDone(cause=Cause.UNAVAILABLE), server.now_ms)
        server.work()

    an_hour(server, turn)

    assert not server.log.dead_letters
    # Backed off: at most a delivery of each conversation a minute, but for the beginning.
    assert 60 < max(attempts) < 150
    assert [pause.first for pause in server.log.pauses].count(True) == 1
    check_all_comes_in_order(server, stream_id, keys=20, each=3)


def test_an_hour_of_crashes_costs_no_message(server: Server) -> None:
    fill(server, 20, each=3)

    def crash() -> None:
        stream_id = server.open()
        server.received(stream_id)
        server.deliveries.disconnect(stream_id, server.now_ms)

    an_hour(server, crash)

    assert not server.log.dead_letters
    check_all_comes_in_order(server, server.open(), keys=20, each=3)


def test_an_hour_in_which_the_consumer_hangs_costs_no_message(server: Server) -> None:
    fill(server, 20, each=3)
    stream_id = server.open()

    an_hour(server, lambda: server.received(stream_id))

    assert not server.log.dead_letters
    check_all_comes_in_order(server, stream_id, keys=20, each=3)


def test_an_hour_in_which_all_is_rejected_costs_no_message_and_pauses(server: Server) -> None:
    fill(server, 20, each=3)
    stream_id = server.open()

    an_hour(server, lambda: nack_all(server, stream_id, Cause.REJECTED))

    assert not server.log.dead_letters
    assert "20 %" in server.log.pauses[-1].reason
    check_all_comes_in_order(server, stream_id, keys=20, each=3)


def test_one_poisonous_message_among_few_is_given_up_and_redriven(server: Server) -> None:
    fill(server, 1, each=2)
    stream_id = server.open()
    flowing = 0

    def turn() -> None:
        nonlocal flowing
        server.log.store(9, server.now_ms)
        server.deliveries.ready()
        for delivery in server.received(stream_id):
            if delivery.head.token.key_id == 9 or delivery.head.token.seq == 2:
                flowing += 1
                server.deliveries.acknowledge(stream_id, [delivery.ack_id])
            else:
                server.deliveries.nack(stream_id, [delivery.ack_id], NotDone(cause=Cause.REJECTED), server.now_ms)
        server.work()

    an_hour(server, turn)

    assert server.log.dead_letters == [(0, 0)]
    assert not server.log.pauses
    # One a second of the other conversation, and the one after the poisonous message.
    assert flowing == HOUR_S + 1
    server.log.redrive(server.now_ms)
    server.deliveries.ready()
    [redriven] = acknowledged(server, stream_id)
    assert (redriven.head.cim_id, redriven.head.origin, redriven.head.token.attempt) == ("0-0", REDRIVE, 1)
    assert not server.log.dead_letters


def test_one_message_that_is_given_back_as_unavailable_for_an_hour_is_never_given_up(server: Server) -> None:
    fill(server, 1)
    stream_id = server.open()
    attempts = 0

    def turn() -> None:
        nonlocal attempts
        server.log.store(9, server.now_ms)
        server.deliveries.ready()
        for delivery in server.received(stream_id):
            if delivery.head.token.key_id == 9:
                server.deliveries.acknowledge(stream_id, [delivery.ack_id])
            else:
                attempts += 1
                server.deliveries.nack(stream_id, [delivery.ack_id], NotDone(cause=Cause.UNAVAILABLE), server.now_ms)
        server.work()

    an_hour(server, turn)

    assert attempts > 60
    assert not server.log.dead_letters


def test_while_a_subscription_pauses_nothing_goes_out(server: Server) -> None:
    fill(server, 3)
    stream_id = server.open(options(window=Window(messages=2)))
    first, second = server.received(stream_id)
    server.deliveries.nack(stream_id, [first.ack_id], NotDone(cause=Cause.UNAVAILABLE), server.now_ms)
    [third] = server.received(stream_id)
    ids = [second.ack_id, third.ack_id]
    server.deliveries.nack(stream_id, ids, NotDone(cause=Cause.UNAVAILABLE), server.now_ms)
    fill(server, 10)
    other = server.open(options("ccm-1"))

    assert server.received(stream_id) == server.received(other) == []
    assert server.deliveries.pauses
    server.advance(2_000)
    assert len(server.received(stream_id)) == 2


def test_an_acknowledgement_ends_the_pause_of_consumers_that_could_not_work(server: Server) -> None:
    fill(server, 4)
    stream_id = server.open(options(window=Window(messages=3)))
    *given_back, kept = server.received(stream_id)
    ids = [delivery.ack_id for delivery in given_back]
    server.deliveries.nack(stream_id, ids, NotDone(cause=Cause.UNAVAILABLE), server.now_ms)
    assert server.received(stream_id) == []

    server.deliveries.acknowledge(stream_id, [kept.ack_id])

    assert len(server.received(stream_id)) == 1
    assert [pause.until_ms is None for pause in server.log.pauses] == [False, True]


def test_a_deleted_subscription_ends_its_streams(server: Server) -> None:
    fill(server, 2)
    stream_id = server.open(options(window=Window(messages=1)))
    server.received(stream_id)

    server.deliveries.delete(server.now_ms)

    *_, end = server.frames(stream_id)
    assert isinstance(end, End)
    assert end.error is not None
    assert end.error.reason == "SUBSCRIPTION_NOT_FOUND"


def test_a_client_that_reads_nothing_has_no_more_out_than_its_window(server: Server) -> None:
    fill(server, 500, each=2)
    stream_id = server.open(options(window=Window(messages=7)))
    server.work()
    frame = server.frame(stream_id)
    assert isinstance(frame, Messages)
    most = 0

    def turn() -> None:
        nonlocal most
        server.work()
        most = max(most, sum(key.client_id is not None for key in server.log.keys.values()))

    an_hour(server, turn)

    assert len(frame.deliveries) == most == 7
