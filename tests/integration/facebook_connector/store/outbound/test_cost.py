"""What the calls of the outbound queue cost: how many statements, and none that reads a growing table whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from facebook_connector.sending.values import Lane, MessageKey, PartBeginning, PartSettlement, PartState
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.outbound import lanes
from tests.support.inbound_records import NOW_MS, PAGE, PSID
from tests.support.outbound_queue import LEASE_MS, TTL_MS, OutboundQueue
from tests.support.statements import Ran, each_once, plan_of, recorded, tables_read_whole, walks

GROWING = {"outbound_message", "outbound_part", "outbound_history", "ordering_key", "mid", "an index"}

SMALL = frozenset({"outbound_message_uncertain", "outbound_part_sending"})
"""Indexes of what is rare: a call on its way, or one whose outcome is looked for."""

CLOSED = 5_000
"""Messages that were sent before, all of one conversation."""
WAITING = 2_000
"""Messages that wait, each in a conversation of its own, on a page that sends nothing."""


BACKLOG = """
INSERT INTO ordering_key (key_id, page_id, psid, last_seq, last_event_number, last_lane_position, create_time_ms)
VALUES (1000, :page, :psid, 0, 0, :closed, 0);

INSERT INTO ordering_key (key_id, page_id, psid, last_seq, last_event_number, last_lane_position, create_time_ms)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :waiting)
SELECT 1000 + i, '999', CAST(i AS TEXT), 0, 0, 1, 0 FROM n;

INSERT INTO outbound_message (page_id, cim_id, key_id, lane_position, content_hash, origin, state, accept_time_ms,
    expire_time_ms, update_time_ms, close_time_ms, quote_mid, quote_cim_id, warnings, message)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :closed)
SELECT page_id, 'old-' || i, key_id, i, 'h', 'BOT', 'SENT', i, i, i, i, '', '', '[]', :message
FROM n JOIN ordering_key ON key_id = 1000;

INSERT INTO outbound_message (page_id, cim_id, key_id, lane_position, content_hash, origin, state, accept_time_ms,
    expire_time_ms, update_time_ms, close_time_ms, quote_mid, quote_cim_id, warnings, message)
SELECT page_id, psid, key_id, 1, 'h', 'BOT', 'QUEUED', 0, 9000000000000, 0, NULL, '', '', '[]', :message
FROM ordering_key WHERE page_id = '999';

INSERT INTO outbound_part (page_id, cim_id, part_index, kind, state, attempts, calls, retry_at_ms, mid,
    update_time_ms, sent_time_ms, payload)
SELECT page_id, cim_id, 0, 'TEXT', state, 0, 1, 0, '', 0, close_time_ms, message FROM outbound_message;

INSERT INTO outbound_history (page_id, cim_id, part_index, time_ms, state, detail)
SELECT page_id, cim_id, NULL, 0, 'QUEUED', '' FROM outbound_message;

