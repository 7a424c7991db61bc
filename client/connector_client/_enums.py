"""The contract's enums under short Python names, with the same numbers; a test compares them with the descriptors.

A number that is newer than this release becomes `UNSPECIFIED`.
"""

from __future__ import annotations

from enum import IntEnum


class _OpenEnum(IntEnum):
    @classmethod
    def _missing_(cls, value: object) -> _OpenEnum | None:
        return cls(0) if isinstance(value, int) and value != 0 else None


class EventKind(_OpenEnum):
    """What an inbound message stands for; see `EventKind` in `inbound.proto`."""

    UNSPECIFIED = 0
    MESSAGE = 1
    REACTION = 2
    RECEIPT = 3
    CUSTOMER_EVENT = 4
    PAGE_EVENT = 5
    FOREIGN_ECHO = 6
    STANDBY = 7
    ECHO = 8


class NackReason(_OpenEnum):
    """Why a message is given back."""

    UNSPECIFIED = 0
    UNAVAILABLE = 1
    """The consumer cannot work at present. Never counts towards the dead letter."""
    REJECTED = 2
    """The consumer cannot process this very message. Counts: after ten such attempts it becomes a dead letter."""


class AckOutcome(_OpenEnum):
    """What became of an ack, a nack or an extension."""

    UNSPECIFIED = 0
    """Something newer than this client; not done."""
    OK = 1
    """Done and committed."""
    STALE = 2
    """The lease was over and nothing was changed. Where the message was not acknowledged it comes again."""
    UNKNOWN = 3
    """No ack id of this subscription."""


class SendOrigin(_OpenEnum):
    """Who wrote an outbound message. Facebook's policy: never say HUMAN for a machine."""

    UNSPECIFIED = 0
    """Derived by the server: HUMAN if the sender's type is `AGENT`, else BOT."""
    HUMAN = 1
    BOT = 2


class SendState(_OpenEnum):
    """Where an outbound message stands; see `SendState` in `outbound.proto`."""

    UNSPECIFIED = 0
    QUEUED = 1
    SENT = 2
    DELIVERED = 3
    READ = 4
    FAILED = 5
    UNCERTAIN = 6
    IGNORED = 7
