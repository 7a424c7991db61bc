"""Where media are: in our own place or in the File Engine, which an installation may change while media are kept.

New media go to the chosen one. What was kept before is read and deleted where it is, by its key.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from facebook_connector.media.file_engine.engine import FileEngine
from facebook_connector.media.keep import KeepError, Kept, MediaStore, Medium
from facebook_connector.store.media.values import IN_FILE_ENGINE


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlaces:
    """A `MediaStore` of both."""

    own: MediaStore
    file_engine: FileEngine | None = None
    new_in_file_engine: bool = False
    """Where `put` puts."""

    async def put(self, medium: Medium, chunks: AsyncIterator[bytes]) -> Kept:
        """See `MediaStore.put`."""
        chosen = self._engine() if self.new_in_file_engine else self.own
        return await chosen.put(medium, chunks)

    async def get(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """See `MediaStore.get`."""
        async for chunk in self._of(key).get(key, offset, length):
            yield chunk

    async def delete(self, key: str) -> None:
        """See `MediaStore.delete`."""
        if self.file_engine is not None or not key.startswith(IN_FILE_ENGINE):
            await self._of(key).delete(key)

    def _of(self, key: str) -> MediaStore:
        return self._engine() if key.startswith(IN_FILE_ENGINE) else self.own

    def _engine(self) -> FileEngine:
        if self.file_engine is None:
            raise KeepError("FBC_FILE_ENGINE_URL is not set, and the medium is there")
        return self.file_engine
