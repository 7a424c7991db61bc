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
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_, greenlet_spawn

from facebook_connector.store.engines.listener import Listener
from facebook_connector.store.engines.postgresql_errors import DRIVER_ERRORS, RUN_AGAIN, describe, store_error
from facebook_connector.store.engines.shared_writes import SharedWrites
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


class PostgresqlDatabase:
    """See `database.Database`. Any number of servers may use it."""

    exclusive = False

    def __init__(self, engine: AsyncEngine, listener: Listener) -> None:
        self._engine = engine
        self._listener = listener
        self._running: set[asyncio.Task[Any]] = set()
        self._shared = SharedWrites(self._run, self._keep)

    @classmethod
    def open(cls, url: URL) -> Self:
        """Does not connect yet: a database that is down now may be up at the first call."""
        # asyncpg reads the URL itself, so that whatever libpq understands (sslmode, host, passfile) works here.
        dsn = url.render_as_string(hide_password=False)

        async def connect(**_: object) -> Any:
            return await asyncpg.connect(
                dsn,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=COMMAND_TIMEOUT_S,
                server_settings=SESSION,
                statement_cache_size=STATEMENTS_KEPT,
                # For as long as the connection, and however long their text.
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
            )

        name = secrets.token_hex(4)
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connect,
            # SQLAlchemy begins nothing: see `_transact`.
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            execution_options={SENDER: name},
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            # What was used last has most statements prepared, and their plans made.
            pool_use_lifo=True,
        )
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return cls(engine, Listener(connect, name))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """See `database.Database.write`. `work` may be run several times."""
        # A task of its own: cancelling a caller in the middle of a transaction would cost the connection.
        task = asyncio.create_task(self._run(work), name="store transaction")
        self._keep(task)
        return await asyncio.shield(task)

    async def write_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """See `database.Database.write_each`. Different works run beside one another."""
        return await self._shared.run_each(work, item)

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

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen: the caller may have been cancelled

    async def _run(self, work: Callable[[Connection], T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                return await greenlet_spawn(_transact, self._engine.sync_engine, work)
            except DRIVER_ERRORS as error:
                failure = describe(error)
            if failure.code not in RUN_AGAIN:
                break
            await asyncio.sleep(BACKOFF.delay(attempt, random.random))
        # Raised outside the handler, so that the driver's exception, which quotes rows, is not even its context.
        raise store_error(failure) from failure


def _transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Runs `work` in a transaction that we begin and end ourselves.

    SQLAlchemy would begin with the first statement that it sees, and what is prepared goes to the driver straight.
    """
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        await_(driver.execute("BEGIN"))
        try:
            result = work(connection)
            await_(driver.execute("COMMIT"))
        except Exception:
            if _in_transaction(driver):
                await_(driver.execute("ROLLBACK"))
            raise
        finally:
            # Cut off in the middle: what has no connection is rolled back.
            if _in_transaction(driver):
                driver.terminate()
        return result


def _in_transaction(driver: Any) -> bool:
    return not driver.is_closed() and bool(driver.is_in_transaction())


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Makes the pool replace a connection that broke while it was idle, instead of a call failing on it."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
