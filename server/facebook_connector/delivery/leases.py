"""Who holds which delivered head until when: at most one lease per ordering key."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

from facebook_connector.delivery.limits import MAX_LEASE_MS
from facebook_connector.delivery.values import AckToken

_HEAP_SLACK = 64
"""Outdated heap entries that are tolerated beyond one per lease."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One delivery that waits for its acknowledgement."""

    token: AckToken
    client_id: str
    stream_id: int
    """The stream it was sent on; that may have ended since."""
    size: int
    sent_ms: int
    deadline_ms: int

    @property
    def latest_ms(self) -> int:
        """No extension goes beyond it."""
        return self.sent_ms + MAX_LEASE_MS


class Leases:
    """The leases of one subscription on this server, by key and by deadline."""

    def __init__(self) -> None:
        self._by_key: dict[int, Lease] = {}
        self._deadlines: list[tuple[int, int]] = []
        """Heap of (deadline, key). An entry that no longer matches the key's lease is skipped when it comes up."""

    def __len__(self) -> int:
        return len(self._by_key)

    def add(self, lease: Lease) -> None:
        """Starts a lease. The key must be free."""
        self._put(lease)

    def get(self, token: AckToken) -> Lease | None:
        """The lease under exactly this attempt."""
        lease = self._by_key.get(token.key_id)
        return lease if lease is not None and lease.token == token else None

    def of_key(self, key_id: int) -> Lease | None:
        """The key's lease, whatever its attempt."""
        return self._by_key.get(key_id)

    def of_client(self, client_id: str) -> list[Lease]:
        """All leases of a client, on whichever of its streams."""
        return [lease for lease in self._by_key.values() if lease.client_id == client_id]

    def extend(self, lease: Lease, deadline_ms: int) -> None:
        """Moves the deadline, forwards or back."""
        self._put(replace(lease, deadline_ms=deadline_ms))

    def remove(self, lease: Lease) -> None:
        """Ends the lease."""
        del self._by_key[lease.token.key_id]

    def take_due(self, now_ms: int) -> list[Lease]:
        """Ends the leases whose deadline has come, and returns them."""
        due = []
        while self._deadlines and self._deadlines[0][0] <= now_ms:
            lease = self._current(heapq.heappop(self._deadlines))
            if lease is not None:
                self.remove(lease)
                due.append(lease)
        return due

    def next_deadline_ms(self) -> int | None:
        """The earliest deadline."""
        while self._deadlines and self._current(self._deadlines[0]) is None:
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def _put(self, lease: Lease) -> None:
        self._by_key[lease.token.key_id] = lease
        heapq.heappush(self._deadlines, (lease.deadline_ms, lease.token.key_id))
        if len(self._deadlines) > 2 * len(self._by_key) + _HEAP_SLACK:
            self._deadlines = [(kept.deadline_ms, key_id) for key_id, kept in self._by_key.items()]
            heapq.heapify(self._deadlines)

    def _current(self, entry: tuple[int, int]) -> Lease | None:
        deadline_ms, key_id = entry
        lease = self._by_key.get(key_id)
        return lease if lease is not None and lease.deadline_ms == deadline_ms else None
