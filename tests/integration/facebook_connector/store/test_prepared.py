"""Statements that go to the drivers straight."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from sqlalchemy import bindparam, func, insert, literal, select, text, update

from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.engines.postgresql import PostgresqlDatabase
from facebook_connector.store.errors import RowRefused, SchemaMismatch, StoreError, StoreUnavailable
from facebook_connector.store.prepared import Prepared, Value
from facebook_connector.store.schema import dedupe, event
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import an_event
from tests.support.interleaving import Held, waits_for_a_lock

KEY = bindparam("the_key", type_=dedupe.c.dedupe_key.type)

ADD = Prepared(insert(dedupe).values(page_id="1", dedupe_key=KEY, first_seen_ms=0))
RAISE = Prepared(update(dedupe).where(dedupe.c.dedupe_key == KEY).values(first_seen_ms=dedupe.c.first_seen_ms + 1))
RAISE_ALL = Prepared(update(dedupe).values(first_seen_ms=dedupe.c.first_seen_ms + 1))
KEYS = Prepared(select(dedupe.c.dedupe_key).order_by(dedupe.c.dedupe_key))
OF_KEYS = Prepared(
    select(dedupe.c.dedupe_key).where(dedupe.c.dedupe_key.in_(bindparam("the_keys", expanding=True))).order_by(KEY)
)
BACKEND = Prepared(select(func.pg_backend_pid()))
EVENTS = Prepared(select(event.c.raw, event.c.late, event.c.key_id, event.c.mid, literal(None).label("absent")))


@pytest.fixture
async def on_postgresql(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


def add(transaction: Transaction, key: str) -> int:
    return ADD.change(transaction, {"the_key": key})


def raise_of(transaction: Transaction, key: str) -> int:
    return RAISE.change(transaction, {"the_key": key})


def keys(transaction: Transaction) -> list[str]:
    return [key for (key,) in KEYS.fetch(transaction, {})]


async def test_a_change_tells_how_many_rows_it_changed(database: Database) -> None:
    assert await database.write(partial(add, key="a")) == 1
    assert await database.write(partial(raise_of, key="a")) == 1
    assert await database.write(partial(raise_of, key="b")) == 0
    assert await database.write(lambda transaction: [add(transaction, key) for key in "bc"]) == [1, 1]
    assert await database.write(lambda transaction: RAISE_ALL.change(transaction, {})) == 3


async def test_rows_come_as_they_were_stored(log: Log) -> None:
    await log.ingest(an_event("m1"))
    (row,) = await log.database.read(lambda transaction: EVENTS.fetch(transaction, {}))
    raw, late, key_id, mid, absent = row
    assert isinstance(raw, bytes)
    assert (bool(late), type(key_id), mid, absent) == (False, int, "m1", None)


async def test_a_list_of_values_is_found_by_any_of_them(database: Database) -> None:
    await database.write(lambda transaction: [add(transaction, key) for key in "abc"])
    for wanted in (["c"], ["a", "b"], []):
        given: dict[str, Value] = {"the_keys": wanted, "the_key": ""}  # type: ignore[dict-item]
        rows = await database.read(lambda transaction: OF_KEYS.fetch(transaction, given))  # noqa: B023 - awaited at once
        assert [key for (key,) in rows] == wanted


def backend(transaction: Transaction) -> int:
    ((process,),) = BACKEND.fetch(transaction, {})
    return int(process)


async def test_it_is_part_of_the_transaction(database: Database) -> None:
    def fails(transaction: Transaction) -> None:
        add(transaction, "a")
        assert keys(transaction) == ["a"]
        raise ValueError("of its own")

    with pytest.raises(ValueError, match="of its own"):
        await database.write(fails)
    assert await database.read(keys) == []


async def test_a_repeated_key_is_refused(database: Database) -> None:
    await database.write(partial(add, key="a"))
    with pytest.raises(RowRefused) as refusal:
        await database.write(lambda transaction: [add(transaction, key) for key in "ba"])
    assert "'1'" not in f"{refusal.value} {refusal.value.__cause__} {refusal.value.__context__}"
    assert await database.read(keys) == ["a"]


@pytest.mark.parametrize(
    ("given", "error"),
    [({"the_key": "a\0b"}, RowRefused), ({"the_key": 2**70}, RowRefused), ({"the_key": None}, RowRefused)],
)
async def test_a_value_that_does_not_fit_is_refused(
    on_postgresql: Database, given: dict[str, Value], error: type[StoreError]
) -> None:
    with pytest.raises(error):
        await on_postgresql.write(lambda transaction: ADD.change(transaction, given))
    assert await on_postgresql.read(keys) == []


async def test_a_missing_table_says_to_migrate(empty_postgresql_url: str) -> None:
    async with open_database(empty_postgresql_url) as database:
        with pytest.raises(SchemaMismatch, match="run `facebook-connector migrate`"):
            await database.read(keys)


async def test_a_connection_that_breaks_is_unavailable_and_the_next_call_works(on_postgresql: Database) -> None:
    kill = Prepared(select(func.pg_terminate_backend(func.pg_backend_pid())))

    def breaks(transaction: Transaction) -> None:
        add(transaction, "a")
        kill.fetch(transaction, {})

    with pytest.raises(StoreUnavailable):
        await on_postgresql.write(breaks)
    assert await on_postgresql.read(keys) == []


async def test_a_row_that_stays_locked_is_unavailable(on_postgresql: Database, postgresql_url: str) -> None:
    await on_postgresql.write(partial(add, key="a"))

    def impatient(transaction: Transaction) -> None:
        transaction.execute(text("SET LOCAL lock_timeout = '50ms'"))
        raise_of(transaction, "a")

    async with open_database(postgresql_url) as other, Held(other, partial(raise_of, key="a")):
        with pytest.raises(StoreUnavailable, match="stayed locked"):
            await on_postgresql.write(impatient)


async def test_a_statement_that_takes_too_long_is_unavailable(on_postgresql: Database) -> None:
    sleep = Prepared(select(func.pg_sleep(10)))

    def slow(transaction: Transaction) -> None:
        transaction.execute(text("SET LOCAL statement_timeout = '50ms'"))
        sleep.fetch(transaction, {})

    with pytest.raises(StoreUnavailable, match="took too long"):
        await on_postgresql.write(slow)


async def test_a_transaction_that_fails_keeps_its_connection(on_postgresql: Database) -> None:
    def fails(transaction: Transaction) -> None:
        add(transaction, "a")
        add(transaction, "a")

    connection = await on_postgresql.read(backend)
    with pytest.raises(RowRefused):
        await on_postgresql.write(fails)
    assert await on_postgresql.read(backend) == connection


async def test_what_is_cut_off_in_the_middle_lets_its_locks_go(on_postgresql: Database, postgresql_url: str) -> None:
    await on_postgresql.write(partial(add, key="a"))
    async with open_database(postgresql_url) as other:
        async with Held(other, partial(raise_of, key="a")):
            waiting = asyncio.create_task(
                on_postgresql.write(lambda transaction: [add(transaction, "b"), raise_of(transaction, "a")])
            )
            await waits_for_a_lock(other, waiting)
            assert isinstance(on_postgresql, PostgresqlDatabase)
            (under_way,) = on_postgresql._running
            under_way.cancel()
            await asyncio.wait([waiting], timeout=10)
            assert waiting.cancelled()
            assert await on_postgresql.read(keys) == ["a"], "nothing of it is seen by whoever comes next"
        assert await on_postgresql.write(partial(raise_of, key="a")) == 1
        assert await on_postgresql.write(partial(add, key="b")) == 1
