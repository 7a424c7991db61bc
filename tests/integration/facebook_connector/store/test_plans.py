"""How the engines carry out the hot statements with a backlog: by index, never through a whole table.

Claims and acknowledgements must cost the same with a thousand waiting conversations as with a million.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from facebook_connector.delivery.poison import Verdict
from facebook_connector.delivery.profiles import HOLD_MS
from facebook_connector.delivery.retention import Cutoffs, cutoffs
from facebook_connector.delivery.values import Extension, Release
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.keeping import retention
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.profiles.log import ProfileLog
from facebook_connector.store.profiles.values import LookupEnd
from facebook_connector.store.reading.abandoned import expire_abandoned
from facebook_connector.store.statistics import StatisticsStore
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, PAGE, an_event
from tests.support.statements import Ran, each_once, recorded

KEYS = 5_000
PAGES = 5

GROWING = {"cursor", "message", "event", "ordering_key", "dedupe", "mid", "quarantine", "profile"} | {
    "side_queue",
    "dead_letter",
}
"""Tables that grow with the traffic; the others are small and may be read whole."""

WALKED = {"late_event", "late_event_pkey", "cursor", "cursor_pkey"}
"""Read in the order of their keys, a few hundred rows at a time."""

WALKS = ("SELECT cursor.", "SELECT late_event.")

RetentionBatch = Callable[[Transaction, Cutoffs, retention.Place | None], retention.Progress]

LARGE = GROWING | {"outbound_message", "media"}

OF_WHAT_WAITS = {
    "side_queue",
    "side_queue_pkey",
    "dead_letter_list",
    "cursor_ready",
    "outbound_message_lane",
    "outbound_message_expiry",
    "outbound_message_in_doubt",
    "outbound_message_uncertain",
    "media_size",
    "media_next_try",
    "event_store_time",
    "dead_letter_message",
    "side_queue_message",
    "waiting_event_pkey",
}
"""Indexes of a part of their table: to read one from end to end costs what waits. Of the last only the end is read."""

BACKLOG = """
INSERT INTO ordering_key (key_id, page_id, psid, last_seq, last_event_number, last_lane_position, create_time_ms)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(:keys AS BIGINT))
SELECT i + 1000, CAST(900 + i % CAST(:pages AS BIGINT) AS TEXT), CAST(i AS TEXT), 2, 2, 0, 0 FROM n;

INSERT INTO event (key_id, event_number, tenant_id, dedupe_key, kind, mid, event_time_ms, store_time_ms,
                   opens_window, late, origin, translator_version, raw)
SELECT key_id, number, 't', 'k', 1, '', 0, 0, false, false, 1, 1, :blob
FROM ordering_key JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS two ON true;

INSERT INTO message (key_id, seq, event_number, kind, cim_id, message, context)
SELECT key_id, event_number, event_number, 1, 'c', raw, raw FROM event;

INSERT INTO cursor (subscription_id, key_id, page_id, position, head_seq, head_kind, ready_at_ms,
                    attempt, failures, epoch)
SELECT 1, key_id, page_id, 0, 1, 1, key_id, 0, 0, 0 FROM ordering_key;

INSERT INTO side_queue (subscription_id, key_id, place, seq, origin, create_time_ms)
SELECT 1, key_id, number, 1, 3, 0
FROM ordering_key JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS two ON key_id % 2 = 0;

INSERT INTO dedupe SELECT page_id, psid, 0 FROM ordering_key;

INSERT INTO mid SELECT page_id, psid, 0, psid, 'IN', 0 FROM ordering_key;

INSERT INTO profile (page_id, psid, first_name, last_name, hold_until_ms, fresh_until_ms, next_try_ms,
                     attempts, expire_time_ms)
