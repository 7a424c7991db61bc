"""Settles what waits in the inbound log: events whose message never came, receipts of what is confirmed only now.

It also brings the notifications of messages that were given up into the log.

One look a second on every server; the store sees to it that each event is settled once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.log.events import EventStore
from service_runtime.clock import Clock
from service_runtime.logs import get_logger

EVERY_S = 1.0

_log = get_logger("settling")


class Settling:
    """`run` is its only task; `announce` is told the subscriptions that have something new."""

    def __init__(self, events: EventStore, clock: Clock, announce: Callable[[Collection[int]], None]) -> None:
        self._events = events
        self._clock = clock
        self._announce = announce

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(EVERY_S)

    async def once(self) -> None:
        """One look; what the store cannot answer now it is asked again."""
        try:
            self._announce(await self._events.settle_due(self._clock.now_ms()))
            self._announce(await self._events.tell_given_up(self._clock.now_ms()))
        except StoreUnavailable as error:
            _log.warning("store unavailable", error=type(error).__qualname__)
