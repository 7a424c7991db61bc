"""Brings a database to the schema of this program, and refuses to work on any other.

An embedded database migrates when its server starts. PostgreSQL is migrated by the command alone: several servers may
be running on it, and who owns a shared database decides when its tables change. An empty database is made as it is to
be; only one that an earlier release made goes through the migrations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import func, inspect, select

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import SchemaMismatch
from facebook_connector.store.fresh import VERSION, create

MIGRATIONS: Final = Path(__file__).with_name("migrations")

REVISIONS: Final = tuple(sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))
"""Every schema that this program can migrate from or works on, the oldest first: a migration's file begins with it."""

ADVISORY_LOCK = 0x66626D69
"""Any number that nothing else on the database uses: two `migrate` commands at once take turns."""


async def prepare(database: Database) -> None:
    """What a server does at its start: migrates an embedded database, checks any other. Raises `SchemaMismatch`."""
    if database.exclusive:
        await migrate(database)
    else:
        await require_current(database)


async def migrate(database: Database) -> str:
    """Migrates to the newest schema, in one transaction, and returns its revision.

    Does nothing to a current database. Raises `SchemaMismatch` if a newer program has migrated it already.
    """
    return await database.write(_upgrade)


async def require_current(database: Database) -> None:
    """Raises `SchemaMismatch` unless the database has exactly the schema of this program."""
    present = await database.read(_present)
    newest = newest_revision()
    _refuse_unknown(present)
    if present != newest:
        raise SchemaMismatch(
            f"the database has schema {present or 'none'} and this program needs {newest}:"
            " run `facebook-connector migrate`"
        )


def newest_revision() -> str:
    """The revision of the schema that this program works on."""
    return REVISIONS[-1]


def _upgrade(transaction: Transaction) -> str:
    if transaction.dialect.name == "postgresql":
        transaction.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
    present, newest = _present(transaction), newest_revision()
    _refuse_unknown(present)
    if present is None:
        create(transaction, newest)
    elif present != newest:
        # Alembic and what it brings are a tenth of what a server holds in memory, and a schema is seldom behind.
        from facebook_connector.store.migrations.upgrade import upgrade  # noqa: PLC0415

        upgrade(transaction)
    return newest


def _present(transaction: Transaction) -> str | None:
    if not inspect(transaction).has_table(VERSION.name):
        return None
    return transaction.execute(select(VERSION.c.version_num)).scalar()


def _refuse_unknown(revision: str | None) -> None:
    if revision is not None and revision not in REVISIONS:
        raise SchemaMismatch(
            f"the database has schema {revision}, made by a newer facebook-connector; this one knows up to"
            f" {newest_revision()}: run the newer one, or restore a backup from before"
        )
