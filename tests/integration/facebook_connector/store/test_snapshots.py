from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from facebook_connector.store import snapshots
from facebook_connector.store.database import Database, open_database
from facebook_connector.store.errors import SchemaMismatch, StoreError, StoreUnavailable
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaResult
from facebook_connector.store.migrate import migrate, newest_revision
from facebook_connector.store.schema import event
from tests.support.inbound_records import NOW_MS, add_page, an_event
from tests.support.media_records import TEXT, a_medium_event
from tests.support.outbound_queue import OutboundQueue


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "connector.db"


async def opened(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")
    await migrate(database)
    return database


async def test_a_copy_holds_what_was_committed_while_the_server_runs(path: Path, tmp_path: Path) -> None:
    async with await opened(path) as database:
        await add_page(database)
        await EventStore(database).ingest([an_event("m_1")], NOW_MS)
        snapshot = snapshots.take(path, tmp_path / "copy.db")
        await EventStore(database).ingest([an_event("m_2")], NOW_MS)
    assert snapshot.schema == newest_revision()
    assert len(snapshot.installation_id) == 32
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT mid FROM event").fetchall() == [("m_1",)]
    copy.close()


async def test_nothing_that_was_deleted_goes_into_a_copy(path: Path, tmp_path: Path) -> None:
    async with await opened(path) as database:
        await add_page(database)
        await EventStore(database).ingest([an_event("m_1", raw=b"canary" * 100)], NOW_MS)
        await database.write(lambda transaction: transaction.execute(delete(event)))
        snapshots.take(path, tmp_path / "copy.db")
    assert b"canary" not in (tmp_path / "copy.db").read_bytes()


async def test_what_the_file_engine_keeps_is_counted_and_not_named(path: Path, tmp_path: Path) -> None:
    async with await opened(path) as database:
        await add_page(database)
        await EventStore(database).ingest([a_medium_event("m_1", "https://cdn.fbsbx.com/1", TEXT)], NOW_MS)
        await EventStore(database).ingest([a_medium_event("m_2", "https://cdn.fbsbx.com/2", psid="8")], NOW_MS)
        log = MediaLog(database)
        for download, kept_as in zip(
            await log.claim("server", now_ms=NOW_MS, until_ms=NOW_MS + 1, limit=2),
            (None, "file-engine:0a_1.png"),
            strict=True,
        ):
            stored = MediaResult(mime_type="image/png", name="1.png", size=7, sha256="ab" * 32, kept_as=kept_as)
            await log.settle(download, stored, lambda *kept: kept, now_ms=NOW_MS, expire_time_ms=NOW_MS + 9)
        snapshot = snapshots.take(path, tmp_path / "copy.db")
    assert (len(snapshot.media_ids), snapshot.in_file_engine) == (1, 1)


async def test_a_copy_of_a_release_before_the_file_engine_is_read(path: Path) -> None:
    async with await opened(path) as database:
        await database.write(lambda transaction: transaction.execute(text("ALTER TABLE media DROP COLUMN kept_as")))
        await database.write(
            lambda transaction: transaction.execute(text("UPDATE alembic_version SET version_num = '0014'"))
        )
    snapshot = snapshots.examine(path)
    assert (snapshot.schema, snapshot.in_file_engine) == ("0014", 0)


async def test_messages_that_waited_expire_at_the_time_of_the_copy(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    async with await opened(path) as database:
        queue = OutboundQueue(database)
        await queue.accept("out-1")
        await queue.accept("out-2")
        snapshots.take(path, copy)
    assert snapshots.end_waiting(copy, NOW_MS + 5) == 2
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT DISTINCT expire_time_ms FROM outbound_message").fetchall() == [(NOW_MS + 5,)]
    connection.close()


async def test_a_copy_of_a_newer_release_is_refused(path: Path) -> None:
    async with await opened(path) as database:
        await database.write(
            lambda transaction: transaction.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        )
    with pytest.raises(SchemaMismatch, match="9999, made by a newer facebook-connector"):
        snapshots.examine(path)


async def test_a_damaged_copy_is_refused(path: Path) -> None:
    async with await opened(path) as database:
        await add_page(database)
    damage(path)
    with pytest.raises(StoreError, match="damaged"):
        snapshots.examine(path)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[8192:16384] = bytes(8192)
    path.write_bytes(content)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        snapshots.examine(tmp_path / "nothing.db")
    (tmp_path / "text").write_text("no database at all, but a text that is long enough to be looked at" * 20)
    with pytest.raises(StoreError, match="no SQLite database"):
        snapshots.examine(tmp_path / "text")


async def test_a_scrubbed_database_holds_nothing_that_was_deleted(path: Path) -> None:
    async with await opened(path) as database:
        await add_page(database)
        await EventStore(database).ingest(
            [an_event(f"m_{number}", psid=str(number), raw=b"canary" * number) for number in range(1, 500)], NOW_MS
        )
        assert any(b"canary" in file.read_bytes() for file in path.parent.iterdir())
        await database.write(lambda transaction: transaction.execute(delete(event)))
        await database.scrub()
        assert not [file.name for file in path.parent.iterdir() if b"canary" in file.read_bytes()]


async def test_a_log_that_somebody_reads_is_not_taken_for_scrubbed(path: Path) -> None:
    async with await opened(path) as database:
        await add_page(database)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM channel").fetchall()
        await EventStore(database).ingest([an_event("m_1")], NOW_MS)
        with pytest.raises(StoreUnavailable, match="in use"):
            await database.scrub()
        reader.close()
        await database.scrub()
