"""Calls that wait for the outcome of a message, and how they hear of it.

The lanes of this server tell at once. What changes elsewhere (another server, an echo that settles a part) is read by
the conductor's look at `keys`, once a second: slower, never missed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, KeysView
from contextlib import contextmanager

from facebook_connector.sending.values import MessageKey, OutboundStatus


class Watch:
    """One call's view of one message."""

    def __init__(self) -> None:
        self.latest: OutboundStatus | None = None
        self._closed = asyncio.Event()

    def tell(self, status: OutboundStatus) -> None:
        """Notes the state; a closed message ends the wait, and what was read before it closed comes too late."""
        if self.latest is not None and status.open and not self.latest.open:
            return
        self.latest = status
        if not status.open:
            self._closed.set()

    def release(self) -> None:
        """Ends the wait without an outcome."""
        self._closed.set()

    async def closed(self, seconds: float) -> None:
        """Returns when the message has closed or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            return


class Waiters:
    """All waiting calls of this server."""

    def __init__(self) -> None:
        self._watches: dict[MessageKey, set[Watch]] = {}
        self._messages_of: Counter[str] = Counter()
        """How many messages of each page are waited for; none is no entry."""

    @contextmanager
    def watch(self, key: MessageKey) -> Iterator[Watch]:
        """Watches a message while the block runs; begin before it is accepted, so that nothing is missed."""
        watch = Watch()
        if key not in self._watches:
            self._watches[key] = set()
            self._messages_of[key.page_id] += 1
        watches = self._watches[key]
        watches.add(watch)
        try:
            yield watch
        finally:
            watches.discard(watch)
            if not watches and self._watches.get(key) is watches:
                del self._watches[key]
                self._forget(key.page_id)

    def tell(self, status: OutboundStatus) -> None:
        """Passes a message's state to whoever waits for it."""
        for watch in self._watches.get(MessageKey(page_id=status.page_id, cim_id=status.cim_id), ()):
            watch.tell(status)

    def release(self) -> None:
        """Ends all waits: this server stops, the messages go on without it."""
        for watches in self._watches.values():
            for watch in watches:
                watch.release()

    def pages(self) -> KeysView[str]:
        """The pages of the messages that somebody waits for."""
        return self._messages_of.keys()

    def keys(self) -> tuple[MessageKey, ...]:
        """The messages that somebody waits for."""
        return tuple(self._watches)

    def _forget(self, page_id: str) -> None:
        self._messages_of[page_id] -= 1
        if not self._messages_of[page_id]:
            del self._messages_of[page_id]
