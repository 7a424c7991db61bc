"""The leases a stream holds, and what is wished for them. No I/O and no clock: times come in as monotonic seconds.

One wish per ack id is on its way at a time, because results name ack ids only: were an extension and an ack under way
together, one answer could not be told from the other. What breaks off with the connection is asked again on the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from connector_client._actions import MIN_EXTENSION_S, Action, Extend, Nack
from connector_client._enums import AckOutcome, NackReason
from connector_client._errors import ConnectorError
from connector_client._received import Settlement

MAX_LEASE_S = 3600.0
"""The server ends a lease an hour after the delivery, extended or not."""

GIVE_BACK_DELAY_S = 1.0
"""Without a delay the server could deliver the message once more on the very stream that is being closed."""

LOOK_EVERY = 0.1
EXTEND_BELOW = 0.3
"""Shares of the ack deadline: leases are looked at every tenth of it and extended when less than three tenths are left,
so at the latest when 80 % are over."""

SHORTEST_LOOK_S = 0.01
"""A server that confirms no deadline at all must not make this a busy loop."""


@dataclass(slots=True)
class Wish:
    """An action somebody waits for; nobody waits for extensions that the client makes by itself."""

    action: Action
    settlement: Settlement | None = None
    sent_at: float = 0.0

    def settle(self, outcome: AckOutcome) -> None:
        """Tells who waits."""
        if self.settlement is not None:
            self.settlement.settle(outcome)

    @property
    def ends_lease(self) -> bool:
        """Whether the lease is over when it succeeds."""
        return not isinstance(self.action, Extend)


@dataclass(slots=True)
class Lease:
    """One delivered message: when it came, when it expires unless extended, and what is wished for it."""

    granted_at: float
    expires_at: float
    under_way: Wish | None = None
    waiting: deque[Wish] = field(default_factory=deque)

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """All that are not answered."""
        return (*self.waiting, self.under_way) if self.under_way else tuple(self.waiting)


class LeaseBook:
    """Every lease of one stream, over all its connections."""

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}
        self._ready: dict[str, None] = {}
        self._ack_deadline = 0.0
        self._looked_at = 0.0

    def __contains__(self, ack_id: str) -> bool:
        return ack_id in self._leases

    @property
    def held(self) -> list[str]:
        """The ack ids of all leases, oldest first."""
        return list(self._leases)

    @property
    def unsent(self) -> bool:
        """Whether a wish has not left yet."""
        return any(lease.waiting for lease in self._leases.values())

    def grant(self, ack_id: str, now: float) -> None:
        """A message was delivered."""
        self._leases[ack_id] = Lease(granted_at=now, expires_at=now + self._ack_deadline)

    def ask(self, ack_id: str, action: Action) -> Settlement:
        """Queues an action; for a lease that is over the answer is STALE at once, and nothing is sent."""
        settlement = Settlement()
        lease = self._leases.get(ack_id)
        if lease is None:
            settlement.settle(AckOutcome.STALE)
        else:
            self._queue(ack_id, lease, Wish(action, settlement))
        return settlement

    def take(self, now: float) -> list[tuple[str, Action]]:
        """What is to be sent now, extensions that are due included; it counts as under way from here on."""
        if now >= self._looked_at + self._look_interval:
            self._looked_at = now
            self._extend_what_is_due(now)
        taken = []
        for ack_id in self._ready:
            lease = self._leases[ack_id]
            lease.under_way = lease.waiting.popleft()
            lease.under_way.sent_at = now
            taken.append((ack_id, lease.under_way.action))
        self._ready.clear()
        return taken

    def look_again_at(self) -> float | None:
        """When `take` should be called although nobody asked for anything; None: no lease is held."""
        return self._looked_at + self._look_interval if self._leases else None

    def answer(self, ack_id: str, outcome: AckOutcome) -> None:
        """The server's result for what was under way. One for anything else is ignored."""
        lease = self._leases.get(ack_id)
        if lease is None or lease.under_way is None:
            return
        wish, lease.under_way = lease.under_way, None
        wish.settle(outcome)
        if isinstance(wish.action, Extend) and outcome is AckOutcome.OK:
            # Counted from the sending: the server counts from its receipt, which is later.
            lease.expires_at = wish.sent_at + wish.action.seconds
            self._ready |= {ack_id: None} if lease.waiting else {}
        else:
            self._forget(ack_id)

    def lost(self) -> None:
        """The connection broke: what was under way is asked again, but for our own extensions."""
        self._ready.clear()
        for lease in self._leases.values():
            wish, lease.under_way = lease.under_way, None
            if wish is not None and wish.settlement is not None:
                lease.waiting.appendleft(wish)

    def resume(self, ack_deadline: float, held: Mapping[str, AckOutcome], now: float) -> None:
        """A connection stands: `held` says which leases go on, with a new deadline; all others are over."""
        self._ack_deadline = ack_deadline
        for ack_id, lease in list(self._leases.items()):
            if held.get(ack_id) is not AckOutcome.OK:
                self._forget(ack_id)
                continue
            lease.expires_at = now + ack_deadline
            if lease.waiting:
                self._ready[ack_id] = None

    def give_back(self) -> None:
        """Wishes every message back to the server at once, unless somebody has settled it already."""
        nack = Nack(reason=NackReason.UNAVAILABLE, delay=GIVE_BACK_DELAY_S)
        for ack_id, lease in self._leases.items():
            if not any(wish.ends_lease for wish in lease.wishes):
                self._queue(ack_id, lease, Wish(nack))

    def close(self, error: ConnectorError) -> None:
        """Forgets all leases; whoever still waits gets the error."""
        for lease in self._leases.values():
            for wish in lease.wishes:
                if wish.settlement is not None:
                    wish.settlement.fail(error)
        self._leases.clear()
        self._ready.clear()

    @property
    def _look_interval(self) -> float:
        return max(self._ack_deadline * LOOK_EVERY, SHORTEST_LOOK_S)

    def _queue(self, ack_id: str, lease: Lease, wish: Wish) -> None:
        lease.waiting.append(wish)
        if lease.under_way is None:
            self._ready[ack_id] = None

    def _extend_what_is_due(self, now: float) -> None:
        extension = Extend(seconds=max(self._ack_deadline, MIN_EXTENSION_S))
        for ack_id, lease in list(self._leases.items()):
            if lease.under_way or lease.waiting:
                continue
            if now >= lease.granted_at + MAX_LEASE_S:
                self._forget(ack_id)
            elif lease.expires_at - now < self._ack_deadline * EXTEND_BELOW:
                self._queue(ack_id, lease, Wish(extension))

    def _forget(self, ack_id: str) -> None:
        for wish in self._leases.pop(ack_id).waiting:
            wish.settle(AckOutcome.STALE)
        self._ready.pop(ack_id, None)
