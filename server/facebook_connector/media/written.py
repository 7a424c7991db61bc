"""Keeps media that services write for sending, under links of our own.

The id comes from the bytes and their name, so a repeat finds what is there. The bytes rest in a temporary file until
all have come and are right: of a call that ends otherwise nothing is kept.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.media.keep import CHUNK_BYTES, KeepError, MediaStore, Medium
from facebook_connector.media.sniff import OCTETS, SNIFF_BYTES, Kind, sniff
from facebook_connector.media.wanted import LINK_PATH, MAX_NAME, media_id
from facebook_connector.sending.media import MAX_BYTES
from facebook_connector.store.media.values import MediaResult
from facebook_connector.store.media.written import WrittenLog
from service_runtime.clock import Clock

MAX_CHUNK: Final = 1024 * 1024
"""Largest piece of a write."""

RETRY_MS: Final = 5_000
"""When to try again while an equal medium is being deleted."""

SHA256: Final = re.compile(r"[0-9a-f]{64}")
MIME_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,64}")
UNFIT: Final = re.compile(r"[/\\\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What the writer says of a medium before its bytes."""

    file_name: str
    mime_type: str = ""
    size: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A medium as it is kept."""

    media_id: str
    media_url: str
    medium: MediaResult
    create_time_ms: int
    expire_time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMedia:
    """Raises `ConnectorError` and `StoreUnavailable` for its callers."""

    log: WrittenLog
    store: MediaStore
    link_secret: bytes = field(repr=False)
    public_base_url: str
    """Without a slash at its end."""
    retention_ms: int
    clock: Clock

    async def write(self, announced: Announced, chunks: AsyncIterator[bytes]) -> Written:
        """Keeps a medium. Raises INVALID_FIELD, MEDIA_TOO_LARGE, MEDIA_CHECKSUM_MISMATCH and STORE_UNAVAILABLE."""
        announced = _checked(announced)
        with TemporaryFile() as file:
            medium = _compared(announced, await _received(announced, chunks, file))
            identifier = media_id(self.link_secret, f"written/{medium.sha256}/{medium.name}")
            now_ms = self.clock.now_ms()
            expire_time_ms = now_ms + self.retention_ms
            stored_ms = await self.log.extend(identifier, now_ms=now_ms, expire_time_ms=expire_time_ms)
            if stored_ms is None:
                if await self.log.has(identifier):
                    # Its time is over: whoever deletes the bytes might delete the new ones.
                    raise _going()
                await self._keep(identifier, file)
                await self.log.add(identifier, medium, now_ms=now_ms, expire_time_ms=expire_time_ms)
        return Written(
            media_id=identifier,
            media_url=f"{self.public_base_url}{LINK_PATH}{identifier}",
            medium=medium,
            create_time_ms=stored_ms or now_ms,
            expire_time_ms=expire_time_ms,
        )

    async def _keep(self, identifier: str, file: BinaryIO) -> None:
        try:
            await self.store.put(Medium(media_id=identifier), _pieces(file))
        except KeepError as error:
            raise ConnectorError(
                "STORE_UNAVAILABLE", "The place where media are kept cannot be used at present; repeat the call."
            ) from error


def _checked(announced: Announced) -> Announced:
    """What can be told to be wrong before any byte has come."""
    if not 1 <= len(announced.file_name) <= MAX_NAME or UNFIT.search(announced.file_name):
        raise _invalid("file_name", f"must be 1 to {MAX_NAME} characters without any path or control character")
    if announced.mime_type and not MIME_TYPE.fullmatch(announced.mime_type):
        raise _invalid("mime_type", "must be a media type such as image/jpeg, without parameters")
    if announced.sha256 and not SHA256.fullmatch(announced.sha256.lower()):
        raise _invalid("sha256", "must be 64 hexadecimal digits")
    if announced.size is not None and announced.size < 1:
        raise _invalid("size", "must be at least 1")
    if announced.size is not None and announced.size > MAX_BYTES:
        raise _too_large(announced.size)
    return announced


async def _received(announced: Announced, chunks: AsyncIterator[bytes], file: BinaryIO) -> MediaResult:
    """Takes the bytes in, and tells what they are."""
    digest, size = sha256(), 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MAX_BYTES:
            raise _too_large(announced.size)
        digest.update(chunk)
        file.write(chunk)
    if not size:
        raise ConnectorError("INVALID_FIELD", "There are no bytes.", metadata={"field": "chunk"})
    file.seek(0)
    found = sniff(file.read(SNIFF_BYTES), Kind.FILE, announced.file_name)
    mime_type = (announced.mime_type or OCTETS) if found == OCTETS else found
    return MediaResult(mime_type=mime_type, name=announced.file_name, size=size, sha256=digest.hexdigest())


def _compared(announced: Announced, medium: MediaResult) -> MediaResult:
    """Raises MEDIA_CHECKSUM_MISMATCH if the bytes are not those that were announced."""
    for name, said, found in (
        ("size", announced.size, medium.size),
        ("sha256", announced.sha256.lower() or None, medium.sha256),
    ):
        if said not in {None, found}:
            raise ConnectorError(
                "MEDIA_CHECKSUM_MISMATCH",
                f"The bytes are not those that header.{name} announced; nothing was stored.",
                metadata={"field": f"header.{name}"},
            )
    return medium


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := file.read(CHUNK_BYTES):
        yield piece


def _going() -> ConnectorError:
    return ConnectorError(
        "STORE_UNAVAILABLE",
        "An equal medium whose time is over is being deleted; repeat the call.",
        retry_delay_ms=RETRY_MS,
    )


def _too_large(size: int | None) -> ConnectorError:
    value = {} if size is None else {"value": str(size)}
    return ConnectorError(
        "MEDIA_TOO_LARGE",
        f"Messenger takes files of at most {MAX_BYTES} bytes.",
        metadata={"maximum": str(MAX_BYTES), **value},
    )


def _invalid(field: str, description: str) -> ConnectorError:
    path = f"header.{field}"
    return ConnectorError(
        "INVALID_FIELD",
        f"{path} {description}.",
        metadata={"field": path},
        violations=(FieldViolation(field=path, description=description),),
    )
