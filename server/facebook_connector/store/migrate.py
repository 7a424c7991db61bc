"""Brings a database to the schema of this program, and refuses to work on any other.

An embedded database migrates when its server starts. PostgreSQL is migrated by the command alone: several servers may
be running on it, and who owns a shared database decides when its tables change.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import func, select

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import SchemaMismatch

MIGRATIONS = Path(__file__).with_name("migrations")

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
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def known_revisions() -> frozenset[str]:
    """Every schema that this program can work on, or migrate."""
    return frozenset(str(script.revision) for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _upgrade(transaction: Transaction) -> str:
    if transaction.dialect.name == "postgresql":
        transaction.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
    _refuse_unknown(_present(transaction))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = transaction
    command.upgrade(config, "head")
    return newest_revision()


def _present(transaction: Transaction) -> str | None:
    return MigrationContext.configure(transaction).get_current_revision()


def _refuse_unknown(revision: str | None) -> None:
    if revision is None:
        return
    try:
        ScriptDirectory(str(MIGRATIONS)).get_revision(revision)
    except CommandError:
        raise SchemaMismatch(
            f"the database has schema {revision}, made by a newer facebook-connector; this one knows up to"
            f" {newest_revision()}: run the newer one, or restore a backup from before"
        ) from None
