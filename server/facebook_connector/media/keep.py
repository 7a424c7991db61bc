"""Where the bytes of media lie, behind one small interface: a local folder, or an object store such as S3.

`file_engine` is the other implementation. Nothing half-written is ever seen: an object is there whole or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

PART_BYTES: Final = 5 * 1024 * 1024
"""How much of an upload is held in memory; S3 takes no smaller part."""

CHUNK_BYTES: Final = 256 * 1024
"""Largest piece that a read gives; `ReadMediaResponse.chunk` promises no larger ones."""


PUT_S: Final = 30.0
"""How long a place may take to keep a medium after its last byte has come."""


class KeepError(Exception):
    """The place where media are kept cannot be used now; the cause names why."""


class RefusedError(Exception):
    """The place takes others, but not this medium. `reason` as in `MediaStatus.failure_reason`.

    `final`: no repeat will help. `size` is that of the medium if it was the reason.
    """

    def __init__(self, reason: str, *, final: bool, size: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.size = size


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """What is to be kept."""

    media_id: str
    name: str = ""
    """For people, with an ending if it has any."""
    mime_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a place says of a medium that it has kept."""

    key: str
    """What it is read and deleted by."""
    link: str = ""
    """Where everybody may read it, as the place itself says; empty: under a link of ours alone."""
    name: str = ""
    """What it is called under that link."""
    mime_type: str = ""
    """What the place takes it for; empty: it does not say."""


class MediaStore(Protocol):
    """Keeps bytes. Every method may raise `KeepError`."""

    async def put(self, medium: Medium, chunks: AsyncIterator[bytes]) -> Kept:
        """Keeps what comes; the same medium again takes the place of what there was.

        Raises `RefusedError`. What `chunks` raises comes out, but an OSError as `KeepError`; then nothing is kept.
        """
        ...

    def get(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """`length` bytes from `offset` on, in pieces of 1 to `CHUNK_BYTES`. Raises `KeyError` if there is no such key.

        Both must lie within the object.
        """
        ...

    async def delete(self, key: str) -> None:
        """Removes a key, also if there is none."""
        ...


class ObjectMediaStore:
    """A `MediaStore` in a folder or in the object store that a URL names; the key is the medium's id."""

    def __init__(self, store: ObjectStore | None, folder: Path) -> None:
        self._opened = store
        self._folder = folder
        """Used without a store, and made when the first bytes come: not every server keeps media."""

    @property
    def _store(self) -> ObjectStore:
        if self._opened is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._opened = LocalStore(prefix=self._folder.absolute())
        return self._opened

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

    async def head(self, key: str) -> int | None:
        """Size in bytes; None if there is no such key."""
        try:
            return (await obstore.head_async(self._store, path_of(key)))["size"]
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise KeepError(type(error).__name__) from error


def open_media_store(url: str, folder: Path) -> ObjectMediaStore:
    """The store that `url` names (`s3://bucket/prefix`, `gs://…`, `az://…`, `file:///…`); empty: `folder`.

    A folder is made if need be. Credentials come from the environment, as the providers' own tools read them.
    Raises `KeepError`.
    """
    try:
        if not url:
            return ObjectMediaStore(None, folder)
        return ObjectMediaStore(from_url(url, mkdir=True) if url.startswith("file:") else from_url(url), folder)
    except (BaseError, OSError) as error:
        raise KeepError(type(error).__name__) from error


def path_of(key: str) -> str:
    """Spread over folders, so that none grows huge."""
    return f"{key[:2]}/{key}"
