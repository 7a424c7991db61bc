from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from facebook_connector.store.database import open_database
from facebook_connector.store.migrate import migrate, newest_revision, prepare
from tests.support import release_0_1_0 as before
from tests.support.operators import running_operators


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    name = "sqlite_url" if request.param == "sqlite" else "empty_postgresql_url"
    return str(request.getfixturevalue(name))


async def test_every_table_of_the_first_release_has_a_row_on_trial(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        await database.write(before.build)
        tables = set(await database.read(lambda transaction: inspect(transaction).get_table_names()))
        filled = await database.read(before.contents)
    assert tables - {"alembic_version"} == filled.keys()
    assert all(filled.values())


async def test_an_upgrade_keeps_every_row(empty_url: str) -> None:
    async with open_database(empty_url) as database:
        await database.write(before.build)
        kept = await database.read(before.contents)
        assert await migrate(database) == newest_revision() > before.REVISION
        now = await database.read(before.contents)
    for table in before.MADE_AT_ONCE:
        # Columns that came later stand beside those that were.
        now[table] = [{name: new[name] for name in old} for old, new in zip(kept[table], now[table], strict=True)]
    assert now == kept


async def test_what_was_unread_is_delivered_after_the_upgrade(empty_url: str, tmp_path: Path) -> None:
    async with open_database(empty_url) as database:
        await database.write(before.build)
        if not database.exclusive:
            await migrate(database)
    async with running_operators(tmp_path / "data", empty_url) as operators:
        received = await operators.received(3)
    texts = [one.message.body.markdown_text for one in received if one.envelope.origin == 1]
    assert {before.UNREAD, before.WAITING} <= set(texts)


async def test_an_embedded_database_is_upgraded_by_its_server(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        await database.write(before.build)
    async with open_database(sqlite_url) as database:
        await prepare(database)
        assert await migrate(database) == newest_revision()
        assert (await database.read(before.contents))["event"]
