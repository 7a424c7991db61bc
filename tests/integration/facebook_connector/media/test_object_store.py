from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from facebook_connector.media.folder import open_media_store
from facebook_connector.media.keep import CHUNK_BYTES, KeepError, MediaStore, Medium
from tests.support.kept_media import is_kept

KEY = "abcdef"
MEDIUM = Medium(media_id=KEY)
BODY = bytes(range(256)) * 3000


@pytest.fixture(params=["folder", "url of a folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    urls = {"folder": "", "url of a folder": f"file://{tmp_path}/kept", "memory": "memory:///"}
    return open_media_store(urls[request.param], tmp_path / "media")


async def pieces(*bodies: bytes) -> AsyncIterator[bytes]:
    for body in bodies:
        yield body


async def content(store: MediaStore, offset: int, length: int) -> list[bytes]:
    return [chunk async for chunk in store.get(KEY, offset, length)]


async def test_what_is_put_can_be_read(store: MediaStore) -> None:
    await store.put(MEDIUM, pieces(BODY[:1000], BODY[1000:]))

    assert b"".join(await content(store, 0, len(BODY))) == BODY


async def test_a_part_can_be_read_in_small_pieces(store: MediaStore) -> None:
    await store.put(MEDIUM, pieces(BODY))
    chunks = await content(store, 5, 700_000)

    assert b"".join(chunks) == BODY[5:700_005]
    assert max(map(len, chunks)) <= CHUNK_BYTES
    assert await content(store, len(BODY), 0) == []


async def test_a_second_put_takes_the_place_of_the_first(store: MediaStore) -> None:
    await store.put(MEDIUM, pieces(BODY))
    await store.put(MEDIUM, pieces(b"new"))

    assert await content(store, 0, 3) == [b"new"]


async def test_what_breaks_off_is_not_there(store: MediaStore) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield BODY * 10
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await store.put(MEDIUM, broken())

    assert not await is_kept(store, KEY)


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(store: MediaStore) -> None:
    await store.put(MEDIUM, pieces(BODY))
    await store.delete(KEY)
    await store.delete(KEY)

    assert not await is_kept(store, KEY)
    with pytest.raises(KeyError):
        await content(store, 0, 1)


async def test_a_folder_is_made_when_it_is_needed_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "media"
    store = open_media_store("", folder)
    assert not folder.exists()
    await store.put(MEDIUM, pieces(BODY))

    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = open_media_store("", tmp_path / "file" / "media")

    with pytest.raises(KeepError):
        await store.put(MEDIUM, pieces(BODY))


def test_a_url_of_no_store_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeepError):
        open_media_store("nonsense://bucket", tmp_path)
