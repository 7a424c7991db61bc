"""Which lanes of a page are to be worked on: ready, active, or waiting for a time. Bookkeeping only.

A lane is active at most once, so its parts leave one after the other. A lane woken while it is active runs again
after that pass: what woke it may have come after the pass last looked.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict

from facebook_connector.sending.values import LaneHead


class LaneSchedule:
    """The lanes of one page, by the person's PSID."""

    def __init__(self) -> None:
        self._ready: OrderedDict[str, LaneHead | None] = OrderedDict()
        """Lane → its head, where whoever woke it knows it."""
        self._active: dict[str, bool] = {}
        """Lane → whether it was woken meanwhile."""
        self._due: dict[str, int] = {}
        self._times: list[tuple[int, str]] = []
        """A heap of (time, lane); an entry counts only while `_due` says the same."""

    @property
    def active(self) -> int:
        """How many lanes are being worked on."""
        return len(self._active)

    def wake(self, lane: str, head: LaneHead | None = None) -> None:
        """Something may be to do on the lane now."""
        if lane in self._active:
            self._active[lane] = True
            return
        self._due.pop(lane, None)
        self._ready.setdefault(lane, head)

    def take(self, lane: str) -> bool:
        """Makes a lane active that has nothing to do; False: it has, and must wait for its turn."""
        if lane in self._active or lane in self._ready or lane in self._due:
            return False
        self._active[lane] = False
        return True

    def offer(self, lane: str) -> None:
        """The lane has open messages; unlike `wake` this does not cut its waiting short."""
        if lane not in self._active and lane not in self._due:
            self._ready.setdefault(lane)

    def start(self, now_ms: int, limit: int) -> list[tuple[str, LaneHead | None]]:
        """Up to `limit` lanes to work on now, those ready longest first; they are active from here on.

        Each comes with its head as it was when the lane was woken, or None: it is to be read.
        """
        self._ripen(now_ms)
        lanes: list[tuple[str, LaneHead | None]] = []
        while self._ready and len(lanes) < limit:
            lane, head = self._ready.popitem(last=False)
            self._active[lane] = False
            lanes.append((lane, head))
        return lanes

    def finished(self, lane: str, due_ms: int | None) -> None:
        """A pass over the lane ended; `due_ms` says when to come back, None that the lane is empty."""
        woken = self._active.pop(lane)
        if woken:
            self._ready.setdefault(lane)
        elif due_ms is not None:
            self._due[lane] = due_ms
            heapq.heappush(self._times, (due_ms, lane))

    def forget_waiting(self) -> None:
        """Drops every lane that is not active: the page halts, and its lanes are read anew when it goes on."""
        self._ready.clear()
        self._due.clear()
        self._times.clear()

    def next_ms(self) -> int | None:
        """When the next lane is to be worked on: 0 if one is ready, None if none waits."""
        if self._ready:
            return 0
        while self._times and self._due.get(self._times[0][1]) != self._times[0][0]:
            heapq.heappop(self._times)
        return self._times[0][0] if self._times else None

    def _ripen(self, now_ms: int) -> None:
        while self._times and self._times[0][0] <= now_ms:
            due_ms, lane = heapq.heappop(self._times)
            if self._due.get(lane) == due_ms:
                del self._due[lane]
                self._ready.setdefault(lane)
