from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, text

from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.errors import RowRefused, SchemaMismatch
from facebook_connector.store.fresh import INDEXES, VERSION
from facebook_connector.store.media.schema import media
from facebook_connector.store.migrate import (
    MIGRATIONS,
    REVISIONS,
    migrate,
    newest_revision,
    prepare,
    require_current,
)
from facebook_connector.store.migrations.upgrade import upgrade
from facebook_connector.store.outbound.schema import outbound_message
from facebook_connector.store.schema import METADATA, cursor, dedupe, event, message, ordering_key


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    async with open_database(empty_url) as opened:
        yield opened


def test_the_revisions_are_those_of_the_migrations_in_their_order() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert [script.revision for script in scripts.walk_revisions()] == list(reversed(REVISIONS))
    assert scripts.get_current_head() == newest_revision()


async def test_migrated_database_has_the_tables_of_the_code(empty: Database) -> None:
    def differences(transaction: Transaction) -> list[object]:
        context = MigrationContext.configure(transaction, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    assert outbound_message.metadata is media.metadata is METADATA
    await empty.write(upgrade)
    assert await empty.read(differences) == []


async def test_migrated_database_has_the_checks_and_partial_indexes_of_a_fresh_one(empty: Database) -> None:
    # Autogenerate looks at neither, so the definitions themselves are compared.
    await empty.write(upgrade)
    migrated = await empty.read(_definitions)
    await empty.write(_drop_all)
    await migrate(empty)
    assert await empty.read(_definitions) == migrated
    assert len(migrated["cursor"]) > 10
    assert migrated["alembic_version"]


async def test_migrated_embedded_database_has_its_indexes_in_the_order_of_a_fresh_one(sqlite_url: str) -> None:
    # Of two that serve equally well SQLite takes one by their order.
    named = text("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid")

    def in_order(transaction: Transaction) -> list[str]:
        return list(transaction.execute(named).scalars())

    async with open_database(sqlite_url) as database:
        await database.write(upgrade)
        migrated = await database.read(in_order)
        await database.write(_drop_all)
        await migrate(database)
        assert await database.read(in_order) == migrated == list(INDEXES)


async def test_migrated_database_has_the_rows_of_a_fresh_one(empty: Database) -> None:
    await empty.write(upgrade)
    migrated = await empty.read(_rows)
    await empty.write(_drop_all)
    await migrate(empty)
    assert await empty.read(_rows) == migrated
    assert migrated["subscription"]


def _drop_all(transaction: Transaction) -> None:
    METADATA.drop_all(transaction)
    VERSION.drop(transaction)


CHANCE = frozenset({"installation_id", "create_time_ms", "secret"})
"""Columns that differ between any two databases."""


def _rows(transaction: Transaction) -> dict[str, list[dict[str, object]]]:
    return {
        table.name: [
            {name: value for name, value in row.items() if name not in CHANCE}
            for row in transaction.execute(table.select()).mappings()
        ]
        for table in (*METADATA.tables.values(), VERSION)
    }


def _definitions(transaction: Transaction) -> dict[str, list[str]]:
    if transaction.dialect.name == "postgresql":
        return {table: _postgresql_definitions(transaction, table) for table in (*METADATA.tables, VERSION.name)}
    statement = text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL")
    found: dict[str, list[str]] = {}
    for table in (*METADATA.tables, VERSION.name):
        rows = transaction.execute(statement, {"table": table}).scalars()
        # SQLite writes a column that was added later into the line of the one before it.
        parts = (part.strip().rstrip(",") for row in rows for part in re.split(r"\n|, (?![^(]*\))", row))
        found[table] = sorted(filter(None, parts))
    return found


def _postgresql_definitions(transaction: Transaction, table: str) -> list[str]:
    constraints = text(
        "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = CAST(:table AS regclass)"
    )
    indexes = text("SELECT indexdef FROM pg_indexes WHERE tablename = :table")
    storage = text("SELECT array_to_string(reloptions, ' ') FROM pg_class WHERE oid = CAST(:table AS regclass)")
    found = [*transaction.execute(constraints, {"table": table}).scalars()]
    found += transaction.execute(indexes, {"table": table}).scalars()
    found += [str(option) for option in transaction.execute(storage, {"table": table}).scalars()]
    return sorted(found)


async def test_migrating_again_changes_nothing(database: Database) -> None:
    assert await migrate(database) == newest_revision()
    await require_current(database)


async def test_a_fresh_database_knows_itself_and_the_subscription_ccm(database: Database) -> None:
    def first_rows(transaction: Transaction) -> tuple[int, int, object]:
        (length,) = transaction.execute(text("SELECT length(installation_id) FROM installation")).scalars().all()
        subscription = transaction.execute(text("SELECT name, kinds FROM subscription")).one()
        return length, len(METADATA.tables), tuple(subscription)

    assert await database.read(first_rows) == (32, 34, ("ccm", 0b1110))


async def test_a_server_migrates_its_embedded_database(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        await prepare(database)
        tables = await database.read(lambda transaction: inspect(transaction).get_table_names())
    assert set(METADATA.tables) <= set(tables)


async def test_a_server_never_migrates_postgresql(empty_postgresql_url: str) -> None:
    async with open_database(empty_postgresql_url) as database:
        with pytest.raises(SchemaMismatch, match=r"has schema none .* run `facebook-connector migrate`"):
            await prepare(database)
        assert await database.read(lambda transaction: inspect(transaction).get_table_names()) == []


async def test_a_newer_schema_stops_the_start_and_the_migration(database: Database) -> None:
    await database.write(
        lambda transaction: transaction.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    )
    for attempt in (prepare, migrate, require_current):
        with pytest.raises(SchemaMismatch, match="9999, made by a newer facebook-connector"):
            await attempt(database)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cursor SET client_id = NULL",
        "UPDATE cursor SET head_seq = NULL",
        "UPDATE cursor SET position = head_seq",
        "UPDATE cursor SET attempt = 0",
        "UPDATE cursor SET head_seq = NULL, head_kind = NULL, ready_at_ms = NULL",
        "UPDATE cursor SET failures = 2",
        "UPDATE cursor SET epoch = -1",
        "UPDATE message SET seq = 0",
        "UPDATE message SET message = NULL",
        "UPDATE event SET kind = 0",
        "INSERT INTO dedupe SELECT * FROM dedupe",
        "UPDATE installation SET installation_id = NULL",
        "UPDATE installation SET row_id = 2",
        "DELETE FROM ordering_key",
    ],
)
async def test_the_database_itself_refuses_what_must_not_be(database: Database, change: str) -> None:
    await database.write(_one_message)
    with pytest.raises(RowRefused):
        await database.write(lambda transaction: transaction.execute(text(change)))


def _one_message(transaction: Transaction) -> None:
    """One row in each of the tables, with a claimed message."""
    transaction.execute(insert(dedupe).values(page_id="1", dedupe_key="k", first_seen_ms=0))
    numbers = {"last_seq": 1, "last_event_number": 1, "last_lane_position": 0}
    transaction.execute(insert(ordering_key).values(key_id=1, page_id="1", psid="2", create_time_ms=0, **numbers))
    transaction.execute(
        insert(event).values(
            key_id=1,
            event_number=1,
            tenant_id="t",
            dedupe_key="k",
            kind=1,
            mid="",
            event_time_ms=0,
            store_time_ms=0,
            opens_window=False,
            late=False,
            origin=1,
            translator_version=1,
            raw=b"",
        )
    )
    body = {"cim_id": "c", "message": b"", "context": b""}
    transaction.execute(insert(message).values(key_id=1, seq=1, event_number=1, kind=1, **body))
    head = {"position": 0, "head_seq": 1, "head_kind": 1, "ready_at_ms": 0}
    claim = {"attempt": 1, "failures": 0, "epoch": 1, "owner": "a", "client_id": "b"}
    transaction.execute(insert(cursor).values(subscription_id=1, key_id=1, page_id="1", **head, **claim))
