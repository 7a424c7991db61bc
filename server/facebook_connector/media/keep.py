"""Where the bytes of media lie, behind one small interface.

`object_store` implements it for a local folder and for stores such as S3, `file_engine` for Expertflow's. Nothing
half-written is ever seen: an object is there whole or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, Protocol

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


def path_of(key: str) -> str:
    """Spread over folders, so that none grows huge."""
    return f"{key[:2]}/{key}"
