"""Receipts: each message of ours is told to be delivered once, and to be read once, in whichever order things come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import permutations

import pytest
from sqlalchemy import select

from cim_messenger.ids import receipt_id
from cim_messenger.inbound.settings import DEFAULT_SENDER_ID, DEFAULT_SENDER_NAME
from expertflow.cim.v1.notification_pb2 import DELIVERY_STATUS_DELIVERED, DELIVERY_STATUS_READ
from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.notifications import NotificationSender
from facebook_connector.sending.values import PartState
from facebook_connector.store.installation import InstallationStore
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.log.receipts import PARKED_MS
from facebook_connector.store.log.reference_schema import parked_receipt, receipt_check, receipt_mark
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, PAGE, an_echo, an_event
from tests.support.outbound_queue import OutboundQueue
from tests.support.references import Delivered, a_delivery, a_read

DELIVERED, READ = DELIVERY_STATUS_DELIVERED, DELIVERY_STATUS_READ
SENT_MS = NOW_MS - 5000
"""What the echoes say, by Facebook's clock."""


@pytest.fixture
async def queue(log: Log) -> OutboundQueue:
    return OutboundQueue(log.database)


async def sent(log: Log, queue: OutboundQueue, *names: str, parts: int = 1) -> None:
    """Sends messages, a second apart by Facebook's clock, and takes their echoes."""
    for name in names:
        await queue.accept(name, parts=parts)
    await queue.own()
    for place, name in enumerate(names):
        for index in range(parts):
            await queue.send(name, index)
            await echoed(log, name, index, time_ms=SENT_MS + 1000 * place)


async def echoed(log: Log, name: str, index: int = 0, *, time_ms: int = SENT_MS) -> None:
    installation = await InstallationStore(log.database).installation_id()
    metadata = f"fbc:{installation}:{name}:{index}"
    await log.ingest(an_echo(f"m_{name}.{index}", metadata, event_time_ms=time_ms))


async def told(log: Log) -> list[tuple[str, int]]:
    return [Delivered(head).status for head in await log.drain()]


async def test_a_delivered_message_is_told_once(log: Log, queue: OutboundQueue) -> None:
    await sent(log, queue, "a")
    await log.ingest(a_delivery("m_a.0", name="1"), a_delivery("m_a.0", name="2"))
    await log.ingest(a_delivery("m_a.0", until_ms=NOW_MS, name="3"))
    (head,) = await log.drain()
    told = Delivered(head)
    assert told.status == ("a", DELIVERED)
    assert (told.message.id, head.kind) == (receipt_id(PAGE, "a", "DELIVERED"), inbound_pb2.EVENT_KIND_RECEIPT)
    assert told.message.header.timestamp.ToMilliseconds() == NOW_MS - 1000
    assert (await queue.status("a")).state == "DELIVERED"


async def test_notifications_go_out_under_the_name_that_was_chosen(log: Log, queue: OutboundQueue) -> None:
    chosen = EventStore(log.database, sender=NotificationSender(id="chosen", name="CHOSEN"))
    await sent(log, queue, "a", "b")
    await chosen.ingest([a_delivery("m_a.0", name="1")], NOW_MS)
    await log.ingest(a_delivery("m_b.0", name="2"))
    senders = [Delivered(head).message.header.sender for head in await log.drain()]
    assert [(sender.id, sender.sender_name, sender.type) for sender in senders] == [
        ("chosen", "CHOSEN", "CONNECTOR"),
        (DEFAULT_SENDER_ID, DEFAULT_SENDER_NAME, "CONNECTOR"),
    ]


async def test_a_watermark_covers_what_was_sent_before_it(log: Log, queue: OutboundQueue) -> None:
    await sent(log, queue, "a", "b", "c")
    await log.ingest(a_delivery(until_ms=SENT_MS + 1000))
    assert await told(log) == [("a", DELIVERED), ("b", DELIVERED)]
    assert (await queue.status("c")).state == "SENT"


async def test_without_an_echo_the_answer_less_the_measured_skew_is_compared(log: Log, queue: OutboundQueue) -> None:
    # Our clock is ahead: answers come three seconds after the times that echoes say.
    names = [f"a{number}" for number in range(40)]
    for name in names:
        await queue.accept(name)
    await queue.own()
    for name in names:
        await queue.send(name)
        await echoed(log, name, time_ms=queue.now_ms - 3000)
    await queue.accept("b")
    await queue.send("b")
    answer_ms = queue.now_ms
    await log.ingest(a_read(answer_ms - 3500, name="before"))
    assert (await queue.status("b")).state == "SENT"
    await log.ingest(a_read(answer_ms - 2500, name="after"))
    assert (await queue.status("b")).state == "READ"


