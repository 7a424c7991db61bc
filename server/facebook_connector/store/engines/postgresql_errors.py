"""What PostgreSQL and its driver refuse, in the store's words.

The driver's errors come as SQLAlchemy wraps them, or as they are from statements that go to the driver straight.
"""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from facebook_connector.store.errors import (
    Contended,
    DriverError,
    RowRefused,
    SchemaMismatch,
    StoreError,
    StoreFull,
    StoreUnavailable,
)

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
"""What becomes a store's error."""


def describe(error: BaseException) -> DriverError:
    """Its code and constraint, without what it quotes."""
    if isinstance(error, Contended):
        return DriverError(error, code="40001")
    driver = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        driver = error.orig.__cause__ or error.orig
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
