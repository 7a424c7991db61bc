"""What is kept goes when its time is over and not before; only a forgotten subscription loses what it has not read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.retention import DAY_MS, HOUR_MS, cutoffs
from facebook_connector.delivery.values import QuarantineRecord
from facebook_connector.operations.retention import Retention
from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.keeping.audit import AuditNote, note
from facebook_connector.store.keeping.audit_schema import audit_event
from facebook_connector.store.keeping.retention import AT_ONCE, drop_events
from facebook_connector.store.keeping.retention_schema import late_event
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.log.reference_schema import edit, receipt_mark, thread_owner
from facebook_connector.store.outbound.schema import outbound_history, outbound_message, outbound_part
from facebook_connector.store.reading.cursors import CursorStore
from facebook_connector.store.requests import OperatorRequest, once
from facebook_connector.store.schema import (
    dead_letter,
    dedupe,
    event,
    message,
    mid,
    ordering_key,
    quarantine,
    request,
    side_queue,
)
from facebook_connector.store.statistics import StatisticsStore
from tests.integration.facebook_connector.store.conftest import Log
from tests.integration.facebook_connector.store.keeping.conftest import OTHER, Time, Years
from tests.support.inbound_records import NOW_MS, PAGE, PSID, add_page, an_event
from tests.support.outbound_queue import OutboundQueue


async def test_what_was_read_stays_a_week_for_replay(years: Years) -> None:
    await years.says("m_1")
    await years.reads()
    await years.passes(7 * DAY_MS)
    assert await years.count(event) == 1
    await years.passes(3 * HOUR_MS)
    assert [await years.count(table) for table in (event, message, late_event)] == [0, 0, 0]
    assert [await years.count(table) for table in (dedupe, mid, ordering_key)] == [1, 1, 1]


async def test_what_ccm_has_not_read_stays_for_ever_without_its_raw_bytes(years: Years) -> None:
    await years.says("m_1", "m_2")
    await years.passes(7 * DAY_MS)
    assert all(await years.raw())
    await years.passes(60 * DAY_MS, step_ms=DAY_MS)
    assert await years.raw() == [b"", b""]
    assert await years.reads() == ["cim-m_1-0", "cim-m_2-0"]


async def test_what_is_unread_stays_also_if_nobody_has_noted_it_as_late(years: Years) -> None:
    await years.says("m_1", "m_2", psid="2")
    await years.says("m_3")
    (head, _) = await years.log.claim()
    await years.log.acknowledge([head])
    years.time.now += 9 * DAY_MS
    cut = cutoffs(years.time.now)
    progress = await years.database.write(lambda transaction: drop_events(transaction, cut, None))
    assert progress.removed == 1
    assert await years.count(event) == 2


async def test_what_was_read_late_stays_a_week_from_then(years: Years) -> None:
    await years.says("m_1")
    await years.passes(5 * DAY_MS)
    await years.reads()
    await years.passes(7 * DAY_MS)
    assert await years.count(event) == 1
    await years.passes(15 * HOUR_MS)
    assert [await years.count(table) for table in (event, late_event)] == [0, 0]


async def test_each_event_of_a_reader_who_comes_once_a_day_has_a_week_of_its_own(years: Years) -> None:
    for day in range(12):
        await years.says(f"m_{day}")
        await years.passes(DAY_MS)
        await years.reads()
    assert 7 <= await years.count(event) <= 8


async def test_what_was_late_is_known_after_a_restart(years: Years) -> None:
    await years.says("m_1")
    await years.passes(5 * DAY_MS)
    years.retention = Retention(years.database, years.time)
    await years.reads()
    await years.passes(7 * DAY_MS)
    assert await years.count(event) == 1


async def test_kinds_that_nobody_takes_stay_a_week(years: Years) -> None:
    await years.says("m_1", kind=inbound_pb2.EVENT_KIND_CUSTOMER_EVENT)
    await years.passes(7 * DAY_MS)
    assert await years.count(event) == 1
    await years.passes(3 * HOUR_MS)
    assert await years.count(event) == 0


async def test_a_forgotten_subscription_loses_what_is_a_week_old_and_it_is_counted(years: Years) -> None:
    await years.add_subscription()
    await years.says("m_1", "m_2")
    await years.says("m_3", psid="2")
    await years.reads()
    await years.passes(6 * DAY_MS)
    await years.says("m_4")
    await years.reads()
    await years.passes(DAY_MS + 3 * HOUR_MS)

    archive, ccm = await StatisticsStore(years.database).subscriptions(years.time.now)
    assert (archive.expired_messages, archive.backlog_messages, ccm.expired_messages) == (3, 1, 0)
    assert await years.reads(OTHER) == ["cim-m_4-0"]
    await years.passes(7 * DAY_MS + HOUR_MS)
    assert await years.count(event) == 1


async def test_a_forgotten_subscription_cannot_fill_the_disk(years: Years) -> None:
    await years.add_subscription()
    for day in range(30):
        await years.says(f"m_{day}")
        await years.reads()
        await years.passes(DAY_MS)
    # A week until they are given up, and a week from then.
    assert await years.count(event) <= 15


async def test_a_replay_that_nobody_reads_is_lost_after_a_week_as_well(years: Years) -> None:
    await years.add_subscription()
    await years.says("m_1", "m_2", "m_3")
    await years.reads()
    await years.reads(OTHER)
    await years.replays(OTHER)
    await years.passes(6 * DAY_MS)
    assert await years.count(side_queue) == 3
    await years.passes(DAY_MS + 3 * HOUR_MS)

    assert await years.count(side_queue) == 0
    (archive, _) = await StatisticsStore(years.database).subscriptions(years.time.now)
    assert (archive.expired_messages, archive.backlog_messages) == (3, 0)
    await years.says("m_4")
    assert await years.reads(OTHER) == ["cim-m_4-0"]


async def test_of_a_replay_only_what_is_a_week_old_is_lost(years: Years) -> None:
    await years.add_subscription()
    await years.says("m_1", "m_2")
    await years.reads()
    await years.reads(OTHER)
    await years.replays(OTHER)
    await years.passes(4 * DAY_MS)
    await years.replays(OTHER)
    await years.passes(3 * DAY_MS + 3 * HOUR_MS)
    assert await years.reads(OTHER) == ["cim-m_1-0", "cim-m_2-0"]


async def test_a_subscription_that_is_read_loses_nothing(years: Years) -> None:
    await years.add_subscription()
    await years.says("m_1")
    await years.reads()
    assert await years.reads(OTHER) == ["cim-m_1-0"]
    await years.passes(8 * DAY_MS)
    (archive, _) = await StatisticsStore(years.database).subscriptions(years.time.now)
    assert archive.expired_messages == 0
    assert await years.count(event) == 0


async def test_a_client_that_holds_an_old_message_may_finish_it(years: Years) -> None:
    await years.add_subscription()
    await years.says("m_1")
    await years.passes(7 * DAY_MS - 1)
    (head,) = await years.log.claim(subscription_id=OTHER, now_ms=years.time.now)
    years.time.now += 10
    await years.retention.sweep()
    assert await years.acknowledged(head) == inbound_pb2.ACK_OUTCOME_OK


async def test_a_dead_claim_holds_nothing_back(years: Years) -> None:
    await years.add_subscription()
    await years.says("m_1")
    (head,) = await years.log.claim(subscription_id=OTHER, now_ms=years.time.now)
    await years.passes(7 * DAY_MS + HOUR_MS)
    assert await years.acknowledged(head) == inbound_pb2.ACK_OUTCOME_STALE


@pytest.mark.parametrize("table", [dead_letter, side_queue])
async def test_what_was_given_up_or_is_to_come_again_stays(years: Years, table: Table) -> None:
    await years.says("m_1")
    await years.reads()
    place: dict[str, Any] = {"subscription_id": years.log.subscription_id, "key_id": 1, "seq": 1}
    more: dict[str, Any] = (
        {"attempts": 1, "failures": 1, "last_detail": "", "last_client_id": "", "dead_letter_time_ms": NOW_MS}
        if table is dead_letter
        else {"place": 1, "origin": 2, "create_time_ms": NOW_MS}
    )
    await years.database.write(lambda transaction: transaction.execute(insert(table).values(**place, **more)))
    await years.passes(9 * DAY_MS)
    assert [await years.count(each) for each in (event, message, table)] == [1, 1, 1]
    assert await years.raw() == [b""]
    await years.database.write(lambda transaction: transaction.execute(table.delete()))
    await years.passes(HOUR_MS)
    assert await years.count(event) == 0


async def test_a_receipt_that_is_no_longer_kept_covers_nothing_more(years: Years) -> None:
    await years.says("m_1")
    await years.reads()
    mark = {"key_id": 1, "status": "READ", "watermark_ms": NOW_MS, "event_number": 1, "store_time_ms": NOW_MS}
    await years.database.write(lambda transaction: transaction.execute(insert(receipt_mark).values(**mark)))
    await years.passes(8 * DAY_MS)
    assert [await years.count(table) for table in (event, receipt_mark)] == [0, 0]


async def test_the_quarantine_is_kept_a_month(years: Years) -> None:
    await years.log.ingest(QuarantineRecord(reason="NOT_JSON", detail="", page_id="", raw=b"{"))
    await years.passes(30 * DAY_MS, step_ms=DAY_MS)
    assert await years.count(quarantine) == 1
    await years.passes(HOUR_MS)
    assert await years.count(quarantine) == 0


async def test_messages_to_customers_are_kept_a_month_after_their_final_state(years: Years) -> None:
    queue = OutboundQueue(years.database)
    await queue.accept("waits", expire_time_ms=NOW_MS + 1000 * DAY_MS)
    await queue.accept("out-1", psid="2")
    await queue.own()
    await queue.send("out-1")
    await years.passes(30 * DAY_MS, step_ms=DAY_MS)
    assert await years.count(outbound_message) == 2
    await years.passes(DAY_MS)
    assert [await years.count(table) for table in (outbound_message, outbound_part)] == [1, 1]
    assert await years.count(outbound_history) == 1
    assert await years.count(mid) == 1


async def test_answers_of_named_calls_are_kept_a_day(years: Years) -> None:
    asked = OperatorRequest(method="operator", request_id="r-1", fingerprint=b"f", now_ms=NOW_MS)
    await years.database.write(lambda transaction: once(transaction, asked, lambda _: b"answer"))
    await years.passes(DAY_MS - 1)
    assert await years.count(request) == 1
    await years.passes(HOUR_MS + 1)
    assert await years.count(request) == 0


async def test_names_clocks_and_audit_are_kept_four_hundred_days(years: Years) -> None:
    def fill(transaction: Transaction) -> None:
        note(transaction, AuditNote(event_time_ms=NOW_MS, actor="anna", action="EraseCustomer"))
        transaction.execute(insert(edit).values(page_id=PAGE, mid="m_1", edit_number=1, update_time_ms=NOW_MS))
        transaction.execute(insert(thread_owner).values(page_id=PAGE, psid=PSID, app_id="5", observe_time_ms=NOW_MS))

    await years.says("m_1")
    await years.reads()
    await years.database.write(fill)
    kept = (dedupe, mid, edit, thread_owner, audit_event)
    await years.passes(400 * DAY_MS, step_ms=50 * DAY_MS)
    assert [await years.count(table) for table in kept] == [1] * 5
    assert await clocks(years) == [NOW_MS]
    await years.passes(2 * HOUR_MS)
    assert [await years.count(table) for table in kept] == [0] * 5
    assert await clocks(years) == [None]


async def clocks(years: Years) -> list[int | None]:
    statement = select(ordering_key.c.last_customer_action_ms)
    return list(await years.database.read(lambda transaction: transaction.execute(statement).scalars().all()))


async def test_more_than_a_batch_goes_in_several(years: Years) -> None:
    count = AT_ONCE + 20
    for first in range(0, count, 100):
        names = [f"m_{number}" for number in range(first, min(first + 100, count))]
        await years.log.ingest(
            *(an_event(name, psid=name, kind=inbound_pb2.EVENT_KIND_CUSTOMER_EVENT) for name in names)
        )
    assert await years.count(event) == count
    years.time.now += 401 * DAY_MS
    await years.retention.sweep()
    assert [await years.count(table) for table in (event, dedupe, mid)] == [0, 0, 0]


async def test_servers_that_clean_at_once_and_clients_that_read_do_not_disturb_one_another(postgresql_url: str) -> None:
    async with open_database(postgresql_url) as one, open_database(postgresql_url) as other:
        years = await _of(one)
        await years.add_subscription()
        for number in range(30):
            await years.says(*(f"m_{number}_{copy}" for copy in range(5)), psid=str(number % 10))
        await years.reads()
        years.time.now += 8 * DAY_MS
        second = Retention(other, years.time)
        await asyncio.gather(years.retention.sweep(), second.sweep(), years.says("m_new"), years.reads(OTHER))
        await years.reads(OTHER)
        assert await years.reads() == ["cim-m_new-0"]
        for later_ms in (HOUR_MS, 8 * DAY_MS):
            years.time.now += later_ms
            await asyncio.gather(years.retention.sweep(), second.sweep())
        assert await years.count(event) == 0


async def _of(database: Database) -> Years:
    await add_page(database)
    time = Time()
    log = Log(database=database, events=EventStore(database), cursors=CursorStore(database), subscription_id=1)
    return Years(log=log, time=time, retention=Retention(database, time))
