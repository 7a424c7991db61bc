from __future__ import annotations

from facebook_connector.delivery.frames import Messages, Started
from facebook_connector.delivery.limits import FRAME_BYTES, Window
from tests.unit.facebook_connector.delivery.world import (
    MESSAGE,
    REACTION,
    Server,
    fill,
    options,
)


def test_the_first_frame_is_started_with_the_window_in_force(server: Server) -> None:
    stream_id = server.deliveries.open(options(window=Window(messages=5, bytes=77)), server.now_ms)
    assert server.frame(stream_id) is None

    server.work()

    assert server.frame(stream_id) == Started(window=Window(messages=5, bytes=77), held=())


def test_a_backlog_leaves_in_one_frame(server: Server) -> None:
    fill(server, 3)
    stream_id = server.open()

    frames = server.frames(stream_id)

    assert [len(frame.deliveries) for frame in frames if isinstance(frame, Messages)] == [3]


def test_a_message_leaves_at_once_when_idle(server: Server) -> None:
    stream_id = server.open()
    assert server.frames(stream_id) == []

    fill(server, 1)

    assert len(server.received(stream_id)) == 1


def test_the_next_message_of_a_key_follows_the_acknowledgement(server: Server) -> None:
    fill(server, 1, each=2)
    stream_id = server.open()
    [first] = server.received(stream_id)
    assert server.received(stream_id) == []

    server.deliveries.acknowledge(stream_id, [first.ack_id])

    [second] = server.received(stream_id)
    assert (first.head.token.seq, second.head.token.seq) == (1, 2)


def test_what_came_while_a_commit_ran_is_one_batch(server: Server) -> None:
    fill(server, 4)
    stream_id = server.open()
    deliveries = server.received(stream_id)
    server.deliveries.acknowledge(stream_id, [deliveries[0].ack_id])
    first = server.deliveries.take_work(server.now_ms)

    for delivery in deliveries[1:]:
        server.deliveries.acknowledge(stream_id, [delivery.ack_id])
    server.answer(first, server.carry_out(first))

    assert len(server.deliveries.take_work(server.now_ms).acks) == 3


def test_the_window_limits_messages(server: Server) -> None:
    fill(server, 5)
    stream_id = server.open(options(window=Window(messages=2)))

    first = server.received(stream_id)
    server.deliveries.acknowledge(stream_id, [first[0].ack_id])
    second = server.received(stream_id)

    assert (len(first), len(second)) == (2, 1)


def test_the_window_limits_bytes(server: Server) -> None:
    fill(server, 5, size=40)
    stream_id = server.open(options(window=Window(bytes=100)))

    assert len(server.received(stream_id)) == 2


def test_a_message_larger_than_the_window_goes_alone(server: Server) -> None:
    server.log.store(1, server.now_ms, size=10)
    server.log.store(2, server.now_ms, size=500)
    stream_id = server.open(options(window=Window(bytes=100)))
    [small] = server.received(stream_id)

    server.deliveries.acknowledge(stream_id, [small.ack_id])

    [large] = server.received(stream_id)
    assert large.head.size == 500


