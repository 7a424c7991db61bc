"""Whole copies of an embedded database: taken beside a server that runs, examined, and made fit to be run again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from facebook_connector.store.engines.sqlite import BUSY_TIMEOUT_MS, store_error
from facebook_connector.store.errors import SchemaMismatch, StoreError
from facebook_connector.store.migrate import REVISIONS

STORED_MEDIA = "SELECT media_id FROM media WHERE state = 'STORED'"
KEPT_AS = "SELECT count(*) FROM pragma_table_info('media') WHERE name = 'kept_as'"
"""A database of schema 0014 or older does not have it: it knows no File Engine."""

END_WAITING = "UPDATE outbound_message SET expire_time_ms = min(expire_time_ms, ?) WHERE close_time_ms IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a copy says of itself."""

    schema: str
    installation_id: str
    media_ids: tuple[str, ...]
    """The media whose bytes are in our own place."""
    in_file_engine: int
    """How many media there are besides, whose bytes the File Engine has."""
    key_ids: tuple[str, ...]
    """The keys that the channels' secrets are sealed with."""


def take(database: Path, copy: Path) -> Snapshot:
    """Copies a database as it is at one moment, compacted: nothing that was deleted goes along. `copy` must not exist.

    The server goes on meanwhile, its log grows. Raises `StoreError`.
    """
    with _opened(database) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)
    return examine(copy)


def examine(copy: Path) -> Snapshot:
    """Looks whether a copy is whole. Raises `StoreError`, and `SchemaMismatch` if a newer release made it."""
    with _opened(copy) as connection:
        ((verdict,),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if verdict != "ok":
            raise StoreError("the database in the backup is damaged")
        return _described(connection)


def end_waiting(copy: Path, now_ms: int) -> int:
    """Lets messages to customers that still wait expire, and returns how many wait.

    The server that the copy was taken from has sent them meanwhile; sent from here they would come twice.
    """
    with _opened(copy) as connection, connection:
        return connection.execute(END_WAITING, (now_ms,)).rowcount


def _described(connection: sqlite3.Connection) -> Snapshot:
    ((schema,),) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    if schema not in REVISIONS:
        raise SchemaMismatch(
            f"the backup has schema {schema}, made by a newer facebook-connector: restore it with that one"
        )
    ((installation_id,),) = connection.execute("SELECT installation_id FROM installation").fetchall()
    stored = {row[0] for row in connection.execute(STORED_MEDIA)}
    ((knows_file_engine,),) = connection.execute(KEPT_AS).fetchall()
    own = {row[0] for row in connection.execute(f"{STORED_MEDIA} AND kept_as IS NULL")} if knows_file_engine else stored
    return Snapshot(
        schema=schema,
        installation_id=installation_id,
        media_ids=tuple(sorted(own)),
        in_file_engine=len(stored - own),
        key_ids=tuple(row[0] for row in connection.execute("SELECT DISTINCT key_id FROM channel_secret ORDER BY 1")),
    )


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise StoreError(f"there is no database {path}")
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
            yield connection
    except sqlite3.Error as error:
        failure = error
    else:
        return
    raise store_error(failure)
