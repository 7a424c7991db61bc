"""What is to be done in the store next, as values: the way from the decisions to the conductor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facebook_connector.delivery.leases import Lease
from facebook_connector.delivery.limits import MAX_LEASE_MS
from facebook_connector.delivery.values import AckToken, ClaimRequest, Extension, Head, Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Heads wanted for a stream."""

    stream_id: int
    request: ClaimRequest

    def exhausted(self, heads: Sequence[Head]) -> bool:
        """Whether this answer means that the store has no more ready heads for the stream."""
        limit = self.request.max_bytes
        full = limit is not None and sum(head.size for head in heads) >= limit
        return len(heads) < self.request.limit and not full


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A lease that a reconnecting client says it still works on."""

    token: AckToken
    size: int
    sent_ms: int
    """When it was delivered; of a delivery by another server, when it was adopted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """The leases of a client id move to its new stream: the held ones go on, all others end."""

    stream_id: int
    client_id: str
    held: tuple[Held, ...]
    deadline_ms: int
    until_ms: int
    """How long the claims last in the store."""

    def lease(self, held: Held) -> Lease:
        """The lease under which a held delivery goes on, not beyond its hour."""
        return Lease(
            token=held.token,
            client_id=self.client_id,
            stream_id=self.stream_id,
            size=held.size,
            sent_ms=held.sent_ms,
            deadline_ms=min(self.deadline_ms, held.sent_ms + MAX_LEASE_MS),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseChange:
    """The subscription pauses, or goes on before its time; to be told to operators."""

    until_ms: int | None
    """None: it goes on."""
    reason: str = ""
    first: bool = False
    """Whether it is the first pause of a trouble, which the audit log tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One round of store calls.

    Extensions go first and adoptions last, so that an extension followed by a nack ends as nacked, and an
    acknowledgement that came before a reconnect counts. What stands between may run at the same time: no attempt is
    acknowledged and released at once.
    """

    now_ms: int
    extensions: tuple[Extension, ...] = ()
    acks: tuple[AckToken, ...] = ()
    acks_until_ms: int = 0
    """How long the next heads that come with the acknowledgements are claimed."""
    releases: tuple[Release, ...] = ()
    working_keys: int = 0
    """Of how many keys messages were acknowledged lately: what the releases are judged by, see `poison`."""
    claims: tuple[Claim, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    pause: PauseChange | None = None

    def __bool__(self) -> bool:
        return bool(self.extensions or self.acks or self.releases or self.claims or self.adoptions or self.pause)
