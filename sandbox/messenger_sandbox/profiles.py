"""How often each profile was asked for, and how many of those calls ran side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class ProfileCalls:
    """Counts by the id that was asked for, known or not."""

    def __init__(self) -> None:
        self._calls = Counter[str]()
        self._running = Counter[str]()
        self._most = Counter[str]()

    @contextmanager
    def asking(self, psid: str) -> Iterator[None]:
        """Counts a call while its block runs."""
        self._calls[psid] += 1
        self._running[psid] += 1
        self._most[psid] = max(self._most[psid], self._running[psid])
        try:
            yield
        finally:
            self._running[psid] -= 1

    def count(self, psid: str) -> int:
        """Calls so far, refused ones and those still running included."""
        return self._calls[psid]

    def most_at_once(self, psid: str) -> int:
        return self._most[psid]