async def test_read_implies_delivered(log: Log, queue: OutboundQueue) -> None:
    await sent(log, queue, "a")
    await log.ingest(a_read(SENT_MS), a_delivery("m_a.0"))
    assert await told(log) == [("a", READ)]
    assert (await queue.status("a")).state == "READ"


async def test_delivered_and_then_read_are_both_told(log: Log, queue: OutboundQueue) -> None:
    await sent(log, queue, "a")
    await log.ingest(a_delivery("m_a.0"))
    await log.ingest(a_read(SENT_MS))
    assert await told(log) == [("a", DELIVERED), ("a", READ)]


async def test_a_message_is_delivered_when_all_its_parts_are(log: Log, queue: OutboundQueue) -> None:
    await sent(log, queue, "a", parts=2)
    await log.ingest(a_delivery("m_a.0", name="1"))
    assert await told(log) == []
    await log.ingest(a_delivery("m_a.1", name="2"))
    assert await told(log) == [("a", DELIVERED)]


async def test_a_lower_watermark_changes_nothing(log: Log, queue: OutboundQueue) -> None:
    await sent(log, queue, "a", "b")
    await log.ingest(a_read(SENT_MS + 1000, "1"))
    await log.ingest(a_read(SENT_MS, "2"))
    assert await told(log) == [("a", READ), ("b", READ)]
    marks = await log.database.read(lambda t: t.execute(select(receipt_mark.c.watermark_ms)).scalars().all())
    assert list(marks) == [SENT_MS + 1000]


async def test_another_customers_messages_are_not_covered(log: Log, queue: OutboundQueue) -> None:
    await sent(log, queue, "a")
    await log.ingest(a_read(NOW_MS, psid="somebody"), a_delivery("m_a.9"))
    assert await told(log) == []


async def test_what_nobody_sent_is_forgotten_after_a_while(log: Log) -> None:
    await log.ingest(a_delivery("m_x"))
    await log.events.settle_due(NOW_MS + PARKED_MS - 1)
    count = select(parked_receipt.c.mid)
    assert await log.database.read(lambda t: t.execute(count).scalars().all()) == ["m_x"]
    await log.events.settle_due(NOW_MS + PARKED_MS)
    assert await log.database.read(lambda t: t.execute(count).scalars().all()) == []


async def test_a_receipt_before_the_answer_is_told_after_it(log: Log, queue: OutboundQueue) -> None:
    await queue.accept("a")
    await queue.own()
    await queue.begin("a")
    await log.ingest(a_delivery("m_a.0"))
    assert await told(log) == []
    await queue.settle(PartState.SENT, "a")
    assert await log.events.settle_due(NOW_MS) == {log.subscription_id}
    assert await told(log) == [("a", DELIVERED)]
    assert await log.database.read(lambda t: t.execute(select(receipt_check)).all()) == []


async def test_an_answer_without_an_earlier_receipt_asks_for_no_check(log: Log, queue: OutboundQueue) -> None:
    await log.ingest(a_read(SENT_MS))
    await queue.accept("a")
    await queue.own()
    await queue.send("a")
    assert await log.database.read(lambda t: t.execute(select(receipt_check)).all()) == []


async def test_a_receipt_takes_its_place_behind_what_is_stored(log: Log, queue: OutboundQueue) -> None:
    await sent(log, queue, "a")
    await log.ingest(an_event("m_1"), a_delivery("m_a.0"), an_event("m_2"))
    heads = await log.drain()
    assert [head.cim_id for head in heads] == ["cim-m_1-0", "cim-m_2-0", receipt_id(PAGE, "a", "DELIVERED")]
    assert [head.token.seq for head in heads] == [1, 2, 3]


async def test_in_every_order_the_end_is_the_same(log: Log, queue: OutboundQueue) -> None:
    steps: dict[str, Callable[[str], Awaitable[object]]] = {
        "answer": lambda name: queue.settle(PartState.SENT, name),
        "echo": lambda name: echoed(log, name),
        "delivery": lambda name: log.ingest(a_delivery(f"m_{name}.0", name=f"d{name}")),
        "read": lambda name: log.ingest(a_read(NOW_MS + 3_600_000, f"r{name}")),
    }
    await queue.accept("first")
    lease = await queue.own()
    await queue.begin("first")
    await queue.settle(PartState.SENT, "first")
    orders = list(permutations(steps))
    for number, order in enumerate(orders):
        name = f"x{number}"
        await queue.accept(name)
        queue.lease = lease
        await queue.begin(name)
        for step in order:
            await steps[step](name)
        await log.events.settle_due(NOW_MS)
        assert (await queue.status(name)).state == "READ", order
    news = await told(log)
    assert len(set(news)) == len(news)
    assert {name for name, status in news if status == READ} == {"first", *(f"x{n}" for n in range(len(orders)))}
    for name, _ in news:
        statuses = [status for one, status in news if one == name]
        assert statuses in ([READ], [DELIVERED, READ])
