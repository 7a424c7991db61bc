"""One database behind two calls, `write` and `read`, whichever engine it is.

A transaction is one synchronous function that gets the open transaction and returns a value. It is run whole: on
SQLite on the writer's thread, on PostgreSQL over asyncpg. It may be run again if the engine asks for it, so it
changes nothing but the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeAlias, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from facebook_connector.store.engines.sqlite import SqliteDatabase
from facebook_connector.store.errors import DatabaseUrlError
from facebook_connector.store.notices import Notice

T = TypeVar("T")
Item = TypeVar("Item")

Transaction: TypeAlias = Connection
"""An open transaction; opaque outside the store."""


class Database(Protocol):
    """Runs transactions. Every error it raises is a `StoreError`, or what the given function raised itself."""

    @property
    def exclusive(self) -> bool:
        """Whether no other server can use this database: whatever earlier owners held is free."""
        ...

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in a transaction of its own and returns its result after the commit.

        If `work` raises, nothing of it is kept. A call that is cancelled may still be carried out.
        """
        ...

    async def write_each(self, work: Callable[[Transaction, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """As `write`, but `work` may be given the items of other calls, too, that wait with this very `work`.

        It gives a result for each item, in their order, as if it had been run for one after the other. If it raises for
        several, it is run for each alone.
        """
        ...

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work`, which changes nothing, beside the writers."""
        ...

    async def listen(self, hear: Callable[[Notice], None]) -> None:
        """Calls `hear` with what other servers tell (see `notices`), until cancelled; never raises for the database.

        `MISSED` comes first, and again whenever anything may have been missed.
        """
        ...

    async def scrub(self) -> None:
        """Sees to it that what was deleted by now stands in no file of the database any more.

        Of PostgreSQL's files only its operator disposes (VACUUM, and how long its log is kept): nothing is done there.
        Raises `StoreUnavailable` if it cannot be done now.
        """
        ...

    async def close(self) -> None:
        """Waits for what is running and lets the database go. May be called again."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...


def open_database(url: str) -> Database:
    """The database at `sqlite:///path` or `postgresql://user@host/name`. Does not look at its schema; see `migrate`.

    Raises `DatabaseUrlError`, for SQLite `DatabaseInUse` when another server has it, and `StoreUnavailable`.
    """
    parsed = _parse(url)
    if parsed.drivername == "sqlite":
        return SqliteDatabase.open(parsed)
    # Its driver and its engine would be a fifth of what a server with an embedded database loads at its start.
    from facebook_connector.store.engines.postgresql import PostgresqlDatabase  # noqa: PLC0415

    return PostgresqlDatabase.open(parsed)


def _parse(url: str) -> URL:
    # The URL is not repeated in errors: it may hold a password.
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUrlError(
            "the database URL must look like sqlite:///path or postgresql://user@host/name"
        ) from None
    if parsed.drivername not in {"sqlite", "postgresql"}:
        raise DatabaseUrlError(f"the database URL begins with {parsed.drivername}, not with sqlite or postgresql")
    if parsed.drivername == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise DatabaseUrlError("the database URL sqlite:/// must name a file")
    return parsed
