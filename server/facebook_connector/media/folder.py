"""The folder beside the database in which media are kept unless a setting names another place.

Not every server keeps media there: the folder is made, and the library that writes into it is loaded, when one does.
Measured: 4.5 MB of what an idle server holds; to load it takes 8 ms of the first medium.
"""

# ruff: noqa: PLC0415 # see above
from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from facebook_connector.media.keep import Kept, Medium

if TYPE_CHECKING:
    from facebook_connector.media.object_store import ObjectMediaStore


class FolderMediaStore:
    """A `MediaStore` in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, medium: Medium, chunks: AsyncIterator[bytes]) -> Kept:
        """See `MediaStore.put`."""
        return await self._store.put(medium, chunks)

    async def get(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """See `MediaStore.get`."""
        async for piece in self._store.get(key, offset, length):
            yield piece

    async def delete(self, key: str) -> None:
        """See `MediaStore.delete`."""
        await self._store.delete(key)

    @cached_property
    def _store(self) -> ObjectMediaStore:
        from facebook_connector.media.object_store import store_in

        return store_in(self._folder)


def open_media_store(url: str, folder: Path) -> FolderMediaStore | ObjectMediaStore:
    """The store that `url` names, see `object_store.store_at`; empty: `folder`. Raises `KeepError`."""
    if not url:
        return FolderMediaStore(folder)
    from facebook_connector.media.object_store import store_at

    return store_at(url)
