"""What stands at the head of a lane, and which lanes are open."""

from __future__ import annotations

import pytest

from facebook_connector.sending.values import Lane, PartState, SendWarning
from facebook_connector.store.log.events import EventStore
from tests.support.inbound_records import NOW_MS, PAGE, PSID, add_page, an_event
from tests.support.outbound_queue import TTL_MS, OutboundQueue

QUOTE_DROPPED = SendWarning(code="QUOTE_DROPPED", detail="Sent without the quotation.", part_index=0)
TEXT_SPLIT = SendWarning(code="TEXT_SPLIT", detail="The text went out in parts.")
QUEUED, SENDING, SENT = PartState.QUEUED, PartState.SENDING, PartState.SENT
UNCERTAIN, FAILED = PartState.UNCERTAIN, PartState.FAILED


# The head of a lane


async def test_the_head_holds_all_that_decides_about_it(queue: OutboundQueue) -> None:
    head = await queue.head()
    assert head is not None
    assert (head.cim_id, head.origin, head.accept_time_ms, head.expire_time_ms) == (
        "out-1",
        "HUMAN",
        NOW_MS,
        NOW_MS + TTL_MS,
    )
    assert (head.retry_at_ms, head.uncertain_since_ms, head.quoted, head.quote_mid) == (0, None, False, "")
    assert [(part.index, part.state, part.payload, part.attempts) for part in head.parts] == [
        (0, "QUEUED", b'{"message":{"text":"out-1.0"}}', 0),
        (1, "QUEUED", b'{"message":{"text":"out-1.1"}}', 0),
    ]


async def test_the_oldest_open_message_is_the_head(queue: OutboundQueue) -> None:
    await queue.accept("out-2")
    await queue.send(index=0)
    head = await queue.head()
    assert head is not None
    assert [part.state for part in head.parts] == ["SENT", "QUEUED"]
    await queue.send(index=1)
    head = await queue.head()
    assert head is not None
    assert head.cim_id == "out-2"


async def test_an_empty_lane_has_no_head(queue: OutboundQueue) -> None:
    assert await queue.head("somebody else") is None


async def test_the_head_knows_the_window_clock(queue: OutboundQueue) -> None:
    await add_page(queue.database)
    await EventStore(queue.database).ingest([an_event(event_time_ms=NOW_MS - 7)], NOW_MS)
    head = await queue.head()
    assert head is not None
    assert head.last_customer_action_ms == NOW_MS - 7


@pytest.mark.parametrize(
    ("quote_mid", "quote_cim_id", "found"),
    [
        ("m_given", "", "m_given"),
        ("m_given", "cim-m_1-0", "m_given"),
        ("", "cim-m_1-0", "m_1"),
        ("", "out-1", "m_out-1.0"),
        ("", "unknown", ""),
    ],
)
async def test_a_quoted_message_is_found_by_its_id(
    queue: OutboundQueue, quote_mid: str, quote_cim_id: str, found: str
) -> None:
    await add_page(queue.database)
    await EventStore(queue.database).ingest([an_event("m_1")], NOW_MS)
    await queue.send(index=0)
    await queue.send(index=1)
    await queue.accept("out-2", quote_mid=quote_mid, quote_cim_id=quote_cim_id)
    head = await queue.head()
    assert head is not None
    assert (head.quoted, head.quote_mid) == (True, found)


async def test_open_lanes_come_by_how_long_they_wait(queue: OutboundQueue) -> None:
    await queue.accept("late", psid="late", accept_time_ms=NOW_MS + 2)
    await queue.accept("early", psid="early", accept_time_ms=NOW_MS - 2)
    await queue.accept("ignored", psid="ignored", parts=0)
    await queue.accept("other page", page_id="999")
    lanes = await queue.store.open_lanes((PAGE,))
    assert lanes == tuple(Lane(page_id=PAGE, psid=psid) for psid in ("early", PSID, "late"))
    assert len(await queue.store.open_lanes((PAGE, "999"))) == 4
    assert await queue.store.open_lanes(()) == ()


async def test_a_lane_whose_last_message_is_sent_is_no_longer_open(queue: OutboundQueue) -> None:
    await queue.send(index=0)
    assert len(await queue.store.open_lanes((PAGE,))) == 1
    await queue.send(index=1)
    assert await queue.store.open_lanes((PAGE,)) == ()


async def test_uncertain_lanes_are_those_whose_head_is_uncertain(queue: OutboundQueue) -> None:
    await queue.accept("out-2", psid="another")
    await queue.begin()
    assert await queue.store.uncertain_lanes((PAGE,)) == ()
    await queue.settle(UNCERTAIN)
    assert await queue.store.uncertain_lanes((PAGE, "999")) == (Lane(page_id=PAGE, psid=PSID),)
    await queue.close()
    assert await queue.store.uncertain_lanes((PAGE,)) == ()
