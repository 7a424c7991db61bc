from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from cim_messenger.outbound import MediaKind
from facebook_connector.sending.media import AttachmentKey
from facebook_connector.store.database import Database
from facebook_connector.store.outbound.attachment_schema import attachment
from facebook_connector.store.outbound.attachments import USED_MS, AttachmentStore

NOW = 1_794_300_000_000
KEY = AttachmentKey(page_id="1", sha256="ab" * 32, kind=MediaKind.FILE, name="invoice.pdf")


@pytest.fixture
def store(database: Database) -> AttachmentStore:
    return AttachmentStore(database)


async def rows(database: Database) -> int:
    return await database.read(
        lambda transaction: transaction.execute(select(func.count()).select_from(attachment)).scalar_one()
    )


async def test_an_upload_is_found_by_everything_that_makes_it_the_same(store: AttachmentStore) -> None:
    await store.keep(KEY, "1857", now_ms=NOW)
    assert await store.find(KEY, now_ms=NOW) == "1857"
    others = [
        replace(KEY, page_id="2"),
        replace(KEY, sha256="cd" * 32),
        replace(KEY, kind=MediaKind.IMAGE),
        replace(KEY, name="other.pdf"),
    ]
    assert [await store.find(other, now_ms=NOW) for other in others] == [""] * 4


async def test_an_id_is_used_for_eighty_days_and_then_forgotten(store: AttachmentStore, database: Database) -> None:
    await store.keep(KEY, "1857", now_ms=NOW)
    assert await store.find(KEY, now_ms=NOW + USED_MS - 1) == "1857"
    assert await store.find(KEY, now_ms=NOW + USED_MS) == ""
    await store.keep(replace(KEY, page_id="2"), "1858", now_ms=NOW + USED_MS)
    assert await rows(database) == 1


async def test_a_later_upload_takes_the_place_of_an_earlier_one(store: AttachmentStore, database: Database) -> None:
    await store.keep(KEY, "1857", now_ms=NOW)
    await store.keep(KEY, "1858", now_ms=NOW + 1)
    assert await store.find(KEY, now_ms=NOW + USED_MS) == "1858"
    assert await rows(database) == 1


async def test_dropped_ids_are_those_of_the_page_alone(store: AttachmentStore) -> None:
    other = replace(KEY, page_id="2")
    await store.keep(KEY, "1857", now_ms=NOW)
    await store.keep(other, "1857", now_ms=NOW)
    await store.drop("1", ["1857", "unknown"])
    assert (await store.find(KEY, now_ms=NOW), await store.find(other, now_ms=NOW)) == ("", "1857")


async def test_servers_that_upload_the_same_at_once_do_not_hinder_one_another(
    store: AttachmentStore, database: Database
) -> None:
    await store.keep(replace(KEY, name="old.pdf"), "1", now_ms=NOW - USED_MS)
    await asyncio.gather(*(store.keep(KEY, str(number), now_ms=NOW) for number in range(1, 9)))
    assert await store.find(KEY, now_ms=NOW) in set("12345678")
    assert await rows(database) == 1
