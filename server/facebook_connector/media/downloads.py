"""Fetches what the log of media says is due: so many at a time, each until it is stored or has failed for good.

What is under way when the server stops is due again at the next start: bytes that came half are never kept, and a
medium that is stored is never fetched again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any, Final

from facebook_connector.media.completion import Ending, complete, name_of
from facebook_connector.media.fetch import Fetcher, FetchError
from facebook_connector.media.keep import PUT_S, KeepError, Kept, MediaStore, Medium, RefusedError
from facebook_connector.media.notice import Lost, Notice
from facebook_connector.media.sniff import OCTETS, SNIFF_BYTES, Kind, is_allowed, sniff
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import Download, MediaResult
from facebook_connector.telemetry import DOWNLOADS, new_metrics
from service_runtime.backoff import Backoff
from service_runtime.clock import Clock
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

TRIES: Final = 5
"""Facebook's links outlive the minute that these take; what fails longer than that stays failed."""

BETWEEN_TRIES: Final = Backoff(first=1.0, cap=30.0)

BETWEEN_PUTS: Final = Backoff(first=5.0, cap=60.0)
"""While there is no place to keep bytes. That is not the medium's fault and counts as no try."""

GIVE_UP_MS: Final = 24 * 3600 * 1000
"""After a day without a place to keep it Facebook's link is likely dead."""

STORE_FAILED: Final = "STORE"
"""Reason of a medium that came but could not be kept."""

CLAIM_SPARE_MS: Final = 30_000
"""How much longer than a try a claim lasts: time to write down how it ended."""

POLL_S: Final = 1.0
"""How often the log is looked at without a reason: for retries, and for what a server that died has left."""

TROUBLE: Final = Backoff(first=0.1, cap=5.0)
"""How long to leave a database alone that could not answer."""

_log = get_logger("media")


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadContext:
    """What downloads stand on."""

    log: MediaLog
    fetcher: Fetcher
    store: MediaStore
    clock: Clock
    random: Callable[[], float]
    owner: str
    """This server's instance id, new at each start."""
    announce: Callable[[Collection[int]], None]
    """Told the subscriptions that have something to deliver."""
    retention_ms: int
    """How long bytes are kept."""
    notice: Notice | None = None
    """What stands in a message in place of a medium that has no bytes; None: the message keeps its link."""
    workers: int = 32
    metrics: Metrics = field(default_factory=new_metrics)


