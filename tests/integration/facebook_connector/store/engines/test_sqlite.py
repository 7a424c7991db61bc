from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import TextClause, text

from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.errors import (
    Contended,
    DatabaseInUse,
    DatabaseUrlError,
    RowRefused,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from facebook_connector.store.migrate import migrate


def remember(key: str) -> TextClause:
    return text("INSERT INTO dedupe VALUES ('1', :key, 0)").bindparams(key=key)


async def put(database: Database, key: str) -> None:
    await database.write(lambda transaction: transaction.execute(remember(key)))


async def keys(database: Database) -> list[str]:
    statement = text("SELECT dedupe_key FROM dedupe ORDER BY dedupe_key")
    return list(await database.read(lambda transaction: transaction.execute(statement).scalars().all()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "connector.db"


async def opened(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")
    await migrate(database)
    return database


async def test_a_second_server_is_refused_and_told_what_to_do(path: Path) -> None:
    async with await opened(path) as first:
        with pytest.raises(DatabaseInUse, match=rf"process {os.getpid()}\) .*{path}.* use PostgreSQL to run several"):
            open_database(f"sqlite:///{path}")
        await put(first, "still works")
    async with await opened(path) as second:
        assert await keys(second) == ["still works"]


async def test_nobody_else_may_read_the_file(path: Path) -> None:
    async with await opened(path) as database:
        await put(database, "k")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "connector.db-wal" in modes


async def test_every_commit_is_flushed_to_the_disk(path: Path) -> None:
    async with await opened(path) as database:

        def settings(transaction: Transaction) -> list[object]:
            names = ("synchronous", "journal_mode", "foreign_keys")
            return [transaction.execute(text(f"PRAGMA {name}")).scalar_one() for name in names]

        full = 2
        assert await database.write(settings) == [full, "wal", 1]


async def test_what_waits_together_is_committed_together(path: Path) -> None:
    async with await opened(path) as database:
        before = await frames(database)
        await asyncio.gather(*(put(database, f"{number:03}") for number in range(200)))
        assert await keys(database) == [f"{number:03}" for number in range(200)]
        # Alone each commit would write at least one page of its own.
        assert await frames(database) - before < 100


async def frames(database: Database) -> int:
    """Pages in the write-ahead log."""

    def wal_pages(transaction: Transaction) -> int:
        path = transaction.execute(text("SELECT file FROM pragma_database_list")).scalar_one()
        return Path(f"{path}-wal").stat().st_size // 4096

    return await database.read(wal_pages)


async def test_a_call_that_fails_takes_no_other_of_its_group_with_it(path: Path) -> None:
    async with await opened(path) as database:

        def fails(transaction: Transaction) -> None:
            transaction.execute(remember("half done"))
            raise ValueError("of its own")

        def refused(transaction: Transaction) -> None:
            transaction.execute(remember("half done too"))
            transaction.execute(remember("half done too"))

        results = await asyncio.gather(
            put(database, "a"),
            database.write(fails),
            put(database, "b"),
            database.write(refused),
            put(database, "c"),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [type(None), ValueError, type(None), RowRefused, type(None)]
        assert await keys(database) == ["a", "b", "c"]


class Together:
    """A work for several items, which notes how many it is given at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, transaction: Transaction, given: Sequence[str]) -> list[str]:
        self.sizes.append(len(given))
        for key in given:
            transaction.execute(remember(key))
        return [key.upper() for key in given]


async def waiting_together(database: Database, work: Together, given: str) -> list[str | BaseException]:
    """What becomes of the letters, all of which wait for the writer before it begins with the first."""
    gate = threading.Event()
    held = asyncio.create_task(database.write(lambda _: gate.wait(10)))
    calls = [asyncio.create_task(database.write_each(work, key)) for key in given]
    await asyncio.sleep(0)
    gate.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    await held
    return results


async def test_what_waits_for_the_same_work_is_done_as_one(path: Path) -> None:
    async with await opened(path) as database:
        work = Together()
        assert await waiting_together(database, work, "abc") == ["A", "B", "C"]
        assert work.sizes == [3]
        assert await keys(database) == ["a", "b", "c"]


async def test_an_item_that_fails_takes_no_other_with_it(path: Path) -> None:
    async with await opened(path) as database:
        work = Together()
        first, second, third = await waiting_together(database, work, "aab")
        assert (first, type(second), third) == ("A", RowRefused, "B")
        assert work.sizes == [3, 1, 1, 1]
        assert await keys(database) == ["a", "b"]


async def test_a_cancelled_caller_does_not_stop_its_call_or_the_others(path: Path) -> None:
    async with await opened(path) as database:
        calls = [asyncio.create_task(put(database, key)) for key in "abc"]
        await asyncio.sleep(0)
        calls[1].cancel()
        await asyncio.wait(calls)
        assert await keys(database) == ["a", "b", "c"]


async def test_closing_carries_out_what_waits_and_takes_nothing_new(path: Path) -> None:
    database = await opened(path)
    waiting = [asyncio.create_task(put(database, key)) for key in "ab"]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*waiting)
    for late in (put(database, "c"), keys(database)):
        with pytest.raises(StoreUnavailable, match="closed"):
            await late
    async with await opened(path) as again:
        assert await keys(again) == ["a", "b"]


async def test_a_reader_cannot_write(path: Path) -> None:
    async with await opened(path) as database:
        with pytest.raises(StoreUnavailable, match="read only"):
            await database.read(lambda transaction: transaction.execute(remember("k")))


async def test_a_database_locked_by_another_process_is_unavailable_and_recovers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await opened(path) as database:
        await database.write(lambda transaction: transaction.execute(text("PRAGMA busy_timeout = 10")))
        intruder = sqlite3.connect(path, isolation_level=None)
        intruder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="another process has the database locked"):
            await put(database, "a")
        intruder.close()
        await put(database, "b")
        assert await keys(database) == ["b"]


async def test_a_full_disk_is_told_apart_loses_the_group_and_recovers(path: Path) -> None:
    async with await opened(path) as database:
        await database.write(lambda transaction: transaction.execute(text("PRAGMA cache_size = 10")))
        pages = await database.read(lambda transaction: transaction.execute(text("PRAGMA page_count")).scalar_one())
        await database.write(lambda transaction: transaction.execute(text(f"PRAGMA max_page_count = {pages + 2}")))
        large = "x" * 100_000
        results = await asyncio.gather(put(database, "small"), put(database, large), return_exceptions=True)
        assert any(isinstance(result, StoreFull) for result in results)
        stored = ["small"] if results[0] is None else []
        assert await keys(database) == stored
        await database.write(lambda transaction: transaction.execute(text("PRAGMA max_page_count = 1000000")))
        await put(database, large)
        assert large in await keys(database)


def test_a_file_that_is_no_database_is_refused_and_let_go(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database " * 1000)
    for _ in range(2):
        with pytest.raises(StoreError, match="the file is no SQLite database"):
            open_database(f"sqlite:///{path}")


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match=r"cannot create the database .*file/connector\.db"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'connector.db'}")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://u:secret@host/db", "nonsense-secret", ""])
def test_an_unusable_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as refusal:
        open_database(url)
    assert "secret" not in str(refusal.value)


async def test_what_another_transaction_was_quicker_at_may_be_asked_again(path: Path) -> None:
    def contended(_transaction: Transaction) -> None:
        raise Contended

    async with await opened(path) as database:
        with pytest.raises(StoreUnavailable, match="got there first"):
            await database.write(contended)
