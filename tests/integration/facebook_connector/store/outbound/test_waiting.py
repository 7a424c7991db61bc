from __future__ import annotations

import pytest

from facebook_connector.sending.failures import channel_gone
from facebook_connector.sending.values import PartState
from facebook_connector.store.database import Database
from facebook_connector.store.outbound.waiting import fail_waiting
from tests.support.inbound_records import PAGE
from tests.support.outbound_queue import OutboundQueue

OTHER_PAGE = "100200300400599"


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    return OutboundQueue(database)


async def fail(queue: OutboundQueue, page_id: str = PAGE) -> int:
    now_ms = queue.tick()
    return await queue.database.write(
        lambda transaction: fail_waiting(transaction, page_id, channel_gone(page_id), now_ms)
    )


async def test_what_waits_for_the_page_fails(queue: OutboundQueue) -> None:
    await queue.accept("out-1")
    await queue.accept("out-2", psid="7001002003004999")

    assert await fail(queue) == 2
    status = await queue.status("out-2")
    assert (status.state, status.open, status.update_time_ms) == ("FAILED", False, queue.now_ms)
    assert status.failure is not None
    assert (status.failure.reason, status.failure.metadata) == ("CHANNEL_NOT_FOUND", {"page_id": PAGE})
    assert await queue.head() is None


async def test_the_rest_of_a_message_fails(queue: OutboundQueue) -> None:
    await queue.accept(parts=2)
    await queue.own()
    await queue.send(index=0)

    assert await fail(queue) == 1
    assert [part.state for part in (await queue.status()).parts] == ["SENT", "QUEUED"]


async def test_what_is_on_its_way_is_left_to_its_lane(queue: OutboundQueue) -> None:
    await queue.accept()
    await queue.own()
    await queue.begin()

    assert await fail(queue) == 0
    assert (await queue.settle(PartState.SENT)).state == "SENT"


async def test_what_may_have_arrived_is_left_to_its_lane(queue: OutboundQueue) -> None:
    await queue.in_doubt()

    assert await fail(queue) == 0
    assert (await queue.status()).open


async def test_other_pages_and_closed_messages_stay(queue: OutboundQueue) -> None:
    await queue.accept()
    assert await fail(queue, OTHER_PAGE) == 0
    assert await fail(queue) == 1
    assert await fail(queue) == 0
