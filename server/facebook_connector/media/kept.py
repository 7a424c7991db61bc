"""Kept media as the services see them: look, read, forget; and the task that deletes what need not be kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from typing import Final

from facebook_connector.errors import ConnectorError
from facebook_connector.media.keep import KeepError, MediaStore
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaRow, MediaState
from service_runtime.clock import Clock
from service_runtime.logs import get_logger

MAX_ID: Final = 64
"""What a caller names as an id is repeated no further than this."""

RETRY_MS: Final = 5_000
"""When to ask again for a medium that is still being fetched."""

CLEAN_EVERY_S: Final = 60.0
CLEAN_AT_ONCE: Final = 100

_log = get_logger("media")


class KeptMedia:
    """Raises `ConnectorError` for its callers."""

    def __init__(
        self, log: MediaLog, store: MediaStore, clock: Clock, announce: Callable[[Collection[int]], None]
    ) -> None:
        self._log = log
        self._store = store
        self._clock = clock
        self._announce = announce
        self._wake = asyncio.Event()

    async def look(self, media_id: str) -> MediaRow:
        """A medium whose bytes are there. Raises MEDIA_NOT_FOUND, MEDIA_PENDING and MEDIA_FAILED."""
        row = await self._log.find(media_id)
        if row is None or (row.expire_time_ms is not None and row.expire_time_ms <= self._clock.now_ms()):
            raise _not_found(media_id)
        if row.state is MediaState.PENDING:
            raise ConnectorError(
                "MEDIA_PENDING",
                "The medium is still being fetched; ask again.",
                metadata={"media_id": media_id},
                retry_delay_ms=RETRY_MS,
            )
        if row.state is MediaState.FAILED:
            raise ConnectorError(
                "MEDIA_FAILED",
                f"There are no bytes of this medium: {row.reason}.",
                metadata={"media_id": media_id, "cause": row.reason},
            )
        return row

    async def read(self, medium: MediaRow, offset: int, length: int) -> AsyncIterator[bytes]:
        """Bytes of a medium within its size. Raises MEDIA_NOT_FOUND and STORE_UNAVAILABLE."""
        try:
            async for chunk in self._store.get(medium.key, offset, length):
                yield chunk
        except KeyError as error:
            raise _not_found(medium.media_id) from error
        except KeepError as error:
            _log.warning("media cannot be read", media_id=medium.media_id, error=str(error))
            raise ConnectorError(
                "STORE_UNAVAILABLE", "The place where media are kept cannot be used at present; repeat the call."
            ) from error

    async def forget(self, page_id: str, cim_ids: Sequence[str]) -> None:
        """The customer took messages back: their links answer DELETED from now on, and their bytes go."""
        ready = await self._log.forget(page_id, cim_ids, now_ms=self._clock.now_ms())
        self._announce(ready)
        self.clean()

    def clean(self) -> None:
        """There are bytes to delete."""
        self._wake.set()

    async def clean_now(self) -> None:
        """Deletes the bytes of all media that are to go. Raises `KeepError` and `StoreUnavailable`."""
        while await self._clean_some():
            pass

    async def run(self) -> None:
        """Deletes what was taken back and what has been kept long enough, until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.clean_now()
            except (KeepError, StoreUnavailable) as error:
                _log.warning("media not deleted", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(CLEAN_EVERY_S):
                    await self._wake.wait()

    async def _clean_some(self) -> bool:
        now_ms = self._clock.now_ms()
        key_of = await self._log.bytes_to_go(now_ms=now_ms, limit=CLEAN_AT_ONCE)
        for key in key_of.values():
            await self._store.delete(key)
        if key_of:
            await self._log.bytes_gone(key_of, now_ms=now_ms)
        return bool(key_of)


def _not_found(media_id: str) -> ConnectorError:
    return ConnectorError(
        "MEDIA_NOT_FOUND",
        "There is no such medium, or it is not kept any more.",
        metadata={"media_id": media_id[:MAX_ID]},
    )
