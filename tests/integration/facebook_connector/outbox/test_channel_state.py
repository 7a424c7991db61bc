"""What Facebook's answers do to the channel: visible, told in the log, and over by itself where that can be."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.inbound_event_pb2 import INGEST_SOURCE_LIVE
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_PAGE_EVENT
from facebook_connector.delivery.values import EventRecord, OwnerRecord, RefsRecord
from facebook_connector.store.database import Transaction
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.schema import message, ordering_key
from messenger_sandbox.usage import Usage
from tests.support.outbox_world import OutboxWorld, text_message
from tests.support.sandbox_world import PAGE_ID, PSID

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TWO_MINUTES_MS = 120_000
HALF_AN_HOUR_MS = 30 * 60_000
INBOX = "263902037430900"


async def told(world: OutboxWorld) -> list[tuple[str, str]]:
    """State and reason of each event on the page's own key."""

    def work(transaction: Transaction) -> list[tuple[str, str]]:
        own = select(ordering_key.c.key_id).where(ordering_key.c.page_id == PAGE_ID, ordering_key.c.psid == "")
        rows = transaction.execute(
            select(message.c.message, message.c.kind).where(message.c.key_id.in_(own)).order_by(message.c.seq)
        ).all()
        assert {row.kind for row in rows} <= {EVENT_KIND_PAGE_EVENT}
        nodes = [json.loads(CimMessage.FromString(row.message).body.custom.json_node.text) for row in rows]
        assert {node["kind"] for node in nodes} <= {"channel_state"}
        return [(node["state"], node["reason"]) for node in nodes]

    return await world.database.read(work)


async def test_a_throttle_is_shown_and_told_until_facebook_takes_a_message(world: OutboxWorld) -> None:
    world.facebook.script_fault("app_limit")
    await world.send(text_message("Hello"), wait_ms=0)
    await world.until_channel(lambda channel: channel.throttled)
    world.clock.shift_ms += TWO_MINUTES_MS
    await world.until_state("SENT")
    await world.until_channel(lambda channel: not channel.throttled)
    assert await told(world) == [("THROTTLED", ""), ("ACTIVE", "")]


async def test_a_restricted_page_is_tried_again_by_itself(world: OutboxWorld) -> None:
    world.facebook.script_fault("page_restricted")
    await world.send(text_message("Hello"), wait_ms=0)
    await world.until_channel(lambda channel: channel.stop_reason == "PAGE_RESTRICTED")
    world.clock.shift_ms += HALF_AN_HOUR_MS
    await world.until_state("SENT")
    assert await told(world) == [("STOPPED", "PAGE_RESTRICTED"), ("ACTIVE", "")]


async def test_near_its_limits_a_page_answers_for_people_only(world: OutboxWorld) -> None:
    world.facebook.state.world.change_page(PAGE_ID, usage=Usage(percent=96))
    await world.send(text_message("first"))
    await world.send(text_message("of a bot", "out-2", sender="BOT"), wait_ms=200)
    assert (await world.get("out-2")).status.open
    world.facebook.state.world.change_page(PAGE_ID, usage=Usage(percent=10))
    world.clock.shift_ms += TWO_MINUTES_MS
    await world.until_state("SENT", "out-2")


async def test_a_refusal_for_the_thread_names_its_owner(world: OutboxWorld) -> None:
    passed = EventRecord(
        page_id=PAGE_ID,
        psid=PSID,
        kind=EVENT_KIND_PAGE_EVENT,
        dedupe_key="pass/1",
        mid="",
        event_time_ms=world.clock.now_ms(),
        opens_window=False,
        refs=RefsRecord(owner=OwnerRecord(app_id=INBOX)),
        raw=b"{}",
        source=INGEST_SOURCE_LIVE,
        translator_version=1,
    )
    await EventStore(world.database).ingest([passed], world.clock.now_ms())
    world.facebook.script_fault("thread_owned")
    sent = await world.send(text_message("Hello"))
    assert sent.status.failure is not None
    assert sent.status.failure.reason == "THREAD_OWNED_BY_OTHER_APP"
    assert sent.status.failure.metadata["owner_app_id"] == INBOX