INSERT INTO mid SELECT page_id, 'm_' || cim_id, 0, cim_id, 'OUT', 0 FROM outbound_message
"""
VALUES = {"page": PAGE, "psid": PSID, "closed": CLOSED, "waiting": WAITING, "message": b"m"}

Call = Callable[[OutboundQueue], Awaitable[object]]


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    """A queue with a long past, a long backlog, and a page that is owned; `out-1` waits to be sent."""

    def fill(transaction: Transaction) -> None:
        for statement in BACKLOG.split(";"):
            given = {name: value for name, value in VALUES.items() if f":{name}" in statement}
            transaction.execute(text(statement), given)
        # SQLite is never told about sizes: nobody runs ANALYZE there, while PostgreSQL does so by itself.
        if transaction.dialect.name == "postgresql":
            transaction.execute(text("ANALYZE"))

    await database.write(fill)
    queue = OutboundQueue(database)
    await queue.accept()
    leases = await queue.store.acquire_pages("server-1", NOW_MS, NOW_MS + LEASE_MS)
    queue.lease = next(lease for lease in leases if lease.page_id == PAGE)
    return queue


async def accept(queue: OutboundQueue) -> None:
    await queue.accept("out-2", quote_cim_id="old-7")


async def accept_and_begin(queue: OutboundQueue) -> None:
    assert (await queue.accept_and_begin("out-2", psid="another")).begun is not None


async def repeat(queue: OutboundQueue) -> None:
    await queue.accept()


async def head(queue: OutboundQueue) -> None:
    found = await queue.head()
    assert found is not None
    assert found.cim_id == "out-1"


async def begin(queue: OutboundQueue) -> None:
    assert await queue.begin()


async def sent(queue: OutboundQueue) -> None:
    assert (await queue.settle(PartState.SENT)).state == "SENT"


async def retried(queue: OutboundQueue) -> None:
    await queue.begin()
    await queue.settle(PartState.QUEUED, attempts=1, retry_at_ms=NOW_MS + 5)


async def close(queue: OutboundQueue) -> None:
    assert not (await queue.close()).open


async def expire(queue: OutboundQueue) -> None:
    assert len(await queue.store.expire_due((queue.lease,), NOW_MS + TTL_MS, 100)) == 1


async def nothing_expires(queue: OutboundQueue) -> None:
    assert await queue.store.expire_due((queue.lease,), NOW_MS, 100) == ()


async def no_new_pages(queue: OutboundQueue) -> None:
    assert await queue.store.acquire_pages("server-1", NOW_MS, NOW_MS) == ()


async def take_over(queue: OutboundQueue) -> None:
    await queue.begin()
    assert len(await queue.store.acquire_pages("server-2", NOW_MS + LEASE_MS, NOW_MS + LEASE_MS)) == 2


async def open_lanes(queue: OutboundQueue) -> None:
    assert await queue.store.open_lanes((PAGE,)) == (Lane(page_id=PAGE, psid=PSID),)


async def uncertain_lanes(queue: OutboundQueue) -> None:
    assert await queue.store.uncertain_lanes(("999", PAGE)) == ()


async def get(queue: OutboundQueue) -> None:
    assert len(await queue.store.get("old-9")) == 1


async def statuses(queue: OutboundQueue) -> None:
    keys = tuple(MessageKey(page_id=PAGE, cim_id=f"old-{number}") for number in range(1, 50))
    assert len(await queue.store.statuses(keys)) == 49


@pytest.mark.parametrize(
    "call",
    [
        accept,
        repeat,
        head,
        begin,
        sent,
        retried,
        close,
        expire,
        nothing_expires,
        no_new_pages,
        take_over,
        uncertain_lanes,
        get,
        statuses,
    ],
)
async def test_no_growing_table_is_read_whole(queue: OutboundQueue, call: Call) -> None:
    with recorded(queue.database) as ran:
        await call(queue)
    assert ran
    for statement in ran:
        assert not GROWING & await tables_read_whole(queue.database, statement, small=SMALL), statement.text


async def test_of_all_messages_only_the_open_ones_are_read_for_the_open_lanes(queue: OutboundQueue) -> None:
    with recorded(queue.database) as ran:
        await open_lanes(queue)
    (statement,) = ran
    of_open = frozenset({"outbound_message_lane", "outbound_message_expiry"})
    assert not GROWING & await tables_read_whole(queue.database, statement, small=of_open)


async def test_a_scan_would_be_noticed(queue: OutboundQueue) -> None:
    whole = Ran("SELECT count(*) FROM outbound_part WHERE kind <> 'TEXT'", ())
    assert await tables_read_whole(queue.database, whole, small=SMALL) == {"outbound_part"}


def test_a_walk_through_a_whole_page_would_be_noticed() -> None:
    assert walks("SEARCH outbound_part USING INDEX outbound_part_pkey (page_id=?)", SMALL)
    assert not walks("SEARCH outbound_part USING INDEX outbound_part_pkey (page_id=? AND cim_id=?)", SMALL)
    assert not walks("SEARCH outbound_part USING INDEX outbound_part_sending (page_id=?)", SMALL)


async def test_what_is_rare_is_found_by_its_own_index(queue: OutboundQueue) -> None:
    with recorded(queue.database) as ran:
        await uncertain_lanes(queue)
        await nothing_expires(queue)
        await take_over(queue)
    plans = [await plan_of(queue.database, statement) for statement in ran]
    assert sum("outbound_message_uncertain" in plan for plan in plans) == 1
    assert sum("outbound_part_sending" in plan for plan in plans) == 2


@pytest.mark.parametrize(
    ("call", "count"),
    [
        (accept, 6),
        (accept_and_begin, 7),
        (repeat, 1),
        (head, 1),
        (begin, 4),
        (sent, 7),
        (close, 5),
        (nothing_expires, 1),
        (no_new_pages, 1),
        (statuses, 1),
    ],
)
async def test_each_call_runs_few_statements(queue: OutboundQueue, call: Call, count: int) -> None:
    with recorded(queue.database) as ran:
        await call(queue)
    assert len(ran) == count, "\n".join(statement.text for statement in ran)


async def test_many_begin_and_are_settled_by_as_many_statements_as_one(queue: OutboundQueue) -> None:
    ids = [f"many-{number}" for number in range(50)]
    for cim_id in ids:
        await queue.accept(cim_id, psid=cim_id)
    begun = [beginning(queue, cim_id) for cim_id in ids]
    sent = [settlement(queue, cim_id) for cim_id in ids]

    def both(transaction: Transaction, first: int, last: int) -> None:
        assert all(lanes.begin_parts(transaction, begun[first:last]))
        assert {each.status.state for each in lanes.settle_parts(transaction, sent[first:last])} == {"SENT"}

    with recorded(queue.database) as one:
        await queue.database.write(lambda transaction: both(transaction, 0, 1))
    with recorded(queue.database) as many:
        await queue.database.write(lambda transaction: both(transaction, 1, 50))
    assert each_once(one) == each_once(many)


def beginning(queue: OutboundQueue, cim_id: str) -> PartBeginning:
    return PartBeginning(page_id=PAGE, cim_id=cim_id, index=0, epoch=queue.lease.epoch, now_ms=NOW_MS, detail="")


def settlement(queue: OutboundQueue, cim_id: str) -> PartSettlement:
    epoch = queue.lease.epoch
    return PartSettlement(
        page_id=PAGE,
        cim_id=cim_id,
        index=0,
        epoch=epoch,
        now_ms=NOW_MS,
        state=PartState.SENT,
        mid=f"m_{cim_id}",
        detail="",
    )


async def test_many_messages_expire_by_as_many_statements_as_one(queue: OutboundQueue) -> None:
    with recorded(queue.database) as one:
        await expire(queue)
    for number in range(50):
        await queue.accept(f"due-{number}", psid=f"P{number}")
    lease = replace(queue.lease)
    with recorded(queue.database) as many:
        assert len(await queue.store.expire_due((lease,), NOW_MS + TTL_MS, 100)) == 50
    assert each_once(one) == each_once(many)
