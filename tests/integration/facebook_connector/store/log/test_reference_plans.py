"""References, receipts and media cost the same with a long past as with none: no growing table is ever read whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from facebook_connector.delivery.values import OwnerRecord, RefsRecord
from facebook_connector.store.database import Transaction
from facebook_connector.store.installation import InstallationStore
from facebook_connector.store.log.references import WAIT_MS
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaResult
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, PAGE, an_echo
from tests.support.media_records import a_medium_event
from tests.support.outbound_queue import OutboundQueue
from tests.support.references import (
    a_delivery,
    a_quote,
    a_reaction,
    a_read,
    a_said,
    a_tap,
    an_app_echo,
    an_edit,
    an_unsend,
)
from tests.support.statements import Ran, recorded, tables_read_whole

CUSTOMERS = 3_000

GROWING = {
    "dedupe",
    "edit",
    "event",
    "media",
    "message",
    "mid",
    "ordering_key",
    "outbound_history",
    "outbound_message",
    "outbound_part",
    "parked_receipt",
    "receipt_mark",
    "thread_owner",
    "an index",
}
"""What grows with the traffic. What waits for another message is little: what came within half a minute."""

SMALL = frozenset({"media_next_try", "outbound_part_sending", "parked_receipt_until"})
"""Indexes that hold what is under way only, or of which only the beginning is read."""

PAST = """
INSERT INTO ordering_key (key_id, page_id, psid, last_seq, last_event_number, last_lane_position, create_time_ms)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :customers)
SELECT 1000 + i, :page, CAST(i AS TEXT), 1, 1, 1, 0 FROM n;

INSERT INTO event (key_id, event_number, tenant_id, dedupe_key, kind, mid, event_time_ms, store_time_ms,
                   opens_window, late, origin, translator_version, raw)
SELECT key_id, 1, 't', 'k' || psid, 1, 'm_' || psid, 0, 0, false, false, 1, 1, :blob FROM ordering_key;

INSERT INTO message (key_id, seq, event_number, kind, cim_id, message, context)
SELECT key_id, 1, 1, 1, 'in-' || key_id, raw, raw FROM event;

INSERT INTO dedupe SELECT page_id, 'k' || psid, 0 FROM ordering_key;

INSERT INTO mid SELECT page_id, 'm_' || psid, 0, 'in-' || key_id, 'IN', 0 FROM ordering_key;

INSERT INTO outbound_message (page_id, cim_id, key_id, lane_position, content_hash, origin, state, accept_time_ms,
    expire_time_ms, update_time_ms, close_time_ms, quote_mid, quote_cim_id, warnings, message)
SELECT page_id, 'out-' || key_id, key_id, 1, 'h', 'BOT', 'SENT', 0, 0, 0, 0, '', '', '[]', :blob FROM ordering_key;

INSERT INTO outbound_part (page_id, cim_id, part_index, kind, state, attempts, calls, retry_at_ms, mid,
    update_time_ms, sent_time_ms, payload)
SELECT page_id, cim_id, 0, 'TEXT', state, 0, 1, 0, 'o_' || cim_id, 0, 0, message FROM outbound_message;

INSERT INTO outbound_history (page_id, cim_id, part_index, time_ms, state, detail)
SELECT page_id, cim_id, NULL, 0, 'SENT', '' FROM outbound_message;

INSERT INTO mid SELECT page_id, 'o_' || cim_id, 0, cim_id, 'OUT', 0 FROM outbound_message;

INSERT INTO receipt_mark SELECT key_id, 'DELIVERED', 0, 1, 0 FROM ordering_key;

INSERT INTO parked_receipt SELECT key_id, 'x_' || key_id, page_id, 1, 9000000000000 FROM ordering_key;

INSERT INTO edit SELECT page_id, 'm_' || psid, 1, 0 FROM ordering_key;

INSERT INTO thread_owner SELECT page_id, psid, '777', 0 FROM ordering_key;

INSERT INTO media (media_id, page_id, cim_id, key_id, seq, kind, source_url, name, state, reason, mime_type, size,
    sha256, attempts, create_time_ms, settle_time_ms, expire_time_ms)
SELECT 'medium-' || key_id, page_id, 'in-' || key_id, key_id, 1, 'image', '', '', 'STORED', '', 'image/png', 7,
    'ab', 0, 0, 0, 9000000000000 FROM ordering_key
