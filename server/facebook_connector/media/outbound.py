"""Gets hold of the bytes of media that are to be sent: from our own store, or from the origins that the operator named.

A link of ours is recognised by its beginning and its bytes are read where they are kept, never over HTTP. Everything
else is fetched like inbound media are: from exact origins, redirects judged anew, and never from a link-local address.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import BinaryIO

from cim_messenger.outbound import MediaReference
from facebook_connector.media import outbound_failures as failures
from facebook_connector.media.completion import name_of
from facebook_connector.media.fetch import Fetcher, FetchError
from facebook_connector.media.keep import KeepError, MediaStore
from facebook_connector.media.sniff import SNIFF_BYTES, Kind, sniff
from facebook_connector.media.wanted import LINK_PATH
from facebook_connector.sending.media import MAX_BYTES, Taken
from facebook_connector.sending.values import Failure
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaRow, MediaState
from service_runtime.clock import Clock


class OutboundMedia:
    """Implements `sending.ports.MediaSource`."""

    def __init__(
        self, *, log: MediaLog, store: MediaStore, fetcher: Fetcher, public_base_url: str, clock: Clock
    ) -> None:
        self._log = log
        self._store = store
        self._fetcher = fetcher
        self._links = public_base_url.rstrip("/") + LINK_PATH
        self._clock = clock

    def refusal(self, medium: MediaReference) -> Failure | None:
        """See `MediaSource.refusal`."""
        if self._own_id(medium.url) or self._fetcher.may_fetch(medium.url):
            return None
        return failures.origin_not_allowed(medium.url)

    @asynccontextmanager
    async def take(self, medium: MediaReference) -> AsyncIterator[Taken]:
        """See `MediaSource.take`."""
        if media_id := self._own_id(medium.url):
            yield await self._kept(media_id, medium)
            return
        with TemporaryFile() as file:
            yield await self._fetched(medium, file)

    def _own_id(self, url: str) -> str:
        return url.removeprefix(self._links).partition("?")[0] if url.startswith(self._links) else ""

    async def _kept(self, media_id: str, medium: MediaReference) -> Taken:
        row = await self._log.find(media_id)
        size, digest = self._usable(media_id, row)
        assert row is not None, "what is unknown is not usable"
        head = b"".join([chunk async for chunk in self._read(media_id, min(size, SNIFF_BYTES))])
        return _taken(medium, head=head, digest=digest, name=row.name, opened=partial(self._as_file, media_id, size))

    def _usable(self, media_id: str, row: MediaRow | None) -> tuple[int, str]:
        """Size and hash of a medium of ours. Raises `MediaFailedError`."""
        if row is None or (row.expire_time_ms is not None and row.expire_time_ms <= self._clock.now_ms()):
            raise failures.unknown(media_id)
        if row.state is MediaState.PENDING:
            raise failures.pending(media_id)
        if row.size is None or row.sha256 is None:
            raise failures.failed(media_id, row.reason)
        if row.size > MAX_BYTES:
            raise failures.too_large(row.size)
        return row.size, row.sha256

    @asynccontextmanager
    async def _as_file(self, media_id: str, size: int) -> AsyncIterator[BinaryIO]:
        with TemporaryFile() as file:
            async for chunk in self._read(media_id, size):
                file.write(chunk)
            file.seek(0)
            yield file

    async def _read(self, media_id: str, length: int) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._store.get(media_id, 0, length):
                yield chunk
        except KeyError as error:
            raise failures.unknown(media_id) from error
        except KeepError as error:
            raise failures.store_away() from error

    async def _fetched(self, medium: MediaReference, file: BinaryIO) -> Taken:
        """Fetches a foreign medium into a file. Raises `MediaFailedError`."""
        digest = sha256()
        try:
            async with (
                asyncio.timeout(self._fetcher.limits.whole_s),
                self._fetcher.open(medium.url) as chunks,
            ):
                async for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
        except TimeoutError as error:
            raise failures.unreachable(medium.url, FetchError("TIMEOUT")) from error
        except FetchError as error:
            raise failures.unreachable(medium.url, error) from error
        file.seek(0)
        head = file.read(SNIFF_BYTES)
        if not head:
            raise failures.unreachable(medium.url, FetchError("EMPTY"))

        @asynccontextmanager
        async def opened() -> AsyncIterator[BinaryIO]:
            file.seek(0)
            yield file

        return _taken(medium, head=head, digest=digest.hexdigest(), name="", opened=opened)


def _taken(
    medium: MediaReference,
    *,
    head: bytes,
    digest: str,
    name: str,
    opened: Callable[[], AbstractAsyncContextManager[BinaryIO]],
) -> Taken:
    kind = Kind(medium.kind.value) if medium.kind else Kind.FILE
    name = medium.file_name or name
    mime_type = sniff(head, kind, name)
    return Taken(sha256=digest, mime_type=mime_type, file_name=name_of(name, kind, mime_type), open=opened)
