from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, update

from facebook_connector.store.channels import (
    ChannelRow,
    ChannelStore,
    Revisions,
    add_channel,
    find_channel,
    remove_channel,
    replace_channel,
)
from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.schema import channel, channel_secret
from tests.support.channel_rows import NEW_SECRET, OLD_SECRET, TOKEN, VERIFY, a_row
from tests.support.inbound_records import PAGE
from tests.support.interleaving import Held, waits_for_a_lock


async def add(database: Database, row: ChannelRow) -> bool:
    return await database.write(lambda transaction: add_channel(transaction, row))


async def change(database: Database, row: ChannelRow, expected_etag: str = "1") -> bool:
    return await database.write(lambda transaction: replace_channel(transaction, row, expected_etag=expected_etag))


async def remove(database: Database, page_id: str = PAGE) -> bool:
    return await database.write(lambda transaction: remove_channel(transaction, page_id))


async def raised(database: Database, before: Revisions) -> tuple[int, int]:
    """By how much the revisions have grown."""
    after = await ChannelStore(database).revisions()
    return after.channels - before.channels, after.keys - before.keys


@pytest.fixture
async def revisions(database: Database) -> Revisions:
    """The revisions of a database that has the channel `a_row()`."""
    assert await add(database, a_row())
    return await ChannelStore(database).revisions()


async def test_a_channel_comes_back_with_all_it_holds(database: Database) -> None:
    assert await add(database, a_row())
    assert await ChannelStore(database).get(PAGE) == a_row()


async def test_absent_and_empty_settings_stay_apart(database: Database) -> None:
    await add(database, a_row(edited_marker=None, default_prompt="", wanted_fields=(), secrets=()))
    row = await ChannelStore(database).get(PAGE)
    assert row is not None
    assert (row.edited_marker, row.default_prompt, row.wanted_fields, row.secrets) == (None, "", (), ())


async def test_an_unknown_page_has_no_channel(database: Database) -> None:
    assert await ChannelStore(database).get("999") is None
    assert not await change(database, a_row("999"))
    assert not await remove(database, "999")


async def test_a_page_has_one_channel(database: Database, revisions: Revisions) -> None:
    assert not await add(database, a_row(app_id="other", secrets=(replace(TOKEN, sealed=b"other"),)))
    assert await ChannelStore(database).get(PAGE) == a_row()
    assert await raised(database, revisions) == (0, 0)


async def test_channels_are_listed_by_page_id_and_in_pages(database: Database) -> None:
    for page_id in ("30", "10", "20", "40"):
        await add(database, a_row(page_id, secrets=(replace(TOKEN, sealed=page_id.encode()),)))
    store = ChannelStore(database)
    first = await store.list(limit=3)
    assert [row.page_id for row in first] == ["10", "20", "30"]
    assert [row.secrets[0].sealed for row in first] == [b"10", b"20", b"30"]
    assert [row.page_id for row in await store.list(after="30", limit=3)] == ["40"]
    assert await store.list(after="40", limit=3) == []


async def test_a_change_under_the_present_etag_is_made(database: Database, revisions: Revisions) -> None:
    changed = a_row(etag="2", state="STOPPED", stop_reason="PAGE_TOKEN_REJECTED", wanted_fields=("messages",))
    assert await change(database, changed)
    assert await ChannelStore(database).get(PAGE) == changed


async def test_a_change_under_another_etag_is_not_made(database: Database, revisions: Revisions) -> None:
    assert not await change(database, a_row(etag="2", secrets=()), expected_etag="0")
    assert await ChannelStore(database).get(PAGE) == a_row()
    assert await raised(database, revisions) == (0, 0)


async def test_secrets_are_replaced_whole(database: Database, revisions: Revisions) -> None:
    await change(database, a_row(secrets=(NEW_SECRET,)))
    row = await ChannelStore(database).get(PAGE)
    assert row is not None
    assert row.secrets == (NEW_SECRET,)


