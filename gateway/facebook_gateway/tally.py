"""Counts what becomes of webhooks and their items, and tells the log once a minute. Never what they say."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

from service_runtime.logs import get_logger

INTERVAL_S: Final = 60.0

_log = get_logger("gateway.tally")


class Tally:
    """Counts since the start, by outcome."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._told: Counter[str] = Counter()

    def count(self, outcome: str, number: int = 1) -> None:
        """Adds to an outcome's count."""
        self.counts[outcome] += number

    async def run(self) -> None:
        """Logs every minute what came in since the last line; silent while nothing does."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            self.tell()

    def tell(self) -> None:
        """Logs what came in since the last time."""
        news = self.counts - self._told
        if news:
            _log.info("webhooks in the last minute", **news)
        self._told = self.counts.copy()
