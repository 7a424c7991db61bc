from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import column, inspect, table, text

from facebook_connector.delivery.values import ClaimRequest
from facebook_connector.store.database import Transaction, open_database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.migrate import migrate, newest_revision, prepare
from facebook_connector.store.reading.cursors import CursorStore
from facebook_connector.store.reading.subscriptions import next_subscription_id
from tests.support import release_0_1_0 as before
from tests.support.inbound_records import NOW_MS, PAGE, an_event
from tests.support.operators import running_operators

CCM, ARCHIVE, REPORTS = 1, 7, 9


def a_cursor(subscription_id: int, key_id: int, **changes: object) -> dict[str, Any]:
    """A conversation in which the subscription has nothing to read, as it was kept before schema 0009."""
    head = {"head_seq": None, "head_kind": None, "ready_at_ms": None}
    claim = {"attempt": 0, "failures": 0, "first_failure_ms": None, "owner": None, "client_id": None, "epoch": 5}
    place = {"subscription_id": subscription_id, "key_id": key_id, "page_id": PAGE, "position": 0}
    return {**place, **head, **claim, **changes}


FAILED = {"attempt": 3, "failures": 2, "first_failure_ms": NOW_MS - 1000, "ready_at_ms": NOW_MS + 60_000}
MORE_CURSORS = (
    a_cursor(CCM, 2),
    a_cursor(ARCHIVE, 1, head_seq=1, head_kind=1, ready_at_ms=NOW_MS),
    a_cursor(ARCHIVE, 2),
    a_cursor(REPORTS, 1, position=1, head_seq=2, head_kind=1, **FAILED),
)
"""Beside the claimed one of `release_0_1_0`: a cursor in each other state that it can be in."""


def build_with_cursors(transaction: Transaction) -> None:
    before.build(transaction)
    names = {"subscription_id": ARCHIVE, "name": "archive"}, {"subscription_id": REPORTS, "name": "reports"}
    for name in names:
        row = {**name, "kinds": 2, "create_time_ms": NOW_MS}
        transaction.execute(table("subscription", *map(column, row)).insert(), row)
    for row in MORE_CURSORS:
        transaction.execute(table("cursor", *map(column, row)).insert(), row)


def cursors(transaction: Transaction) -> list[dict[str, Any]]:
    rows = transaction.execute(text("SELECT * FROM cursor ORDER BY subscription_id, key_id")).mappings()
    return [dict(row) for row in rows]


async def test_every_table_of_the_first_release_has_a_row_on_trial(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        await database.write(before.build)
        tables = set(await database.read(lambda transaction: inspect(transaction).get_table_names()))
        filled = await database.read(before.contents)
    assert tables - {"alembic_version"} == filled.keys()
    assert all(filled.values())


async def test_an_upgrade_keeps_every_row(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        await database.write(before.build)
        kept = await database.read(before.contents)
        assert await migrate(database) == newest_revision() > before.REVISION
        now = await database.read(before.contents)
    for one in before.MADE_AT_ONCE:
        # Columns that came later stand beside those that were.
        now[one] = [{name: new[name] for name in old} for old, new in zip(kept[one], now[one], strict=True)]
    assert now == kept


async def test_what_was_unread_is_delivered_after_the_upgrade(empty_url: str, tmp_path: Path) -> None:
    async with open_database(empty_url) as database:
        await database.write(before.build)
        if not database.exclusive:
            await migrate(database)
    async with running_operators(tmp_path / "data", empty_url) as operators:
        received = await operators.received(3)
    texts = [one.message.body.markdown_text for one in received if one.envelope.origin == 1]
    assert {before.UNREAD, before.WAITING} <= set(texts)


async def test_an_embedded_database_is_upgraded_by_its_server(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        await database.write(before.build)
    async with open_database(sqlite_url) as database:
        await prepare(database)
        assert await migrate(database) == newest_revision()
        assert (await database.read(before.contents))["event"]


async def test_a_cursor_in_any_state_stays_what_it_was(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        await database.write(build_with_cursors)
        kept = await database.read(cursors)
        await migrate(database)
        now = await database.read(cursors)
        tables = await database.read(lambda transaction: inspect(transaction).get_table_names())
        numbered = await database.write(next_subscription_id)
    assert len(kept) == 1 + len(MORE_CURSORS)
    assert now == [{**row, "side_place": None, "side_origin": None} for row in kept]
    assert "cursor_before" not in tables
    assert numbered == REPORTS + 1


async def test_every_reader_goes_on_where_it_stood(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        await database.write(build_with_cursors)
        await migrate(database)
        store = CursorStore(database)
        # A conversation that had nothing to read gets what comes now.
        await EventStore(database).ingest([an_event("m_new", psid="2")], NOW_MS)

        async def read(subscription_id: int, now_ms: int) -> list[tuple[str, int]]:
            request = ClaimRequest(
                subscription_id=subscription_id,
                owner="server-1",
                client_id="reader",
                now_ms=now_ms,
                until_ms=now_ms + 1000,
                limit=10,
            )
            heads = (await store.claim(request)).heads
            return sorted((head.cim_id, head.token.attempt) for head in heads)

        assert await read(CCM, NOW_MS) == [("cim-2", 2), ("cim-m_new-0", 1)]
        assert await read(ARCHIVE, NOW_MS) == [("cim-1", 1), ("cim-m_new-0", 1)]
        assert await read(REPORTS, NOW_MS) == [("cim-m_new-0", 1)]
        assert ("cim-2", 4) in await read(REPORTS, NOW_MS + 60_000)


async def test_an_upgraded_embedded_database_is_whole(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        await database.write(build_with_cursors)
        await migrate(database)

        def faults(transaction: Transaction) -> list[object]:
            broken = transaction.execute(text("PRAGMA foreign_key_check")).all()
            return [*broken, *transaction.execute(text("PRAGMA integrity_check")).scalars()]

        assert await database.read(faults) == ["ok"]