def test_sealed_bytes_do_not_show_in_a_representation() -> None:
    assert "sealed" not in repr(a_row())


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"human_agent_enabled": False}, 0),
        ({"state": "STOPPED", "stop_reason": "PAGE_RESTRICTED"}, 0),
        ({"secrets": (NEW_SECRET, OLD_SECRET, replace(TOKEN, sealed=b"new"), VERIFY)}, 0),
        ({"secrets": (NEW_SECRET, TOKEN, VERIFY)}, 1),
        ({"secrets": (replace(NEW_SECRET, sealed=b"newest"), OLD_SECRET, TOKEN, VERIFY)}, 1),
        ({"secrets": (NEW_SECRET, OLD_SECRET, TOKEN)}, 1),
        ({"app_id": "556"}, 1),
        ({"allow_unsigned": True}, 1),
    ],
)
async def test_each_change_raises_the_revision_and_that_of_the_keys_where_they_changed(
    database: Database, revisions: Revisions, changes: dict[str, object], keys: int
) -> None:
    await change(database, a_row(**changes))
    assert await raised(database, revisions) == (1, keys)


async def test_a_new_and_a_deleted_channel_raise_both_revisions(database: Database, revisions: Revisions) -> None:
    await add(database, a_row("999"))
    assert await raised(database, revisions) == (1, 1)
    await remove(database, "999")
    assert await raised(database, revisions) == (2, 2)


async def test_a_deleted_channel_leaves_no_secret(database: Database, revisions: Revisions) -> None:
    assert await remove(database)
    assert await ChannelStore(database).get(PAGE) is None
    count = select(func.count()).select_from(channel_secret)
    assert await database.read(lambda transaction: transaction.execute(count).scalar_one()) == 0


async def test_a_failed_transaction_changes_nothing(database: Database, revisions: Revisions) -> None:
    def work(transaction: Transaction) -> None:
        replace_channel(transaction, a_row(etag="2", secrets=()), expected_etag="1")
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(work)
    assert await ChannelStore(database).get(PAGE) == a_row()
    assert await raised(database, revisions) == (0, 0)


@pytest.mark.parametrize(
    "statement",
    [
        update(channel).values(state="PAUSED"),
        update(channel).values(stop_reason="PAGE_RESTRICTED"),
        update(channel_secret).values(name="password"),
        insert(channel_secret).values(page_id="999", name="app_secret", position=0, key_id="k", sealed=b""),
    ],
    ids=["an unknown state", "a stop reason of a channel that runs", "an unknown secret", "a secret of no channel"],
)
async def test_what_must_never_be_is_refused(database: Database, revisions: Revisions, statement: object) -> None:
    with pytest.raises(RowRefused):
        await database.write(lambda transaction: transaction.execute(statement))  # type: ignore[call-overload]


# Two servers


@pytest.fixture
async def shared(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


async def test_of_two_channels_made_for_a_page_at_once_one_stays(shared: Database) -> None:
    async with Held(shared, lambda transaction: add_channel(transaction, a_row())) as first:
        second = asyncio.create_task(add(shared, a_row(app_id="other")))
        await waits_for_a_lock(shared, second)
        assert await first.commit()
        assert not await second
        assert await ChannelStore(shared).get(PAGE) == a_row()


async def test_who_reads_a_channel_to_change_it_waits_for_another_change(shared: Database) -> None:
    await add(shared, a_row())
    stopped = a_row(state="STOPPED", stop_reason="PAGE_RESTRICTED", secrets=(TOKEN,))
    async with Held(shared, lambda transaction: replace_channel(transaction, stopped, expected_etag="1")) as first:
        second = asyncio.create_task(shared.write(lambda transaction: find_channel(transaction, PAGE)))
        await waits_for_a_lock(shared, second)
        await first.commit()
        assert await second == stopped


async def test_reading_waits_for_nobody(shared: Database) -> None:
    await add(shared, a_row())
    async with Held(
        shared, lambda transaction: replace_channel(transaction, a_row(etag="2"), expected_etag="1")
    ) as held:
        assert await ChannelStore(shared).get(PAGE) == a_row()
        await held.commit()
