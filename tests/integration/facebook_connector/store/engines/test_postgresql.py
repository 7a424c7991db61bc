from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.util import await_only

from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.engines import postgresql
from facebook_connector.store.engines.postgresql_errors import store_error
from facebook_connector.store.errors import (
    Contended,
    DriverError,
    RowRefused,
    SchemaMismatch,
    StoreError,
    StoreFull,
    StoreUnavailable,
)


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


def count(transaction: Transaction) -> int:
    return int(transaction.execute(text("SELECT count(*) FROM dedupe")).scalar_one())


def add(transaction: Transaction, key: str) -> None:
    transaction.execute(text("INSERT INTO dedupe VALUES ('1', :key, 0)"), {"key": key})


async def test_nothing_of_a_failed_transaction_is_kept(database: Database) -> None:
    def fails(transaction: Transaction) -> None:
        add(transaction, "a")
        raise ValueError("of its own")

    with pytest.raises(ValueError, match="of its own"):
        await database.write(fails)
    assert await database.read(count) == 0


async def test_a_transaction_that_hangs_does_not_hold_up_the_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "CLOSE_WITHIN_S", 0.1)
    begun = asyncio.Event()

    def hangs(_transaction: Transaction) -> None:
        begun.set()
        await_only(asyncio.Event().wait())

    hanging = asyncio.create_task(database.write(hangs))
    await begun.wait()
    await asyncio.wait_for(database.close(), 10)
    await asyncio.wait([hanging], timeout=10)
    assert hanging.cancelled()


async def test_a_contended_transaction_is_run_again(database: Database) -> None:
    tries: list[int] = []

    def work(transaction: Transaction) -> int:
        add(transaction, "a")
        tries.append(1)
        if len(tries) < 3:
            raise Contended
        return count(transaction)

    assert await database.write(work) == 1
    assert len(tries) == 3


async def test_it_is_not_run_again_for_ever(database: Database) -> None:
    tries: list[int] = []

    def work(transaction: Transaction) -> None:
        tries.append(1)
        raise Contended

    with pytest.raises(StoreUnavailable, match="too contended"):
        await database.write(work)
    assert len(tries) == postgresql.TRIES


async def test_a_deadlock_is_resolved(database: Database, postgresql_url: str) -> None:
    for key in "ab":
        await database.write(partial(add, key=key))
    meet = asyncio.Barrier(2)
    update = text("UPDATE dedupe SET first_seen_ms = first_seen_ms + 1 WHERE dedupe_key = :key")

    def crossing(order: str, tries: list[int]) -> asyncio.Task[None]:
        def work(transaction: Transaction) -> None:
            tries.append(1)
            transaction.execute(update, {"key": order[0]})
            if len(tries) == 1:
                await_only(meet.wait())
            transaction.execute(update, {"key": order[1]})

        return asyncio.create_task(database.write(work))

    tries: tuple[list[int], list[int]] = ([], [])
    await asyncio.gather(crossing("ab", tries[0]), crossing("ba", tries[1]))
    assert sorted(map(len, tries)) == [1, 2]
    times = text("SELECT first_seen_ms FROM dedupe")
    assert await database.read(lambda transaction: transaction.execute(times).scalars().all()) == [2, 2]


async def test_a_cancelled_caller_does_not_stop_its_transaction(database: Database, postgresql_url: str) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    def work(transaction: Transaction) -> None:
        add(transaction, "a")
        begun.set()
        await_only(go_on.wait())

    call = asyncio.create_task(database.write(work))
    await begun.wait()
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled()
    go_on.set()
    await database.close()
    async with open_database(postgresql_url) as again:
        assert await again.read(count) == 1


async def test_a_broken_connection_is_unavailable_and_the_next_call_works(
    database: Database, postgresql_url: str
) -> None:
    def kill(transaction: Transaction) -> None:
        transaction.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailable):
        await database.write(kill)
    assert await database.read(count) == 0


async def test_one_transaction_after_the_other_takes_the_same_connection(database: Database) -> None:
    def backend(transaction: Transaction) -> int:
        return int(transaction.execute(text("SELECT pg_backend_pid()")).scalar_one())

    meet = asyncio.Barrier(5)

    def together(transaction: Transaction) -> int:
        await_only(meet.wait())
        return backend(transaction)

    assert len(set(await asyncio.gather(*(database.read(together) for _ in range(5))))) == 5
    assert len({await database.read(backend) for _ in range(5)}) == 1


async def test_connections_that_broke_while_idle_are_replaced(database: Database, postgresql_url: str) -> None:
    await asyncio.gather(*(database.read(count) for _ in range(5)))
    connection = await asyncpg.connect(postgresql_url)
    try:
        await connection.execute(
            # Waits until they are gone, so that the driver knows it too when the answer is here.
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    assert await asyncio.gather(*(database.read(count) for _ in range(5))) == [0] * 5


async def test_a_server_that_is_down_is_unavailable() -> None:
    async with open_database("postgresql://postgres:secret@127.0.0.1:1/nothing") as database:
        with pytest.raises(StoreUnavailable, match="cannot be reached") as refusal:
            await database.read(count)
    assert "secret" not in f"{refusal.value} {refusal.value.__cause__}"


async def test_a_database_without_tables_says_to_migrate(empty_postgresql_url: str) -> None:
    async with open_database(empty_postgresql_url) as database:
        with pytest.raises(SchemaMismatch, match="run `facebook-connector migrate`"):
            await database.read(count)


async def test_a_value_the_text_type_cannot_hold_is_refused(database: Database) -> None:
    with pytest.raises(RowRefused):
        await database.write(lambda transaction: add(transaction, "a\x00b"))


@pytest.mark.parametrize(
    ("sqlstate", "error"),
    [
        ("53100", StoreFull),
        ("53300", StoreUnavailable),
        ("57P01", StoreUnavailable),
        ("57014", StoreUnavailable),
        ("25006", StoreUnavailable),
        ("55P03", StoreUnavailable),
        ("40P01", StoreUnavailable),
        ("22P05", RowRefused),
        ("23514", RowRefused),
        ("42P01", SchemaMismatch),
        ("42601", StoreError),
        ("", StoreUnavailable),
    ],
)
def test_every_refusal_has_its_error(sqlstate: str, error: type[StoreError]) -> None:
    assert type(store_error(DriverError(ValueError(), code=sqlstate))) is error
