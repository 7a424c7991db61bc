"""The database as PostgreSQL: a pool of connections over asyncpg, one transaction on each at a time.

Transactions are READ COMMITTED and lock the rows they decide on. What PostgreSQL refuses for the sake of others
(deadlock, serialization) is run again, a few times; what it cannot do now is `StoreUnavailable`.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from facebook_connector.store.engines.listener import Listener
from facebook_connector.store.errors import (
    Contended,
    DriverError,
    RowRefused,
    SchemaMismatch,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from facebook_connector.store.notices import SENDER, Notice
from service_runtime.backoff import Backoff
from service_runtime.logs import get_logger

T = TypeVar("T")
Item = TypeVar("Item")

_log = get_logger("store")

POOL_SIZE = 10
POOL_TIMEOUT_S = 3.0
CONNECT_TIMEOUT_S = 3.0
"""Both stay under the 4 s that the gateway gives an ingest."""

COMMAND_TIMEOUT_S = 30.0

CLOSE_WITHIN_S = 1.5
"""How long a stop waits for what is under way: its callers are gone by then, and a database may hang."""

STATEMENTS_KEPT = 400
"""Prepared statements kept per connection; more than the store has."""

SESSION = {
    "application_name": "facebook-connector",
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    # Compiling a plan takes longer than any statement of ours runs.
    "jit": "off",
    # Every statement of ours reaches its rows by index. The planner meets empty tables first and keeps its plans; so it
    # is kept from reading tables whole, which is cheap for a small one and holds up everybody once it has grown.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

TRIES = 6
BACKOFF = Backoff(first=0.01, cap=0.2)

RUN_AGAIN = frozenset({"40001", "40P01", "23503"})
"""Serialization failure, deadlock; and a foreign key whose row was deleted since this transaction read it."""

ERROR_OF_SQLSTATE: tuple[tuple[str, type[StoreError], str], ...] = (
    ("53100", StoreFull, "the disk of the database is full"),
    ("53", StoreUnavailable, "the database is out of resources"),
    ("08", StoreUnavailable, "the connection to the database broke"),
    ("57014", StoreUnavailable, "the database took too long"),
    ("57", StoreUnavailable, "the database is stopping or starting"),
    ("25006", StoreUnavailable, "the database is read only, as after a failover"),
    ("25P03", StoreUnavailable, "the database ended an idle transaction"),
    ("55", StoreUnavailable, "a row of the database stayed locked"),
    ("40", StoreUnavailable, "the database is too contended"),
    ("58", StoreUnavailable, "the database cannot read or write its files"),
    ("28", StoreUnavailable, "the database refuses the user or password"),
    ("3D", StoreUnavailable, "the database does not exist"),
    ("42501", StoreUnavailable, "the database user lacks a privilege"),
    ("42P01", SchemaMismatch, "a table is missing: run `facebook-connector migrate`"),
    ("42703", SchemaMismatch, "a column is missing: run `facebook-connector migrate`"),
    ("22", RowRefused, "a value does not fit"),
    ("23", RowRefused, "a value breaks a rule of the schema"),
    ("54", RowRefused, "a value is too large"),
)
"""By the longest matching beginning of the SQLSTATE, most specific first
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

DRIVER_ERRORS = (
    Contended,
    DBAPIError,
    PoolTimeoutError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
"""Refusals of a connection come unwrapped, as the driver or the system raised them."""


class PostgresqlDatabase:
    """See `database.Database`. Any number of servers may use it."""

    exclusive = False

    def __init__(self, engine: AsyncEngine, listener: Listener) -> None:
        self._engine = engine
        self._listener = listener
        self._running: set[asyncio.Task[Any]] = set()

    @classmethod
    def open(cls, url: URL) -> Self:
        """Does not connect yet: a database that is down now may be up at the first call."""
        # asyncpg reads the URL itself, so that whatever libpq understands (sslmode, host, passfile) works here.
        dsn = url.render_as_string(hide_password=False)

        async def connect(**_: object) -> Any:
            return await asyncpg.connect(
                dsn, timeout=CONNECT_TIMEOUT_S, command_timeout=COMMAND_TIMEOUT_S, server_settings=SESSION
            )

        name = secrets.token_hex(4)
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connect,
            connect_args={"prepared_statement_cache_size": STATEMENTS_KEPT},
            hide_parameters=True,
            execution_options={SENDER: name},
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
        )
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return cls(engine, Listener(connect, name))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """See `database.Database.write`. `work` may be run several times."""
        # A task of its own: cancelling a caller in the middle of a transaction would cost the connection.
        task = asyncio.create_task(self._run(work), name="store transaction")
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def write_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """See `database.Database.write_each`. Each item has a transaction of its own: they run beside one another."""
        return await self.write(lambda connection: work(connection, (item,))[0])

    async def read(self, work: Callable[[Connection], T]) -> T:
        """See `database.Database.read`."""
        return await self.write(work)

    async def listen(self, hear: Callable[[Notice], None]) -> None:
        """See `database.Database.listen`."""
        await self._listener.run(hear)

    async def scrub(self) -> None:
        """See `database.Database.scrub`."""

    async def close(self) -> None:
        """See `database.Database.close`."""
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await asyncio.gather(*self._running, return_exceptions=True)
                await self._engine.dispose()
        except TimeoutError:
            _log.warning("the database did not answer the end of its connections")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen: the caller may have been cancelled

    async def _run(self, work: Callable[[Connection], T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(work)
            except DRIVER_ERRORS as error:
                failure = _describe(error)
            if failure.code not in RUN_AGAIN:
                break
            await asyncio.sleep(BACKOFF.delay(attempt, random.random))
        # Raised outside the handler, so that the driver's exception, which quotes rows, is not even its context.
        raise store_error(failure) from failure


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Makes the pool replace a connection that broke while it was idle, instead of a call failing on it."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _describe(error: BaseException) -> DriverError:
    if isinstance(error, Contended):
        return DriverError(error, code="40001")
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    driver = origin.__cause__ or origin
    return DriverError(
        driver, code=getattr(driver, "sqlstate", None) or "", constraint=getattr(driver, "constraint_name", None) or ""
    )


def store_error(failure: DriverError) -> StoreError:
    """The store's error for what the driver said. What has no SQLSTATE is a connection that failed or timed out."""
    if not failure.code:
        return StoreUnavailable("the database cannot be reached")
    for beginning, kind, message in ERROR_OF_SQLSTATE:
        if failure.code.startswith(beginning):
            return kind(message)
    return StoreError(f"the database refuses a statement ({failure.code})")