class Downloads:
    """All downloads of this server; `run` is their only owner."""

    def __init__(self, context: DownloadContext) -> None:
        self._context = context
        self._log = context.log
        self._running = 0
        self._wake = asyncio.Event()
        self._failures = 0

    def wake(self) -> None:
        """There is something new to fetch."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then until what is under way has ended.

        What is cut off stays claimed, and is taken up by whoever comes next.
        """
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                self._wake.clear()
                wait_s = await self._start_due(group)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._wake.wait()

    async def _start_due(self, group: asyncio.TaskGroup) -> float:
        """Starts as many as there is room for; returns how long nothing more can be done."""
        context, free = self._context, self._context.workers - self._running
        now_ms = context.clock.now_ms()
        try:
            due_ms = await self._log.next_due_ms() if free else None
            if due_ms is None or due_ms > now_ms:
                return POLL_S
            until_ms = now_ms + int((context.fetcher.limits.whole_s + PUT_S) * 1000) + CLAIM_SPARE_MS
            claimed = await self._log.claim(context.owner, now_ms=now_ms, until_ms=until_ms, limit=free)
        except StoreUnavailable:
            self._failures += 1
            return TROUBLE.delay(self._failures, context.random)
        self._failures = 0
        for download in claimed:
            self._running += 1
            group.create_task(self._download(download), name=f"download {download.media_id}").add_done_callback(
                self._ended
            )
        return POLL_S

    def _ended(self, _task: asyncio.Task[None]) -> None:
        self._running -= 1
        self._wake.set()

    async def _download(self, download: Download) -> None:
        try:
            ending = await self._try(download)
        except (FetchError, RefusedError) as error:
            _log.warning(
                "media not fetched",
                media_id=download.media_id,
                reason=error.reason,
                failed_tries=download.attempts + 1,
                final=error.final,
            )
            if not error.final and download.attempts + 1 < TRIES:
                await self._postpone(download, BETWEEN_TRIES, counted=1)
                return
            ending = self._lost(download, error.reason, error.size)
        except KeepError as error:
            _log.error("media cannot be kept", media_id=download.media_id, error=str(error), alarm=True)
            if self._context.clock.now_ms() < download.create_time_ms + GIVE_UP_MS:
                await self._postpone(download, BETWEEN_PUTS, counted=0)
                return
            ending = self._lost(download, STORE_FAILED)
        await self._settle(download, ending)

    async def _try(self, download: Download) -> Ending:
        """Fetches and keeps the bytes. Raises `FetchError`, `RefusedError` and `KeepError`; then nothing is kept."""
        context = self._context
        reading = _Reading(download)
        try:
            async with (
                asyncio.timeout(context.fetcher.limits.whole_s) as whole,
                context.fetcher.open(download.source_url) as chunks,
            ):
                await reading.begin(chunks)
                kept = await context.store.put(reading.medium, reading.through(whole))
        except TimeoutError as error:
            if reading.ended:
                raise KeepError("TIMEOUT") from error
            raise FetchError("TIMEOUT") from error
        return Ending(result=reading.result(kept), link=kept.link, stored_name=kept.name)

    def _lost(self, download: Download, reason: str, size: int | None = None) -> Ending:
        lost = Lost(kind=Kind(download.kind), name=download.name, reason=reason, size=size)
        notice = self._context.notice
        return Ending(result=MediaResult(reason=reason), notice=notice(lost) if notice else "")

    async def _settle(self, download: Download, ending: Ending) -> None:
        context, result = self._context, ending.result
        context.metrics.count(DOWNLOADS, result=(result.reason or "stored").lower())
        now_ms = context.clock.now_ms()
        settled: frozenset[int] | None = frozenset()

        async def settle() -> None:
            nonlocal settled
            settled = await self._log.settle(
                download,
                result,
                partial(complete, ending=ending),
                now_ms=now_ms,
                expire_time_ms=now_ms + context.retention_ms,
            )

        await self._written(download, settle)
        if settled is not None:
            context.announce(settled)
        elif not result.reason:
            # The message was taken back meanwhile, or another server has the download in hand: its bytes are equal,
            # and where it has stored them already they must stay.
            await self._drop_unless_stored(download.media_id, result.kept_as)

    async def _drop_unless_stored(self, media_id: str, kept_as: str | None) -> None:
        row = await self._log.find(media_id)
        if row is None or row.reason:
            with suppress(KeepError):  # the cleaning comes by when the claim is over
                await self._context.store.delete(kept_as or media_id)

    async def _postpone(self, download: Download, backoff: Backoff, *, counted: int) -> None:
        delay_s = backoff.delay(download.attempts + 1, self._context.random)
        retry_ms = self._context.clock.now_ms() + int(delay_s * 1000)
        await self._written(download, lambda: self._log.postpone(download, retry_ms=retry_ms, counted=counted))

    async def _written(self, download: Download, write: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Carries out a write as soon as the database lets it. It may be done twice: the claim is over after once."""
        failures = 0
        while True:
            try:
                await write()
            except StoreUnavailable:
                failures += 1
                if self._context.clock.now_ms() >= download.until_ms:
                    return  # whoever claims it next begins anew
                await asyncio.sleep(TROUBLE.delay(failures, self._context.random))
            else:
                return


class _Reading:
    """The bytes of one medium on their way: judged by their beginning, then counted and hashed."""

    def __init__(self, download: Download) -> None:
        self._media_id = download.media_id
        self._kind = Kind(download.kind)
        self._name = download.name
        self._mime_type = ""
        self._size = 0
        self._hash = sha256()
        self._head = b""
        self._rest: AsyncIterator[bytes]
        self.ended = False
        """Whether all bytes have come."""

    async def begin(self, chunks: AsyncIterator[bytes]) -> None:
        """Looks at the beginning. Raises `FetchError` EMPTY and TYPE_NOT_ALLOWED."""
        self._rest = chunks
        while len(self._head) < SNIFF_BYTES and (chunk := await anext(chunks, b"")):
            self._head += chunk
        if not self._head:
            raise FetchError("EMPTY")
        self._mime_type = sniff(self._head[:SNIFF_BYTES], self._kind, self._name)
        if not is_allowed(self._mime_type, self._kind):
            raise FetchError("TYPE_NOT_ALLOWED", final=True)

    @property
    def medium(self) -> Medium:
        """What is known of it after its beginning."""
        return Medium(media_id=self._media_id, name=self._full_name, mime_type=self._mime_type)

    async def through(self, limit: asyncio.Timeout) -> AsyncIterator[bytes]:
        """All bytes, from the beginning; after the last one the limit is that of the place that keeps them."""
        yield self._counted(self._head)
        async for chunk in self._rest:
            yield self._counted(chunk)
        if not limit.expired():
            self.ended = True
            limit.reschedule(asyncio.get_running_loop().time() + PUT_S)

    def result(self, kept: Kept) -> MediaResult:
        """What they were, after all went through."""
        told = kept.mime_type if self._mime_type == OCTETS else ""
        return MediaResult(
            mime_type=told or self._mime_type,
            name=self._full_name,
            size=self._size,
            sha256=self._hash.hexdigest(),
            kept_as=None if kept.key == self._media_id else kept.key,
        )

    @property
    def _full_name(self) -> str:
        return name_of(self._name, self._kind, self._mime_type)

    def _counted(self, chunk: bytes) -> bytes:
        self._size += len(chunk)
        self._hash.update(chunk)
        return chunk