"""
VALUES = {"customers": CUSTOMERS, "page": PAGE, "blob": b"x" * 300}


@pytest.fixture
async def past(log: Log) -> Log:
    """A log that has seen much: each customer wrote, was answered, and was told what a customer can be told."""

    def fill(transaction: Transaction) -> None:
        for statement in PAST.split(";"):
            given = {name: value for name, value in VALUES.items() if f":{name}" in statement}
            transaction.execute(text(statement), given)
        # SQLite is never told about sizes: nobody runs ANALYZE there, while PostgreSQL does so by itself.
        if transaction.dialect.name == "postgresql":
            transaction.execute(text("ANALYZE"))

    await log.database.write(fill)
    return log


async def references(log: Log) -> None:
    """To what is known, and to what was never heard of."""
    await log.ingest(a_quote("q1", "m_1"), a_quote("q2", "m_unknown"), a_tap("t1", "YES"), a_tap("t2", "NO", on="m_2"))
    await log.ingest(an_edit("m_3", 2), a_reaction("m_4"), an_unsend("m_5"), an_unsend("o_out-1006"))
    await log.ingest(an_edit("m_later", 1), a_reaction("m_never"))
    await log.ingest(a_said("m_later"))
    assert await log.events.settle_due(NOW_MS + WAIT_MS)


async def echoes(log: Log) -> None:
    queue = OutboundQueue(log.database)
    await queue.accept("a")
    await queue.own()
    assert await queue.begin("a")
    installation = await InstallationStore(log.database).installation_id()
    await log.ingest(an_echo("m_a", f"fbc:{installation}:a:0"), an_echo("o_out-1001"), an_app_echo("m_of_another"))
    await log.events.settle_due(NOW_MS + WAIT_MS)


async def receipts(log: Log) -> None:
    psids = [str(number) for number in range(1, 60)]
    for number, psid in enumerate(psids):
        await log.ingest(a_delivery(f"o_out-{1001 + number}", name=f"d{psid}", psid=psid))
    await log.ingest(a_delivery(until_ms=NOW_MS, name="w", psid="61"), a_read(NOW_MS, name="r", psid="62"))
    await log.ingest(a_delivery("m_unknown", name="u", psid="63"))
    assert len(await log.drain()) == len(psids) + 2
    await log.events.settle_due(NOW_MS + 1)


async def owners(log: Log) -> None:
    await log.ingest(a_said("m_o1", psid="7", refs=RefsRecord(owner=OwnerRecord(app_id="555"))))
    await log.ingest(a_said("m_o2", psid="8", refs=RefsRecord(owner=OwnerRecord(app_id=None))))


async def media(log: Log) -> None:
    kept = MediaLog(log.database)
    await log.ingest(a_medium_event("n1", "https://cdn.fbsbx.com/1"), a_medium_event("n2", "https://cdn.fbsbx.com/2"))
    await kept.next_due_ms()
    first, second = await kept.claim("server-1", now_ms=NOW_MS, until_ms=NOW_MS + 1, limit=2)
    stored = MediaResult(mime_type="image/png", name="1.png", size=7, sha256="ab" * 32)
    await kept.settle(first, stored, lambda *pair: pair, now_ms=NOW_MS, expire_time_ms=NOW_MS + 1)
    await kept.postpone(second, retry_ms=NOW_MS, counted=1)
    await kept.forget(PAGE, ["in-1009"], now_ms=NOW_MS)
    gone = await kept.bytes_to_go(now_ms=NOW_MS + 2, limit=10)
    await kept.bytes_gone(gone, now_ms=NOW_MS + 2)
    assert set(gone) == {first.media_id, "medium-1009"}


@pytest.mark.parametrize("call", [references, echoes, receipts, owners, media])
async def test_no_growing_table_is_read_whole(past: Log, call: Callable[[Log], Awaitable[None]]) -> None:
    with recorded(past.database) as ran:
        await call(past)

    assert ran
    for statement in {one.text: one for one in ran}.values():
        assert not GROWING & await tables_read_whole(past.database, statement, small=SMALL), statement.text


async def test_a_walk_through_what_grows_would_be_noticed(past: Log) -> None:
    walk = Ran("DELETE FROM parked_receipt WHERE event_number = 7", ())

    assert await tables_read_whole(past.database, walk, small=SMALL) == {"parked_receipt"}
