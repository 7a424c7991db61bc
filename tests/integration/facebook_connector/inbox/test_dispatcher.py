from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from expertflow.connector.v1 import inbound_pb2, operations_pb2
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest
from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.errors import ConnectorError
from facebook_connector.services.inbound_stream import serve
from facebook_connector.store.database import Transaction
from facebook_connector.store.reading.readers import add_subscription, remove_subscription
from facebook_connector.store.reading.subscriptions import SubscriptionRow, bits_of, close_gate, next_subscription_id
from tests.integration.facebook_connector.inbox.conftest import PATIENCE_S, MakeRoom, Room
from tests.support.inbound_records import an_event
from tests.support.inbound_wire import NOBODYS

OK, STALE = inbound_pb2.ACK_OUTCOME_OK, inbound_pb2.ACK_OUTCOME_STALE


async def test_a_conversation_is_delivered_in_order(room: Room) -> None:
    names = [f"m_{number}" for number in range(10)]
    await room.ingest(*(an_event(name) for name in names))
    stream = await room.open()
    arrived = []

    for _ in names:
        (delivery,) = await stream.deliveries()
        arrived.append(delivery.head.cim_id)
        stream.stream.acknowledge([delivery.ack_id])

    assert arrived == [f"cim-{name}-0" for name in names]


async def test_a_stored_event_wakes_a_waiting_stream(room: Room) -> None:
    stream = await room.open()

    await room.ingest(an_event("m_1"))

    assert len(await stream.deliveries()) == 1


async def test_streams_that_ask_together_share_a_backlog(room: Room) -> None:
    streams = [await room.open(f"ccm-{number}", window=Window(messages=10)) for number in range(3)]

    await room.ingest(*(an_event(f"m_{number}", psid=str(number)) for number in range(100)))
    first = await asyncio.gather(*(stream.deliveries() for stream in streams))

    assert [len(deliveries) for deliveries in first] == [10, 10, 10]


async def test_a_stream_that_opens_while_the_server_stops_is_refused(room: Room) -> None:
    subscription = await room.inbox.subscription("ccm")
    await room.inbox.drain(0.1)

    with pytest.raises(ConnectorError) as refusal:
        room.inbox.open_stream(subscription, StreamOptions(client_id="late", ack_deadline_ms=30_000, window=Window()))

    assert refusal.value.reason == "SERVER_DRAINING"


async def test_a_call_that_is_cancelled_twice_leaves_no_stream_behind(room: Room) -> None:
    started, lingering, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def requests() -> AsyncIterator[StreamInboundRequest]:
        yield StreamInboundRequest(start=inbound_pb2.InboundStart(subscription="ccm", client_id="ccm-0"))
        try:
            await asyncio.Event().wait()
        finally:
            lingering.set()
            await gone.wait()

    async def call() -> None:
        async with aclosing(serve(requests(), room.inbox, room.clock, "1", peer="ipv4:127.0.0.1:1")) as frames:
            async for _ in frames:
                started.set()

    calling = asyncio.create_task(call())
    await started.wait()
    calling.cancel()
    await lingering.wait()
    calling.cancel()
    await asyncio.wait([calling])

    async with asyncio.timeout(2):
        await room.inbox.drain(PATIENCE_S)
    gone.set()


async def test_acknowledgements_that_come_together_are_one_store_call(room: Room) -> None:
    await room.ingest(*(an_event(f"m_{number}", psid=str(number)) for number in range(100)))
    stream = await room.open()
    deliveries = await stream.deliveries()
    before = room.database.writes

    for delivery in deliveries:
        stream.stream.acknowledge([delivery.ack_id])
    results = await stream.results()

    assert len(deliveries) == len(results) == 100
    assert room.database.writes - before <= 2  # the acknowledgements, and a claim beside them


async def test_an_expired_message_is_delivered_again(room: Room) -> None:
    await room.ingest(an_event("m_1"))
    stream = await room.open()
    (first,) = await stream.deliveries()

    room.clock.advance(30)
    stream.stream.acknowledge([NOBODYS])  # answered after a whole round, in which the expiry is noticed
    assert await stream.results() == {NOBODYS: STALE}
    room.clock.advance(2)
    room.inbox.look()

    (second,) = await stream.deliveries()
    assert (second.head.cim_id, second.head.token.attempt) == (first.head.cim_id, 2)


