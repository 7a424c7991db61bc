"""Of every message that was given up the contact centre is notified, once for each time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.cim.v1.notification_pb2 import DELIVERY_STATUS_FAILED
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_RECEIPT
from facebook_connector.delivery.retention import DAY_MS, OUTBOUND_MS, cutoffs
from facebook_connector.sending.failures import channel_gone
from facebook_connector.sending.values import MessageKey, PartState
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.keeping.retention_walks import drop_outbound
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.outbound.decisions import retry
from facebook_connector.store.outbound.waiting import fail_waiting
from facebook_connector.store.schema import message
from tests.support.inbound_records import PAGE, PSID, add_page
from tests.support.outbound_queue import GIVEN_UP, LEASE_MS, REFUSED, TTL_MS, OutboundQueue


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    await add_page(database)
    return OutboundQueue(database)


async def tell(queue: OutboundQueue) -> list[CimMessage]:
    """Brings what waits into the log, and returns all that stands there."""
    await EventStore(queue.database).tell_given_up(queue.tick())

    def work(transaction: Transaction) -> list[CimMessage]:
        rows = transaction.execute(select(message.c.message, message.c.kind).order_by(message.c.seq)).all()
        assert {row.kind for row in rows} <= {EVENT_KIND_RECEIPT}
        return [CimMessage.FromString(row.message) for row in rows]

    return await queue.database.read(work)


async def refused(queue: OutboundQueue) -> None:
    await queue.accept()
    await queue.own()
    await queue.begin()
    await queue.settle(PartState.FAILED)


async def test_a_refusal_of_facebook_is_told_with_its_reason(queue: OutboundQueue) -> None:
    await refused(queue)
    (told,) = await tell(queue)
    body = told.body.delivery_notification
    assert (told.body.type, body.message_id, body.status) == ("DELIVERYNOTIFICATION", "out-1", DELIVERY_STATUS_FAILED)
    assert (body.reason_code, told.body.markdown_text) == ("400", "PROVIDER_REJECTED: Facebook refused it.")
    assert told.header.channel_data.channel_customer_identifier == PSID
    assert told.header.channel_data.service_identifier == PAGE


async def test_it_is_told_once(queue: OutboundQueue) -> None:
    await refused(queue)
    await tell(queue)
    assert len(await tell(queue)) == 1


async def test_what_fails_again_is_told_again_under_another_id(queue: OutboundQueue) -> None:
    await refused(queue)
    first = await tell(queue)
    key, now_ms = MessageKey(page_id=PAGE, cim_id="out-1"), queue.tick()
    await queue.database.write(lambda transaction: retry(transaction, key, now_ms, None))
    await queue.begin()
    await queue.settle(PartState.FAILED)
    second = await tell(queue)
    assert len({told.id for told in second}) == len(second) == len(first) + 1


async def test_what_stays_uncertain_is_told_as_failed(queue: OutboundQueue) -> None:
    await queue.in_doubt()
    await queue.close()
    (told,) = await tell(queue)
    assert told.body.markdown_text == f"{GIVEN_UP.reason}: {GIVEN_UP.detail}"
    assert told.body.delivery_notification.reason_code == "500"


async def test_a_late_echo_tells_nothing_more(queue: OutboundQueue) -> None:
    await queue.in_doubt(parts=2)
    await queue.close()
    await tell(queue)
    await queue.settle(PartState.SENT)
    assert len(await tell(queue)) == 1


async def test_what_expires_is_told(queue: OutboundQueue) -> None:
    await queue.accept()
    lease = await queue.own()
    await queue.store.expire_due((lease,), queue.now_ms + TTL_MS + LEASE_MS, 10)
    (told,) = await tell(queue)
    assert told.body.markdown_text.startswith("EXPIRED")


async def test_what_is_refused_at_its_acceptance_but_stored_is_told(queue: OutboundQueue) -> None:
    await queue.accept(parts=0, failure=REFUSED)
    assert len(await tell(queue)) == 1


async def test_what_needs_no_sending_is_not_told(queue: OutboundQueue) -> None:
    await queue.accept(parts=0)
    await queue.accept("out-2")
    await queue.own()
    await queue.send("out-2")
    assert await tell(queue) == []


async def test_what_fails_with_its_channel_is_told_all_the_same(queue: OutboundQueue) -> None:
    await queue.accept()
    gone = channel_gone(PAGE)
    await queue.database.write(lambda transaction: fail_waiting(transaction, PAGE, gone, queue.tick()))
    (told,) = await tell(queue)
    assert told.body.delivery_notification.reason_code == "404"


async def test_a_message_whose_id_was_forgotten_and_used_again_is_told(queue: OutboundQueue) -> None:
    await queue.accept(parts=0, failure=REFUSED)
    await tell(queue)
    later_ms = queue.now_ms + OUTBOUND_MS + DAY_MS
    dropped = await queue.database.write(lambda transaction: drop_outbound(transaction, cutoffs(later_ms), None))
    assert dropped.removed == 1

    for cim_id in ("out-1", "out-2"):
        await queue.accept(cim_id, parts=0, failure=REFUSED, accept_time_ms=later_ms)

    told = [one.body.delivery_notification.message_id for one in await tell(queue)]
    assert sorted(told) == ["out-1", "out-1", "out-2"]
