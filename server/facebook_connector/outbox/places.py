"""Who may upload now: so many lanes at once in the whole process, and of one page.

An upload can take minutes. A lane that finds no place gives its turn back instead of waiting in it, so that texts of
the page go on, and is woken when a place is free.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from facebook_connector.sending.values import Lane


class UploadPlaces:
    """The places of one process."""

    def __init__(self, *, at_once: int = 32, of_one_page: int = 16) -> None:
        self._at_once = at_once
        self._of_one_page = of_one_page
        self._taken: Counter[str] = Counter()
        """By page."""
        self._waiting: OrderedDict[Lane, Callable[[], None]] = OrderedDict()

    @contextmanager
    def place(self, lane: Lane, wake: Callable[[], None]) -> Iterator[bool]:
        """Whether there is a place for the lane while the block lasts; if not, `wake` is called when there may be."""
        if not self._is_free(lane.page_id):
            self._waiting[lane] = wake
            yield False
            return
        self._taken[lane.page_id] += 1
        self._waiting.pop(lane, None)
        try:
            yield True
        finally:
            self._taken[lane.page_id] -= 1
            self._taken += Counter()  # without the pages that have none
            self._wake_next()

    def _is_free(self, page_id: str) -> bool:
        return self._taken.total() < self._at_once and self._taken[page_id] < self._of_one_page

    def _wake_next(self) -> None:
        """Wakes the lane that waits longest among those for which there is a place."""
        for lane in self._waiting:
            if self._is_free(lane.page_id):
                self._waiting.pop(lane)()
                return
