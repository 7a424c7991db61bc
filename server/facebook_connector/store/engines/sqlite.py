"""The database as one SQLite file: one thread that writes, a few that read, and a lock against a second server.

Writes are committed in groups: whatever was asked for while the last commit ran becomes one transaction, each call
under a savepoint of its own, so that one that fails takes no other with it. One flush to disk then serves them all.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from facebook_connector.store.engines.group_commit import GroupCommit
from facebook_connector.store.engines.lock_file import LockFile
from facebook_connector.store.errors import Contended, DriverError, RowRefused, StoreError, StoreFull, StoreUnavailable
from facebook_connector.store.notices import Notice

T = TypeVar("T")
Item = TypeVar("Item")

READERS = 4

BUSY_TIMEOUT_MS = 2000
"""How long to wait for another process that has the file locked; under the 4 s that the gateway gives an ingest."""

SCRUB_TRIES = 5

PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    # Every commit is on the disk when it returns: a 200 is a promise.
    "synchronous = FULL",
    "foreign_keys = ON",
    # What is deleted is overwritten: nobody finds in the file what a customer had erased.
    "secure_delete = ON",
    "cache_size = -8192",
    "temp_store = MEMORY",
    "journal_size_limit = 67108864",
    # A checkpoint copies each changed page once, and an ingest of 32 events changes a hundred, mostly those of the one
    # before. More pages than this gain little, and writers wait longer for it.
    "wal_autocheckpoint = 2000",
)

ERROR_OF_CODE: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_FULL: (StoreFull, "the disk of the database is full"),
    sqlite3.SQLITE_BUSY: (StoreUnavailable, "another process has the database locked"),
    sqlite3.SQLITE_LOCKED: (StoreUnavailable, "another connection has the database locked"),
    sqlite3.SQLITE_IOERR: (StoreUnavailable, "the database file cannot be read or written"),
    sqlite3.SQLITE_CANTOPEN: (StoreUnavailable, "the database file cannot be opened"),
    sqlite3.SQLITE_READONLY: (StoreUnavailable, "the database file is read only"),
    sqlite3.SQLITE_PERM: (StoreUnavailable, "the database file is not permitted"),
    sqlite3.SQLITE_NOMEM: (StoreUnavailable, "out of memory"),
    sqlite3.SQLITE_PROTOCOL: (StoreUnavailable, "the database file is contended"),
    sqlite3.SQLITE_INTERRUPT: (StoreUnavailable, "the statement was interrupted"),
    sqlite3.SQLITE_CONSTRAINT: (RowRefused, "a value breaks a rule of the schema"),
    sqlite3.SQLITE_TOOBIG: (RowRefused, "a value is too large"),
    sqlite3.SQLITE_MISMATCH: (RowRefused, "a value does not fit"),
    sqlite3.SQLITE_CORRUPT: (StoreError, "the database file is damaged: restore a backup"),
    sqlite3.SQLITE_NOTADB: (StoreError, "the file is no SQLite database"),
}
"""By primary result code (https://www.sqlite.org/rescode.html)."""

PRIMARY_CODE = 0xFF
"""The lowest byte of an extended result code."""


class SqliteDatabase:
    """See `database.Database`."""

    exclusive = True

    def __init__(self, writer: Engine, reader: Engine, lock: LockFile) -> None:
        self._writer = writer
        self._reader = reader
        self._lock: LockFile | None = lock
        self._writes = GroupCommit(writer.connect(), store_error)
        self._reads = ThreadPoolExecutor(READERS, "store-reader")

    @classmethod
    def open(cls, url: URL) -> Self:
        """Opens the file, and makes it with its folder where there is none."""
        path = Path(str(url.database)).absolute()
        _create(path)
        lock = LockFile(path)
        try:
            return cls(_engine(path, begin="BEGIN IMMEDIATE"), _engine(path, begin="BEGIN", query_only=True), lock)
        except (DBAPIError, sqlite3.Error) as error:
            failure = error
        lock.release()
        raise store_error(failure)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """See `database.Database.write`. Calls are carried out in the order in which they were made."""
        return await self._writes.run(work)

    async def write_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """See `database.Database.write_each`."""
        return await self._writes.run_each(work, item)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """See `database.Database.read`. Sees everything committed before."""
        if self._lock is None:
            raise StoreUnavailable("the database is closed")
        return await asyncio.get_running_loop().run_in_executor(self._reads, self._read, work)

    async def listen(self, hear: Callable[[Notice], None]) -> None:
        """See `database.Database.listen`. There is nobody to be heard: the lock keeps other servers off."""
        del hear
        await asyncio.Event().wait()

    async def scrub(self) -> None:
        """See `database.Database.scrub`. The log holds what pages were before: it is cut to nothing."""
        if self._lock is None:
            raise StoreUnavailable("the database is closed")
        await asyncio.get_running_loop().run_in_executor(self._reads, self._cut_log)

    async def close(self) -> None:
        """See `database.Database.close`."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        await asyncio.to_thread(self._shut)
        lock.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._reader.begin() as connection:
                return work(connection)
        except (DBAPIError, sqlite3.Error, OverflowError) as error:
            failure: Exception = error
        raise store_error(failure)

    def _cut_log(self) -> None:
        with self._reader.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            for _ in range(SCRUB_TRIES):
                # Waits for whoever reads or writes, each time no longer than the busy timeout.
                ((busy, _frames, _done),) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                if not busy:
                    return
        raise StoreUnavailable("the log of the database is in use, so what was deleted still stands in it")

    def _shut(self) -> None:
        self._writes.close()
        self._reads.shutdown()
        self._reader.dispose()
        self._writer.dispose()


def _create(path: Path) -> None:
    """Makes folder and file readable by their owner alone; the log files beside take over the file's mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(f"cannot create the database {path}: {error.strerror}") from error


def _engine(path: Path, *, begin: str, query_only: bool = False) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 400},
        hide_parameters=True,
        pool_size=READERS,
        max_overflow=0,
    )
    pragmas = (*PRAGMAS, "query_only = ON") if query_only else PRAGMAS

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    # The driver is in autocommit mode and begins nothing by itself: otherwise it begins late, at the first change,
    # and what was read before may no longer hold.
    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute(begin)

    return engine


def store_error(error: BaseException) -> StoreError:
    """The store's error for a driver's, which becomes its cause without the values it may quote."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    kind, message = _kind_of(origin)
    refusal = kind(message)
    refusal.__cause__ = DriverError(origin, code=getattr(origin, "sqlite_errorname", ""))
    return refusal


def _kind_of(error: BaseException) -> tuple[type[StoreError], str]:
    if isinstance(error, OverflowError):
        return RowRefused, "a number is too large"
    if isinstance(error, Contended):
        # As where PostgreSQL has run it again often enough: whoever asked may ask again.
        return StoreUnavailable, "another transaction got there first"
    code = getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE
    return ERROR_OF_CODE.get(code, (StoreError, "the database refuses a statement"))