def test_a_frame_is_at_most_one_mebibyte(server: Server) -> None:
    fill(server, 5, size=FRAME_BYTES // 2 - 1000)
    stream_id = server.open(options(window=Window(bytes=64 * 1024 * 1024)))

    frames = [frame for frame in server.frames(stream_id) if isinstance(frame, Messages)]

    assert sum(len(frame.deliveries) for frame in frames) == 5
    assert all(sum(delivery.head.size for delivery in frame.deliveries) <= FRAME_BYTES for frame in frames)
    assert len(frames) < 5


def test_a_message_larger_than_a_frame_stands_alone_in_it(server: Server) -> None:
    server.log.store(1, server.now_ms, size=FRAME_BYTES + 1)
    server.log.store(2, server.now_ms)
    stream_id = server.open(options(window=Window(bytes=64 * 1024 * 1024)))

    frames = [frame for frame in server.frames(stream_id) if isinstance(frame, Messages)]

    assert [len(frame.deliveries) for frame in frames] == [1, 1]


def test_a_larger_window_is_in_force_at_once(server: Server) -> None:
    fill(server, 5)
    stream_id = server.open(options(window=Window(messages=1)))
    server.received(stream_id)

    server.deliveries.resize(stream_id, Window(messages=4))

    assert len(server.received(stream_id)) == 3


def test_a_smaller_window_takes_nothing_back(server: Server) -> None:
    fill(server, 4, each=2)
    stream_id = server.open()
    deliveries = server.received(stream_id)

    server.deliveries.resize(stream_id, Window(messages=2))
    server.deliveries.acknowledge(stream_id, [delivery.ack_id for delivery in deliveries[:2]])
    assert server.received(stream_id) == []
    server.deliveries.acknowledge(stream_id, [deliveries[2].ack_id])

    assert len(server.received(stream_id)) == 1


def test_a_client_that_does_not_read_costs_one_frame_and_claims_nothing(server: Server) -> None:
    stream_id = server.open(options(window=Window(messages=2)))
    fill(server, 10, each=10)
    server.work()
    server.frame(stream_id)  # and is now being written, for ever

    for _ in range(100):
        server.advance(60_000)
        server.deliveries.ready()
        server.work()

    claimed = [key for key in server.log.keys.values() if key.client_id is not None]
    assert claimed == []


def test_streams_compete_and_a_key_stays_where_it_is(server: Server) -> None:
    fill(server, 4, each=2)
    first, second = (server.open(options(name, window=Window(messages=2))) for name in ("a", "b"))
    at_first, at_second = server.received(first), server.received(second)
    keys_of_first = {delivery.head.token.key_id for delivery in at_first}
    assert len(at_first) == len(at_second) == 2

    server.deliveries.acknowledge(first, [delivery.ack_id for delivery in at_first])

    assert {delivery.head.token.key_id for delivery in server.received(first)} == keys_of_first
    assert server.received(second) == []


def test_a_stream_takes_only_its_pages_and_kinds(server: Server) -> None:
    server.log.store(1, server.now_ms, page_id="100")
    server.log.store(2, server.now_ms, page_id="200")
    server.log.store(3, server.now_ms, page_id="100", kind=REACTION)
    stream_id = server.open(options(page_ids=frozenset({"100"}), kinds=frozenset({MESSAGE})))

    assert [delivery.head.token.key_id for delivery in server.received(stream_id)] == [1]


def test_a_next_message_of_an_unwanted_kind_is_left_to_others(server: Server) -> None:
    server.log.store(1, server.now_ms)
    server.log.store(1, server.now_ms, kind=REACTION)
    messages_only = server.open(options("a", kinds=frozenset({MESSAGE})))
    all_kinds = server.open(options("b", kinds=frozenset({REACTION})))
    [first] = server.received(messages_only)

    server.deliveries.acknowledge(messages_only, [first.ack_id])

    assert server.received(messages_only) == []
    assert [delivery.head.kind for delivery in server.received(all_kinds)] == [REACTION]


def test_a_head_that_waits_behind_the_window_keeps_its_claim(server: Server) -> None:
    server.log.store(1, server.now_ms, size=60)
    server.log.store(2, server.now_ms, size=60)
    stream_id = server.open(options(window=Window(bytes=100), ack_deadline_ms=60_000))
    [first] = server.received(stream_id)

    for _ in range(5):
        server.advance(9_000)
        server.work()
    claimed_until_ms = server.log.keys[2].ready_at_ms
    assert claimed_until_ms is not None
    assert claimed_until_ms > server.now_ms + 60_000
    server.deliveries.acknowledge(stream_id, [first.ack_id])

    [second] = server.received(stream_id)
    assert second.head.token.attempt == 1


def test_heads_that_wait_for_a_client_that_does_not_read_go_to_others(server: Server) -> None:
    fill(server, 1, each=2)
    stuck = server.open(options("a"))
    other = server.open(options("b"))
    server.deliveries.disconnect(other, server.now_ms)
    server.work()
    frame = server.frame(stuck)
    assert isinstance(frame, Messages)
    server.deliveries.acknowledge(stuck, [frame.deliveries[0].ack_id])  # read, but nothing is read after it
    server.work()
    other = server.open(options("b"))
    assert server.received(other) == []

    server.advance(5_000)

    assert [delivery.head.token.seq for delivery in server.received(other)] == [2]


def test_a_waiting_head_whose_claim_is_lost_is_not_sent(server: Server) -> None:
    server.log.store(1, server.now_ms, size=60)
    server.log.store(2, server.now_ms, size=60)
    stream_id = server.open(options(window=Window(bytes=100)))
    [first] = server.received(stream_id)
    server.log.keys[2].client_id = None
    server.advance(5_000)
    server.work()

    server.deliveries.acknowledge(stream_id, [first.ack_id])

    assert server.received(stream_id) == []
