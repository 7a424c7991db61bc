"""Keeps the webhook keys in memory: read at the start, every 30 seconds, and at once when they do not fit.

What does not fit costs at most one read a second, however many webhooks it is. If something beside the gateway can set
up channels by itself, it is told of pages that have none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final, TypeAlias

from facebook_gateway.server_link import ServerUnavailableError
from facebook_gateway.telemetry import KEY_READS, new_metrics
from facebook_gateway.webhook_keys import WebhookKeys
from service_runtime.clock import Clock
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

REFRESH_S: Final = 30.0
BETWEEN_READS_S: Final = 1.0

LEARN_WITHIN_S: Final = 1.5
"""How long a webhook waits until a page has a channel. Facebook waits five seconds in all. Where it takes longer the
page is unknown this time: what comes for it is quarantined, and can be translated anew.
"""

Learn: TypeAlias = Callable[[str], Awaitable[object]]
"""Sets up the channel of a page that has none, from wherever its settings are, if they are anywhere."""

UNSIGNED_NOTICE_S: Final = 3600.0
"""How often the log reminds of a page that takes bodies from anybody."""

_log = get_logger("gateway.keys")


class KeyCache:
    """The last keys read, and the one task that reads them."""

    def __init__(
        self,
        read: Callable[[], Awaitable[WebhookKeys]],
        clock: Clock,
        metrics: Metrics | None = None,
        *,
        learn: Learn | None = None,
    ) -> None:
        self._metrics = metrics or new_metrics()
        self._learn = learn
        self._read = read
        self._clock = clock
        self._wanted = asyncio.Event()
        self._next = _new_future()
        self._reading = self._next
        self._noticed: dict[str, float] = {}
        self.keys: WebhookKeys | None = None
        """None until they were read once."""

    async def run(self) -> None:
        """Reads whenever wanted, or every `REFRESH_S`; never more often than every `BETWEEN_READS_S`."""
        while True:
            # A read serves whoever asked before it began; who asks during it may want what it can no longer see.
            self._reading, self._next = self._next, _new_future()
            self._wanted.clear()
            try:
                self.keys = await self._read()
            except ServerUnavailableError:
                self._metrics.count(KEY_READS, result="failed")
                self._wanted.set()  # try again as soon as allowed
            else:
                self._metrics.count(KEY_READS, result="ok")
                self._remind_of_unsigned(self.keys)
            self._reading.set_result(None)
            await asyncio.sleep(BETWEEN_READS_S)
            try:
                async with asyncio.timeout(REFRESH_S):
                    await self._wanted.wait()
            except TimeoutError:
                pass

    async def known(self) -> WebhookKeys | None:
        """The keys as they are held; before they were read once, those of the read that is under way."""
        if self.keys is None:
            await asyncio.shield(self._next if self._reading.done() else self._reading)
        return self.keys

    async def renewed(self, *page_ids: str) -> WebhookKeys | None:
        """The keys after a read that begins now or within a second; those known before if that read fails.

        `page_ids` are pages in question: those that the keys do not know may get their channels before.
        """
        if self._learn is not None:
            await self._set_up(self._learn, page_ids)
        self._wanted.set()
        await asyncio.shield(self._next)
        return self.keys

    async def _set_up(self, learn: Learn, page_ids: Iterable[str]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LEARN_WITHIN_S):
                for page_id in page_ids:
                    if page_id and not (self.keys is not None and self.keys.knows(page_id)):
                        await learn(page_id)

    def _remind_of_unsigned(self, keys: WebhookKeys) -> None:
        now = self._clock.monotonic()
        for page_id in keys.unsigned_pages:
            if now - self._noticed.get(page_id, -UNSIGNED_NOTICE_S) >= UNSIGNED_NOTICE_S:
                self._noticed[page_id] = now
                _log.warning("page takes webhooks without a signature: anybody can write to it", page_id=page_id)


def _new_future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()
