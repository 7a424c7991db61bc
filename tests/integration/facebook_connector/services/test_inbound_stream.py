from __future__ import annotations

import asyncio

import grpc
from google.protobuf.duration_pb2 import Duration

from expertflow.connector.v1 import inbound_pb2 as pb
from facebook_connector.settings import ServerSettings
from tests.support.channels import PAGE_ID
from tests.support.inbound_wire import OK, STALE, START_MS, UNKNOWN, Ended, Wire, an_event, running_wire


async def test_the_first_frame_says_what_is_in_force(wire: Wire) -> None:
    async with wire.stream() as stream:
        started = stream.started

    assert (started.subscription, started.client_id) == ("ccm", "ccm-0")
    assert list(started.kinds) == [pb.EVENT_KIND_MESSAGE, pb.EVENT_KIND_REACTION, pb.EVENT_KIND_RECEIPT]
    assert started.ack_deadline.seconds == 30
    assert (started.window.max_messages, started.window.max_bytes) == (100, 4 * 1024 * 1024)
    assert started.stream_id
    assert started.server_version


async def test_what_a_client_asks_for_is_in_force(wire: Wire) -> None:
    async with wire.stream(
        page_ids=[PAGE_ID],
        kinds=[pb.EVENT_KIND_MESSAGE],
        ack_deadline=Duration(seconds=45),
        window=pb.InboundWindow(max_messages=7),
    ) as stream:
        started = stream.started

    assert (list(started.page_ids), list(started.kinds)) == ([PAGE_ID], [pb.EVENT_KIND_MESSAGE])
    assert started.ack_deadline.seconds == 45
    assert (started.window.max_messages, started.window.max_bytes) == (7, 4 * 1024 * 1024)


async def test_a_message_arrives_with_all_that_is_known_of_it(wire: Wire) -> None:
    await wire.ingest(an_event("m_1"))

    async with wire.stream() as stream:
        received = await stream.message()

    assert received.message == an_event("m_1").messages[0]
    assert received.ordering_key == f"{PAGE_ID}/70001"
    assert (received.kind, received.origin) == (pb.EVENT_KIND_MESSAGE, pb.DELIVERY_ORIGIN_LIVE)
    assert received.delivery_attempt == 1
    assert received.ack_deadline_time.ToMilliseconds() == START_MS + 30_000
    assert received.store_time.ToMilliseconds() == START_MS
    assert received.tenant_id == "expertflow"
    assert not received.late


async def test_a_backlog_comes_in_one_frame(wire: Wire) -> None:
    await wire.ingest(*(an_event(f"m_{number}", psid=str(70_000 + number)) for number in range(50)))

    async with wire.stream() as stream:
        assert len(await stream.messages()) == 50


async def test_an_idle_stream_gets_a_message_at_once(wire: Wire) -> None:
    async with wire.stream() as stream:
        await wire.texts("m_1")

        assert (await stream.message()).message.id == "cim-m_1"


async def test_a_conversation_comes_one_by_one_and_in_order(wire: Wire) -> None:
    names = [f"m_{number}" for number in range(5)]
    await wire.texts(*names)
    arrived = []

    async with wire.stream() as stream:
        for _ in names:
            received = await stream.message()
            await stream.nothing_before_pong()
            arrived.append(received.message.id)
            await stream.ack(received)

    assert arrived == [f"cim-{name}" for name in names]


async def test_each_ack_id_is_answered_and_an_unknown_one_ends_nothing(wire: Wire) -> None:
    await wire.texts("m_1")

    async with wire.stream() as stream:
        received = await stream.message()
        await stream.send(ack=pb.InboundAck(ack_ids=["nonsense", received.ack_id]))
        results = await stream.results()
        results |= {} if len(results) == 2 else await stream.results()
        await stream.ack(received)

        assert results == {"nonsense": UNKNOWN, received.ack_id: OK}
        assert await stream.results() == {received.ack_id: STALE}


async def test_what_is_not_acknowledged_in_time_comes_again_and_the_old_id_is_stale(wire: Wire) -> None:
    await wire.texts("m_1")

    async with wire.stream() as stream:
        first = await stream.message()
        await stream.after(29.9)
        await stream.after(0.2)
        wire.clock.advance(2)
        await stream.send(ping=pb.InboundPing())
        second = await stream.message()
        await stream.ack(first)

        assert (second.message.id, second.delivery_attempt) == (first.message.id, 2)
        assert second.ack_id != first.ack_id
        assert await stream.results() == {first.ack_id: STALE}
        await stream.ack(second)
        assert await stream.results() == {second.ack_id: OK}


async def test_a_nacked_message_comes_again_before_the_next_of_its_key(wire: Wire) -> None:
    await wire.texts("m_1", "m_2")

    async with wire.stream() as stream:
        first = await stream.message()
        await stream.nack(first, delay_s=0)
        second = await stream.message()

        assert (second.message.id, second.delivery_attempt) == (first.message.id, 2)


async def test_a_nack_holds_the_message_back_for_its_delay(wire: Wire) -> None:
    await wire.texts("m_1")

    async with wire.stream() as stream:
        first = await stream.message()
        await stream.nack(first, delay_s=300)
        assert await stream.results() == {first.ack_id: OK}
        await stream.after(299)
        wire.clock.advance(2)
        await stream.send(ping=pb.InboundPing())

        assert (await stream.message()).delivery_attempt == 2