async def test_acknowledgements_outlive_a_store_that_is_away(room: Room) -> None:
    await room.ingest(an_event("m_1"), an_event("m_2"))
    stream = await room.open()
    (first,) = await stream.deliveries()
    room.database.take_away()

    stream.stream.acknowledge([first.ack_id])
    await asyncio.wait_for(room.database.missed.wait(), PATIENCE_S)
    room.database.give_back()

    assert await stream.results() == {first.ack_id: OK}
    (second,) = await stream.deliveries()
    assert second.head.cim_id == "cim-m_2-0"


async def test_a_stream_that_opens_while_the_store_is_away_is_told_so(room: Room) -> None:
    subscription = await room.inbox.subscription("ccm")
    room.database.take_away()
    options = StreamOptions(client_id="ccm-0", ack_deadline_ms=30_000, window=Window())

    stream = room.inbox.open_stream(subscription, options)

    with pytest.raises(ConnectorError) as ended:
        await asyncio.wait_for(anext(stream.frames()), PATIENCE_S)
    assert ended.value.reason == "STORE_UNAVAILABLE"


async def test_two_servers_on_one_database_share_and_keep_order(make_room: MakeRoom) -> None:
    one, two = await make_room("server-1"), await make_room("server-2")
    for number in range(20):
        await one.ingest(an_event(f"m_{number}", psid=str(number % 4)))
    streams = [await one.open("a"), await two.open("b")]
    arrived: dict[str, list[str]] = {}

    async def consume(stream_number: int) -> None:
        stream = streams[stream_number]
        while sum(map(len, arrived.values())) < 20:
            for delivery in await stream.deliveries():
                arrived.setdefault(delivery.head.ordering_key, []).append(delivery.head.cim_id)
                stream.stream.acknowledge([delivery.ack_id])

    consumers = [asyncio.create_task(consume(number)) for number in (0, 1)]
    await asyncio.wait(consumers, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE_S)
    for consumer in consumers:
        consumer.cancel()

    assert sorted(arrived.values()) == [[f"cim-m_{number}-0" for number in range(key, 20, 4)] for key in range(4)]


async def test_an_event_stored_by_another_server_is_found_by_the_poll(make_room: MakeRoom) -> None:
    one, two = await make_room("server-1"), await make_room("server-2")
    stream = await two.open()

    await one.ingest(an_event("m_1"))

    assert len(await stream.deliveries()) == 1


async def test_a_drain_waits_for_acknowledgements_under_way(room: Room) -> None:
    await room.ingest(an_event("m_1"))
    stream = await room.open()
    (delivery,) = await stream.deliveries()

    draining = asyncio.create_task(room.inbox.drain(PATIENCE_S))
    await stream.frame()  # closing
    stream.stream.acknowledge([delivery.ack_id])
    assert await stream.results() == {delivery.ack_id: OK}
    with pytest.raises(ConnectorError) as ended:
        await stream.frame()
    assert not draining.done()
    stream.stream.close()

    await asyncio.wait_for(draining, PATIENCE_S)
    assert ended.value.reason == "SERVER_DRAINING"


async def test_nobody_is_let_in_while_the_server_drains(room: Room) -> None:
    await room.inbox.drain(1.0)

    with pytest.raises(ConnectorError) as refused:
        await room.inbox.subscription("ccm")

    assert refused.value.reason == "SERVER_DRAINING"


async def test_nothing_is_left_of_a_subscription_that_another_server_deletes(room: Room) -> None:
    await room.database.write(make_archive)
    subscription = await room.inbox.subscription("archive")
    options = StreamOptions(client_id="ccm-0", ack_deadline_ms=30_000, window=Window())
    stream = room.inbox.open_stream(subscription, options)
    assert [one.name for one, _, _ in room.inbox.figures()] == ["archive"]

    await room.database.write(lambda transaction: remove_subscription(transaction, subscription.subscription_id))
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(ConnectorError) as ending:
            async for _ in stream.frames():
                pass
        stream.close()
        while room.inbox.figures():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)

    assert ending.value.reason == "SUBSCRIPTION_NOT_FOUND"


def make_archive(transaction: Transaction) -> None:
    close_gate(transaction)
    row = SubscriptionRow(
        subscription_id=next_subscription_id(transaction),
        name="archive",
        kinds=bits_of([inbound_pb2.EVENT_KIND_MESSAGE]),
        create_time_ms=0,
        start_point=operations_pb2.START_POINT_NOW,
        start_time_ms=None,
    )
    add_subscription(transaction, row, since_ms=None)
