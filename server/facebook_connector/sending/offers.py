"""Acceptance as a question and its answer: a message is offered to the store, and what became of the offer.

Whoever holds the message's lane may ask for a head start: if the message finds the lane empty, its first call begins in
the very commit that accepts it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cim_messenger.outbound import PartKind
from facebook_connector.sending.lane import Call
from facebook_connector.sending.values import LaneHead, OutboundRecord, OutboundStatus, SendOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadStart:
    """Asks for SENDING in the commit that accepts the message, so that its first call can follow at once.

    Only whoever holds the message's lane may ask: then nobody else works on it meanwhile.
    """

    epoch: int
    """Of the page's lease. Under any other one nothing is begun."""
    plan: Callable[[LaneHead], Call | None]
    """The call to begin, if the message is the head of its lane; None: something else is to be done first. Pure."""
    detail: str
    """For the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Asks for a message to be accepted."""

    page_id: str
    psid: str
    cim_id: str
    content_hash: str
    """As in the record."""
    origin: SendOrigin
    """As in the record."""
    kinds: tuple[PartKind, ...]
    """Of its parts, if it is not refused in the end."""
    now_ms: int
    record: Callable[[int | None], OutboundRecord]
    """What to store, given the window clock of (`page_id`, `psid`). Whatever it raises refuses the message.

    Pure: it may be asked more than once, and is not asked for a message that is known.
    """
    elsewhere: bool = False
    """Another server may send for the page; it is told."""
    head_start: HeadStart | None = None
    """None: the message is left to its lane."""


class AcceptResult(StrEnum):
    """What became of an offer."""

    ACCEPTED = "ACCEPTED"
    """Stored now."""
    REPEATED = "REPEATED"
    """The same message was accepted before; nothing changed."""
    CONFLICT = "CONFLICT"
    """Another message was accepted under this key; nothing changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The answer to an acceptance: what was done and what the message's state is (on CONFLICT: the other's)."""

    result: AcceptResult
    status: OutboundStatus
    head: LaneHead | None = None
    """The head of the lane, if this message is it and nothing had to be read for it. As it was before any call."""
    begun: Call | None = None
    """The call of the head's first part, for which SENDING is committed: it is to be made, by whoever asked for it."""
