"""Media in a folder of this machine, or in an object store such as S3."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from facebook_connector.media.keep import CHUNK_BYTES, KeepError, Kept, Medium, path_of

PART_BYTES: Final = 5 * 1024 * 1024
"""How much of an upload is held in memory; S3 takes no smaller part."""


class ObjectMediaStore:
    """A `MediaStore` in a folder or an object store; the key is the medium's id."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, medium: Medium, chunks: AsyncIterator[bytes]) -> Kept:
        """See `MediaStore.put`."""
        path = path_of(medium.media_id)
        try:
            await obstore.put_async(self._store, path, chunks, chunk_size=PART_BYTES, max_concurrency=1)
        except (BaseError, OSError) as error:
            raise KeepError(type(error).__name__) from error
        return Kept(key=medium.media_id)

    async def get(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """See `MediaStore.get`."""
        if not length:
            return
        try:
            found = await obstore.get_async(self._store, path_of(key), options={"range": (offset, offset + length)})
            async for piece in found.stream(min_chunk_size=CHUNK_BYTES):
                view = memoryview(piece)
                for start in range(0, len(view), CHUNK_BYTES):
                    yield bytes(view[start : start + CHUNK_BYTES])
        except FileNotFoundError as error:
            raise KeyError(key) from error
        except (BaseError, OSError) as error:
            raise KeepError(type(error).__name__) from error

    async def delete(self, key: str) -> None:
        """See `MediaStore.delete`."""
        try:
            await obstore.delete_async(self._store, path_of(key))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise KeepError(type(error).__name__) from error


def store_at(url: str) -> ObjectMediaStore:
    """The store that `url` names (`s3://bucket/prefix`, `gs://…`, `az://…`, `file:///…`). Raises `KeepError`.

    A folder is made if need be. Credentials come from the environment, as the providers' own tools read them.
    """
    try:
        return ObjectMediaStore(from_url(url, mkdir=True) if url.startswith("file:") else from_url(url))
    except (BaseError, OSError) as error:
        raise KeepError(type(error).__name__) from error


def store_in(folder: Path) -> ObjectMediaStore:
    """The store in a folder, which is made if need be. Raises `KeepError`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return ObjectMediaStore(LocalStore(prefix=folder.absolute()))
    except (BaseError, OSError) as error:
        raise KeepError(type(error).__name__) from error
