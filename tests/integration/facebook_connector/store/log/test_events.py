from __future__ import annotations

import traceback
import uuid

import pytest
from sqlalchemy import select, text

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2, ingest_service_pb2
from facebook_connector.delivery.values import IngestOutcome, QuarantineRecord
from facebook_connector.store.errors import DriverError, RowRefused
from facebook_connector.store.schema import event, ordering_key, quarantine
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, PAGE, PSID, add_page, an_echo, an_event

STORED = IngestOutcome(outcome=ingest_service_pb2.INGEST_OUTCOME_STORED)
DUPLICATE = IngestOutcome(outcome=ingest_service_pb2.INGEST_OUTCOME_DUPLICATE)


def quarantined(reason: str) -> IngestOutcome:
    return IngestOutcome(outcome=ingest_service_pb2.INGEST_OUTCOME_QUARANTINED, quarantine_reason=reason)


async def test_a_stored_event_is_delivered_with_all_it_holds(log: Log) -> None:
    report = await log.ingest(an_event("m_1"))
    assert report.outcomes == (STORED,)
    assert report.ready_subscriptions == {log.subscription_id}
    (head,) = await log.claim()
    assert (head.page_id, head.ordering_key, head.tenant_id) == (PAGE, f"{PAGE}/{PSID}", "expertflow")
    assert (head.cim_id, head.message) == ("cim-m_1-0", b"text of m_1.0")
    # What is known of the conversation, here its window, is appended.
    assert head.context.startswith(b"context")
    assert (head.kind, head.origin) == (inbound_pb2.EVENT_KIND_MESSAGE, inbound_pb2.DELIVERY_ORIGIN_LIVE)
    assert (head.store_time_ms, head.late) == (NOW_MS, False)
    assert (head.token.seq, head.token.attempt, head.token.epoch) == (1, 1, 1)


async def test_the_raw_bytes_stay_with_the_event(log: Log) -> None:
    await log.ingest(an_event("m_1", raw=b"\x00\xff not json", entry_list="standby"))
    row = await log.database.read(lambda transaction: transaction.execute(select(event)).one())
    assert (row.raw, row.entry_list) == (b"\x00\xff not json", "standby")
    assert (row.translator_version, row.tenant_id) == (1, "expertflow")


async def test_an_event_of_the_page_itself_has_its_own_key(log: Log) -> None:
    await log.ingest(an_event("m_1", psid=""))
    (head,) = await log.claim()
    assert head.ordering_key == f"{PAGE}/-"


async def test_the_same_event_twice_in_one_batch_is_stored_once(log: Log) -> None:
    report = await log.ingest(an_event("m_1"), an_event("m_1"), an_event("m_2"))
    assert report.outcomes == (STORED, DUPLICATE, STORED)
    assert [head.cim_id for head in await log.drain()] == ["cim-m_1-0", "cim-m_2-0"]