async def test_an_extension_moves_the_deadline(wire: Wire) -> None:
    await wire.texts("m_1")

    async with wire.stream() as stream:
        received = await stream.message()
        await stream.send(extend=pb.InboundExtend(ack_ids=[received.ack_id], duration=Duration(seconds=500)))
        assert await stream.results() == {received.ack_id: OK}
        await stream.after(499)
        await stream.ack(received)

        assert await stream.results() == {received.ack_id: OK}


async def test_the_window_is_kept_and_can_be_changed(wire: Wire) -> None:
    await wire.ingest(*(an_event(f"m_{number}", psid=str(70_000 + number)) for number in range(10)))

    async with wire.stream(window=pb.InboundWindow(max_messages=2)) as stream:
        assert len(await stream.messages()) == 2
        await stream.nothing_before_pong()
        await stream.send(window=pb.InboundWindow(max_messages=5))

        assert len(await stream.messages()) == 3


async def test_competing_streams_share_and_a_page_filter_holds(wire: Wire) -> None:
    await wire.ingest(*(an_event(f"m_{number}", psid=str(70_000 + number)) for number in range(4)))

    async with (
        wire.stream("a", page_ids=["1"]) as foreign,
        wire.stream("b", window=pb.InboundWindow(max_messages=3)) as first,
        wire.stream("c") as second,
    ):
        assert (len(await first.messages()), len(await second.messages())) == (3, 1)
        await foreign.nothing_before_pong()


async def test_a_ping_is_answered_with_the_clock_of_the_server(wire: Wire) -> None:
    async with wire.stream() as stream:
        await stream.send(ping=pb.InboundPing(nonce="n-1"))
        pong = (await stream.frame()).pong

    assert (pong.nonce, pong.server_time.ToMilliseconds()) == ("n-1", START_MS)


async def test_a_second_stream_with_the_client_id_replaces_the_first(wire: Wire) -> None:
    await wire.texts("m_1")

    async with wire.stream() as older:
        first = await older.message()
        async with wire.stream(held_ack_ids=[first.ack_id, "nonsense"]) as newer:
            closing = (await older.frame()).closing
            end = await older.ended()
            held = {result.ack_id: result.outcome for result in newer.started.held_results}
            await newer.ack(first)

            assert await newer.results() == {first.ack_id: OK}
    assert closing.reason == pb.CLOSING_REASON_REPLACED
    assert not closing.HasField("reconnect_after")
    assert end == Ended(grpc.StatusCode.ABORTED, "REPLACED", {"subscription": "ccm", "client_id": "ccm-0"})
    assert held == {first.ack_id: OK, "nonsense": UNKNOWN}


async def test_what_a_returning_client_does_not_hold_comes_again_at_once(wire: Wire) -> None:
    await wire.texts("m_1")
    async with wire.stream() as broken:
        first = await broken.message()

    async with wire.stream() as again:
        second = await again.message()

    assert (second.message.id, second.delivery_attempt) == (first.message.id, 2)


async def test_half_close_answers_and_ends_well(wire: Wire) -> None:
    await wire.texts("m_1", "m_2")

    async with wire.stream() as stream:
        received = await stream.message()
        await stream.ack(received)
        await stream.half_close()

        assert await stream.results() == {received.ack_id: OK}
        assert await stream.ended() == Ended(grpc.StatusCode.OK)


async def test_after_a_restart_what_was_not_acknowledged_comes_again_with_its_id(settings: ServerSettings) -> None:
    async with running_wire(settings) as before:
        await before.texts("m_1", "m_2")
        async with before.stream() as stream:
            first = await stream.message()

    async with running_wire(settings, new=False) as after, after.stream("another") as stream:
        again = await stream.message()
        await stream.ack(again)
        following = await stream.message()

    assert (again.message, again.delivery_attempt) == (first.message, 2)
    assert following.message.id == "cim-m_2"


async def test_what_a_client_holds_over_a_restart_stays_its_own(settings: ServerSettings) -> None:
    async with running_wire(settings) as before:
        await before.texts("m_1")
        async with before.stream() as stream:
            held = await stream.message()

    async with running_wire(settings, new=False) as after, after.stream(held_ack_ids=[held.ack_id]) as stream:
        await stream.ack(held)

        assert await stream.results() == {held.ack_id: OK}


async def test_a_draining_server_says_so_and_still_takes_acknowledgements(settings: ServerSettings) -> None:
    async with running_wire(settings) as wire, wire.stream() as stream:
        await wire.texts("m_1", "m_2")
        received = await stream.message()
        stopping = asyncio.create_task(wire.serving.aclose())
        closing = (await stream.frame()).closing
        await stream.ack(received)
        results, end = await stream.results(), await stream.ended()
        await stopping

    assert (closing.reason, closing.reconnect_after.seconds) == (pb.CLOSING_REASON_DRAINING, 1)
    assert results == {received.ack_id: OK}
    assert (end.code, end.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_DRAINING")
    async with running_wire(settings, new=False) as after, after.stream() as stream:
        assert (await stream.message()).message.id == "cim-m_2"


async def test_a_client_that_reads_nothing_takes_no_more_than_its_window(wire: Wire) -> None:
    large = "x" * 200_000
    await wire.ingest(*(an_event(f"m_{number}", psid=str(70_000 + number), text=large) for number in range(20)))

    async with (
        wire.stream("deaf", window=pb.InboundWindow(max_messages=4)),
        wire.stream("lively", window=pb.InboundWindow(max_messages=20)) as lively,
    ):
        arrived = 0
        while arrived < 16:
            arrived += len(await lively.messages())

        assert arrived == 16
        await lively.nothing_before_pong()
