"""One thing at a time of each conversation, or page, in the order in which they came; others side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """Keeps nothing of a key under which nobody is at work."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, key: str, *, within_s: float | None = None) -> AsyncIterator[None]:
        """Runs the block when all that came before have left it. Raises `TimeoutError` if that takes longer."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with asyncio.timeout(within_s):
            await lock.acquire()
        try:
            yield
        finally:
            lock.release()