async def test_an_event_stored_before_is_a_duplicate_and_wakes_nobody(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    report = await log.ingest(an_event("m_1"))
    assert report.outcomes == (DUPLICATE,)
    assert report.ready_subscriptions == frozenset()


async def test_the_same_key_on_another_page_is_another_event(log: Log) -> None:
    await add_page(log.database, "999")
    report = await log.ingest(an_event("m_1"), an_event("m_1", page_id="999"))
    assert report.outcomes == (STORED, STORED)


async def test_duplicates_take_no_numbers(log: Log) -> None:
    await log.ingest(an_event("m_1", parts=2))
    await log.ingest(an_event("m_1", parts=2), an_event("m_2"), an_event("m_2"))
    await log.ingest(an_event("m_1", parts=2), an_event("m_3"))
    assert [head.token.seq for head in await log.drain()] == [1, 2, 3, 4]


async def test_parts_and_events_are_numbered_in_their_order_per_conversation(log: Log) -> None:
    await log.ingest(
        an_event("a1", psid="A", parts=2), an_event("b1", psid="B"), an_event("a2", psid="A"), an_event("b2", psid="B")
    )
    delivered = [(head.ordering_key[-1], head.token.seq, head.cim_id) for head in await log.drain()]
    assert [step for step in delivered if step[0] == "A"] == [
        ("A", 1, "cim-a1-0"),
        ("A", 2, "cim-a1-1"),
        ("A", 3, "cim-a2-0"),
    ]
    assert [step for step in delivered if step[0] == "B"] == [("B", 1, "cim-b1-0"), ("B", 2, "cim-b2-0")]


async def test_an_event_older_than_one_already_stored_is_late_and_not_reordered(log: Log) -> None:
    await log.ingest(an_event("m_1", event_time_ms=NOW_MS - 10))
    await log.ingest(an_event("m_2", event_time_ms=NOW_MS - 20), an_event("m_3", event_time_ms=NOW_MS - 15))
    await log.ingest(an_event("m_4", event_time_ms=NOW_MS - 10), an_event("m_5", event_time_ms=NOW_MS - 11))
    await log.ingest(an_event("m_6", event_time_ms=NOW_MS - 10))
    assert [(head.cim_id, head.late) for head in await log.drain()] == [
        ("cim-m_1-0", False),
        ("cim-m_2-0", True),
        ("cim-m_3-0", True),
        ("cim-m_4-0", False),
        ("cim-m_5-0", True),
        ("cim-m_6-0", False),
    ]


async def test_lateness_concerns_one_conversation_only(log: Log) -> None:
    await log.ingest(an_event("a", psid="A", event_time_ms=NOW_MS), an_event("b", psid="B", event_time_ms=NOW_MS - 9))
    assert not any(head.late for head in await log.drain())


async def test_an_event_from_the_future_makes_nothing_late(log: Log) -> None:
    await log.ingest(an_event("m_1", event_time_ms=NOW_MS + 60_000))
    await log.ingest(an_event("m_2", event_time_ms=NOW_MS + 1), now_ms=NOW_MS + 1)
    assert not any(head.late for head in await log.drain())


async def test_an_event_without_a_time_gets_that_of_its_receipt(log: Log) -> None:
    await log.ingest(an_event("m_1", event_time_ms=None))
    times = await log.database.read(
        lambda transaction: transaction.execute(select(event.c.event_time_ms)).scalars().all()
    )
    assert times == [NOW_MS]


async def test_a_backfilled_event_says_so_and_leaves_the_window_alone(log: Log) -> None:
    await log.ingest(an_event("m_1", source=inbound_event_pb2.INGEST_SOURCE_BACKFILL))
    (head,) = await log.claim()
    assert head.origin == inbound_pb2.DELIVERY_ORIGIN_BACKFILL
    assert await window_clock(log) is None


async def window_clock(log: Log) -> int | None:
    statement = select(ordering_key.c.last_customer_action_ms)
    return await log.database.read(lambda transaction: transaction.execute(statement).scalar_one())


async def test_the_window_clock_moves_forward_only_and_never_beyond_now(log: Log) -> None:
    await log.ingest(an_event("m_1", event_time_ms=NOW_MS - 50))
    assert await window_clock(log) == NOW_MS - 50
    await log.ingest(an_event("m_2", event_time_ms=NOW_MS - 90))
    assert await window_clock(log) == NOW_MS - 50
    await log.ingest(an_event("m_3", event_time_ms=NOW_MS, opens_window=False))
    assert await window_clock(log) == NOW_MS - 50
    await log.ingest(an_event("m_4", event_time_ms=NOW_MS + 99_000))
    assert await window_clock(log) == NOW_MS


async def test_a_kind_that_the_subscription_does_not_take_is_kept_and_skipped(log: Log) -> None:
    page_event = inbound_pb2.EVENT_KIND_PAGE_EVENT
    assert not (await log.ingest(an_event("m_1", kind=page_event))).ready_subscriptions
    await log.ingest(an_event("m_2"), an_event("m_3", kind=page_event), an_event("m_4"))
    assert [(head.cim_id, head.token.seq) for head in await log.drain()] == [("cim-m_2-0", 2), ("cim-m_4-0", 4)]


async def test_an_event_of_an_unknown_page_is_quarantined_with_its_bytes(log: Log) -> None:
    homeless = an_event("m_1", page_id="999", translator_version=3, entry_list="standby")
    report = await log.ingest(homeless, an_event("m_2"))
    assert report.outcomes == (quarantined("UNKNOWN_PAGE"), STORED)
    row = await log.database.read(lambda transaction: transaction.execute(select(quarantine)).one())
    assert (row.reason, row.page_id, row.raw) == ("UNKNOWN_PAGE", "999", b'{"mid":"m_1"}')
    assert (row.translator_version, row.entry_list) == (3, "standby")


async def test_what_was_quarantined_for_its_page_is_no_duplicate_later(log: Log) -> None:
    await log.ingest(an_event("m_1", page_id="999"))
    await add_page(log.database, "999")
    assert (await log.ingest(an_event("m_1", page_id="999"))).outcomes == (STORED,)


async def test_the_quarantine_keeps_equal_content_once_and_counts_it(log: Log) -> None:
    broken = QuarantineRecord(reason="NOT_JSON", detail="The body is no JSON.", page_id="", raw=b"\xff\x00{")
    report = await log.ingest(broken, broken)
    await log.ingest(
        broken, QuarantineRecord(reason="NOT_AN_EVENT", detail="", page_id="", raw=broken.raw), now_ms=NOW_MS + 5
    )
    assert report.outcomes == (quarantined("NOT_JSON"), quarantined("NOT_JSON"))
    columns = select(
        quarantine.c.reason, quarantine.c.times_seen, quarantine.c.receive_time_ms, quarantine.c.last_seen_ms
    )
    rows = await log.database.read(lambda transaction: transaction.execute(columns.order_by("quarantine_id")).all())
    assert [tuple(row) for row in rows] == [
        ("NOT_JSON", 3, NOW_MS, NOW_MS + 5),
        ("NOT_AN_EVENT", 1, NOW_MS + 5, NOW_MS + 5),
    ]


async def test_the_quarantine_takes_any_text(log: Log) -> None:
    nasty = QuarantineRecord(reason="NOT_AN_EVENT", detail="\x00 \\ \" ' 👩‍👩‍👧", page_id="1\x00", raw=b"\x00")
    assert (await log.ingest(nasty, nasty)).outcomes == (quarantined("NOT_AN_EVENT"),) * 2
    row = await log.database.read(lambda transaction: transaction.execute(select(quarantine)).one())
    assert (row.detail, row.page_id, row.times_seen) == ("\ufffd \\ \" ' 👩‍👩‍👧", "1\ufffd", 2)


async def test_one_refused_value_leaves_nothing_of_the_batch(log: Log) -> None:
    with pytest.raises(RowRefused):
        await log.ingest(an_event("m_1"), an_event("m_2", kind=0))
    assert await log.claim() == []
    assert (await log.ingest(an_event("m_1"))).outcomes == (STORED,)


async def test_a_refused_value_does_not_show_in_the_error(log: Log) -> None:
    canary = uuid.uuid4().hex
    with pytest.raises(RowRefused) as refusal:
        await log.ingest(an_event(canary, kind=0, raw=canary.encode()))
    shown = "".join(traceback.format_exception(refusal.value))
    assert "event_kind_check" in shown or "IntegrityError" in shown
    assert canary not in shown
    assert canary.encode().hex() not in shown
    assert isinstance(refusal.value.__cause__, DriverError)
    assert refusal.value.__context__ is None


async def test_a_foreign_echo_is_a_kind_of_its_own(log: Log) -> None:
    await log.ingest(an_echo("m_1", metadata="fbc:another-installation:cim-1:0"), an_echo("m_2"))
    kinds = await log.database.read(lambda transaction: transaction.execute(select(event.c.kind)).scalars().all())
    assert set(kinds) == {inbound_pb2.EVENT_KIND_FOREIGN_ECHO}
    assert await log.claim() == []


async def test_the_echo_of_an_own_send_is_kept_without_messages(log: Log) -> None:
    installation = await log.database.read(
        lambda transaction: transaction.execute(text("SELECT installation_id FROM installation")).scalar_one()
    )
    report = await log.ingest(an_echo("m_1", metadata=f"fbc:{installation}:cim-1:0"), an_event("m_2"))
    assert report.outcomes == (STORED, STORED)
    assert [(head.cim_id, head.token.seq) for head in await log.drain()] == [("cim-m_2-0", 1)]


async def test_a_large_batch_is_stored_in_order(log: Log) -> None:
    batch = [an_event(f"m_{number}", psid=f"P{number % 7}") for number in range(500)]
    report = await log.ingest(*batch)
    assert report.outcomes == (STORED,) * 500
    delivered = await log.drain()
    for psid in range(7):
        of_psid = [head.cim_id for head in delivered if head.ordering_key.endswith(f"/P{psid}")]
        assert of_psid == [f"cim-m_{number}-0" for number in range(psid, 500, 7)]