SELECT page_id, psid, 'Ali', 'Raza', NULL, 0, CASE WHEN key_id % 50 = 0 THEN key_id END, 0, key_id + 1000000
FROM ordering_key
"""


IDLE = """
INSERT INTO ordering_key (key_id, page_id, psid, last_seq, last_event_number, last_lane_position, create_time_ms)
SELECT key_id + 10000 * n, page_id, CAST(key_id + 10000 * n AS TEXT), 0, 0, 0, 0
FROM ordering_key JOIN (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS copies ON true;

INSERT INTO cursor (subscription_id, key_id, page_id, position, attempt, failures, epoch)
SELECT 1, key_id, page_id, 0, 0, 0, 0 FROM ordering_key WHERE last_seq = 0
"""
"""Conversations in which everything is acknowledged: four for each that waits."""


@pytest.fixture
async def log(log: Log) -> Log:
    """As a server has it that asks for profiles."""
    return replace(log, events=EventStore(log.database, profiles=True))


@pytest.fixture
async def backlog(log: Log) -> Log:
    await log.database.write(lambda transaction: _fill(transaction, BACKLOG))
    return log


@pytest.fixture
async def mostly_idle(backlog: Log) -> Log:
    await backlog.database.write(lambda transaction: _fill(transaction, IDLE))
    return backlog


def _fill(transaction: Transaction, script: str) -> None:
    values = {"blob": b"x" * 300, "keys": KEYS, "pages": PAGES}
    for statement in map(text, script.split(";")):
        named = statement.compile().params
        transaction.execute(statement, {name: values[name] for name in named})
    # SQLite is never told about sizes: nobody runs ANALYZE there, while PostgreSQL does so by itself.
    if transaction.dialect.name == "postgresql":
        transaction.execute(text("ANALYZE"))


async def tables_read_whole(database: Database, ran: Ran) -> set[str]:
    def explain(transaction: Transaction) -> set[str]:
        if transaction.dialect.name == "sqlite":
            rows = transaction.exec_driver_sql(f"EXPLAIN QUERY PLAN {ran.text}", ran.parameters).all()
            walked = {row.detail.split()[1] for row in rows if _walks(row.detail)}
            # It also plans a look at the children of a new parent, and takes it only while a foreign key is violated.
            return walked & {"ordering_key"} if "INSERT INTO ordering_key" in ran.text else walked
        plan = transaction.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {ran.text}", ran.parameters).scalar_one()
        return set(_scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))

    return await database.write(explain)


def _walks(step: str) -> bool:
    """SCAN goes through a table or an index; SEARCH finds, unless it knows no more than what thousands share.

    Exempt is the index `cursor_ready`: asked for the least page of a subscription it stops at the first entry.
    """
    shared = ("(subscription_id=?)", "(page_id=?)")
    return step.startswith("SCAN") or (step.endswith(shared) and "cursor_ready" not in step)


def _scans(node: dict[str, Any]) -> Iterator[str]:
    whole_index = node["Node Type"].startswith(("Index", "Bitmap Index")) and "Index Cond" not in node
    if node["Node Type"] == "Seq Scan" or whole_index:
        yield node.get("Relation Name", "an index")
    for child in node.get("Plans", ()):
        yield from _scans(child)


async def claim(log: Log) -> None:
    assert len(await log.claim(now_ms=NOW_MS, max_bytes=1_000_000)) == 100


async def acknowledge(log: Log) -> None:
    outcomes = await log.acknowledge(await log.claim(limit=50))
    assert all(outcome.next_head for outcome in outcomes)


async def give_back(log: Log) -> None:
    heads = await log.claim(limit=50)
    await log.cursors.extend([Extension(token=head.token, until_ms=NOW_MS) for head in heads])
    releases = [Release(token=head.token, ready_at_ms=NOW_MS, counted=True) for head in heads]
    await log.cursors.release(releases, now_ms=NOW_MS)


async def give_up(log: Log) -> None:
    heads = await log.claim(limit=50)
    failed = text("UPDATE cursor SET attempt = 10, failures = 9, first_failure_ms = 0 WHERE client_id IS NOT NULL")
    await log.database.write(lambda transaction: transaction.execute(failed))
    releases = [Release(token=head.token, ready_at_ms=NOW_MS, counted=True) for head in heads]
    outcomes = await log.cursors.release(releases, now_ms=NOW_MS, working_keys=1000)
    assert {outcome.verdict for outcome in outcomes} == {Verdict.GIVE_UP}


async def acknowledge_at_side(log: Log) -> None:
    outcomes = await log.acknowledge(await log.claim(limit=50))
    at_side = [outcome.next_head for outcome in outcomes if outcome.next_head and outcome.next_head.origin == 3]
    assert at_side
    following = await log.acknowledge(at_side)
    assert all(outcome.next_head and outcome.next_head.origin == 3 for outcome in following)


async def ingest(log: Log) -> None:
    await log.ingest(*(an_event(f"m_{number}", psid=f"P{number % 30}") for number in range(100)))
    await log.ingest(*(an_event(f"n_{number}", psid=f"P{number % 30}") for number in range(100)))


async def look_up(log: Log) -> None:
    profiles = ProfileLog(log.database)
    assert await profiles.is_due(now_ms=NOW_MS)
    lookups = await profiles.claim("server-1", now_ms=NOW_MS, until_ms=NOW_MS + 1, limit=10)
    assert len(lookups) == 10
    await profiles.settle(lookups[0], LookupEnd(fresh_until_ms=NOW_MS), now_ms=NOW_MS)


async def forget_expired(log: Log) -> None:
    assert await ProfileLog(log.database).forget_expired(now_ms=1_001_100, limit=10) == 10


async def next_ready(log: Log) -> None:
    assert await log.next_ready_ms() == 1001


@pytest.mark.parametrize(
    "call",
    [claim, acknowledge, acknowledge_at_side, give_back, give_up, ingest, look_up, forget_expired, next_ready],
)
async def test_no_growing_table_is_read_whole(backlog: Log, call: Callable[[Log], Awaitable[None]]) -> None:
    with recorded(backlog.database) as ran:
        await call(backlog)
    assert ran
    for statement in ran:
        if statement.text.startswith("UPDATE cursor SET attempt = 10"):
            continue  # the test's own
        assert not GROWING & await tables_read_whole(backlog.database, statement), statement.text


@pytest.mark.parametrize("call", ["subscriptions", "channels", "storage"])
async def test_figures_read_no_more_than_what_waits(mostly_idle: Log, call: str) -> None:
    statistics = StatisticsStore(mostly_idle.database)
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "subscriptions": lambda: statistics.subscriptions(NOW_MS),
        "channels": statistics.channels,
        "storage": statistics.storage,
    }
    with recorded(mostly_idle.database) as ran:
        await calls[call]()
    assert ran
    for statement in ran:
        whole = await read_from_end_to_end(mostly_idle.database, statement) - OF_WHAT_WAITS
        assert not [name for name in whole if any(table in name for table in LARGE)], statement.text


@pytest.mark.parametrize(
    ("batch", "width"),
    [(retention.note_late, 3), (retention.note_read, 2), (retention.drop_events, 3), (expire_abandoned, 2)],
)
async def test_retention_finds_what_is_old_by_index(mostly_idle: Log, batch: RetentionBatch, width: int) -> None:
    later = cutoffs(NOW_MS)
    await mostly_idle.database.write(lambda transaction: retention.note_late(transaction, later, None))
    with recorded(mostly_idle.database) as ran:
        await mostly_idle.database.write(lambda transaction: batch(transaction, later, None))
        await mostly_idle.database.write(lambda transaction: batch(transaction, later, (0, 0, 0)[:width]))
    assert ran
    for statement in ran:
        walked = WALKED if statement.text.startswith(WALKS) else set()
        whole = await read_from_end_to_end(mostly_idle.database, statement) - OF_WHAT_WAITS - walked
        assert not [name for name in whole if any(table in name for table in LARGE)], statement.text


async def read_from_end_to_end(database: Database, ran: Ran) -> set[str]:
    """The indexes, and the tables without one, that a statement goes through; our own batches are left out."""

    def explain(transaction: Transaction) -> set[str]:
        if transaction.dialect.name == "sqlite":
            rows = transaction.exec_driver_sql(f"EXPLAIN QUERY PLAN {ran.text}", ran.parameters).all()
            scans = [row.detail.split() for row in rows if row.detail.startswith("SCAN")]
            return {scan[scan.index("INDEX") + 1] if "INDEX" in scan else scan[1] for scan in scans}
        plan = transaction.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {ran.text}", ran.parameters).scalar_one()
        return set(_scanned((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))

    return await database.write(explain)


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if list(_scans({**node, "Plans": ()})):
        yield node.get("Index Name", node.get("Relation Name", ""))
    for child in node.get("Plans", ()):
        yield from _scanned(child)


async def test_a_claim_reads_the_index_of_what_is_ready(backlog: Log) -> None:
    with recorded(backlog.database) as ran:
        await claim(backlog)
    (ready_keys,) = [statement for statement in ran if "LIMIT" in statement.own and "ready_at_ms <=" in statement.text]

    def explain(transaction: Transaction) -> str:
        prefix = "EXPLAIN QUERY PLAN" if transaction.dialect.name == "sqlite" else "EXPLAIN"
        rows = transaction.exec_driver_sql(f"{prefix} {ready_keys.text}", ready_keys.parameters).all()
        return "\n".join(str(row[-1]) for row in rows)

    assert "cursor_ready" in await backlog.database.write(explain)


async def test_a_scan_would_be_noticed(backlog: Log) -> None:
    whole = Ran("SELECT count(*) FROM message WHERE cim_id <> 'c'", ())
    assert await tables_read_whole(backlog.database, whole) == {"message"}


def test_a_walk_through_all_cursors_would_be_noticed() -> None:
    assert _walks("SEARCH cursor USING PRIMARY KEY (subscription_id=?)")
    assert not _walks("SEARCH cursor USING PRIMARY KEY (subscription_id=? AND key_id=?)")


async def test_claims_run_as_many_statements_for_many_keys_as_for_one(backlog: Log) -> None:
    with recorded(backlog.database) as one:
        await backlog.claim(limit=1, page_ids=frozenset({"900"}))
    with recorded(backlog.database) as many:
        await backlog.claim(limit=500, page_ids=frozenset({"900"}))
    assert each_once(one) == each_once(many)


async def test_ingests_run_as_many_statements_for_many_events_as_for_one(log: Log) -> None:
    with recorded(log.database) as one:
        await log.ingest(an_event("m_0"))
    with recorded(log.database) as many:
        await log.ingest(*(an_event(f"m_{number}", page_id=PAGE, psid=f"P{number}") for number in range(1, 200)))
    assert each_once(one) == each_once(many)


async def test_names_cost_the_messages_of_people_who_are_known_no_statement(log: Log) -> None:
    await log.ingest(an_event("m_0"))
    with recorded(log.database) as without:
        await EventStore(log.database).ingest([an_event("m_1")], NOW_MS)
    with recorded(log.database) as known:
        await log.ingest(an_event("m_2"), now_ms=NOW_MS + HOLD_MS)
    assert each_once(known) == each_once(without)
