"""Gets hold of the bytes of media that are to be sent: from our own store, or from the origins that the operator named.

A link of ours is recognised by its beginning and its bytes are read where they are kept, never over HTTP. One of the
File Engine, under whichever of its addresses, names a file that is fetched from where this server calls it. Everything
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
from facebook_connector.media.file_engine.names import shown_name
from facebook_connector.media.keep import KeepError
from facebook_connector.media.places import MediaPlaces
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
        self,
        *,
        log: MediaLog,
        places: MediaPlaces,
        fetcher: Fetcher,
        public_base_url: str,
        clock: Clock,
    ) -> None:
        self._log = log
        self._places = places
        self._file_engine = places.file_engine
        self._fetcher = fetcher
        self._links = public_base_url.rstrip("/") + LINK_PATH
        self._clock = clock

    def refusal(self, medium: MediaReference) -> Failure | None:
        """See `MediaSource.refusal`."""
        if self._own_id(medium.url) or self._name_in_file_engine(medium.url) or self._fetcher.may_fetch(medium.url):
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

    def _name_in_file_engine(self, url: str) -> str:
        return self._file_engine.links.name_in(url) if self._file_engine else ""

    async def _kept(self, media_id: str, medium: MediaReference) -> Taken:
        row = await self._log.find(media_id)
        size, digest = self._usable(media_id, row)
        assert row is not None, "what is unknown is not usable"
        head = b"".join([chunk async for chunk in self._read(row, min(size, SNIFF_BYTES))])
        return _taken(medium, head=head, digest=digest, name=row.name, opened=partial(self._as_file, row, size))

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
    async def _as_file(self, row: MediaRow, size: int) -> AsyncIterator[BinaryIO]:
        with TemporaryFile() as file:
            async for chunk in self._read(row, size):
                file.write(chunk)
            file.seek(0)
            yield file

    async def _read(self, row: MediaRow, length: int) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._places.get(row.key, 0, length):
                yield chunk
        except KeyError as error:
            raise failures.unknown(row.media_id) from error
        except KeepError as error:
            raise failures.store_away() from error

    async def _fetched(self, medium: MediaReference, file: BinaryIO) -> Taken:
        """Fetches a foreign medium into a file. Raises `MediaFailedError`."""
        digest, stored = sha256(), self._name_in_file_engine(medium.url)
        source = self._file_engine.links.url if stored and self._file_engine else medium.url
        try:
            async with (
                asyncio.timeout(self._fetcher.limits.whole_s),
                self._opened(medium.url, stored) as chunks,
            ):
                async for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
        except TimeoutError as error:
            raise failures.unreachable(source, FetchError("TIMEOUT")) from error
        except FetchError as error:
            raise failures.unreachable(source, error) from error
        file.seek(0)
        head = file.read(SNIFF_BYTES)
        if not head:
            raise failures.unreachable(source, FetchError("EMPTY"))

        @asynccontextmanager
        async def opened() -> AsyncIterator[BinaryIO]:
            file.seek(0)
            yield file

        return _taken(medium, head=head, digest=digest.hexdigest(), name=shown_name(stored), opened=opened)

    def _opened(self, url: str, stored: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        if stored and self._file_engine:
            return self._file_engine.open(stored)
        return self._fetcher.open(url)


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
