"""The values that the outbox, the outbound store, the Graph client and the sending decisions pass to one another.

Times are integers: milliseconds since the Unix epoch, UTC. States are words, because they are read in the database by
people; they equal the value names of the protos without their prefix.

A message belongs to a *lane*: all messages of one page to one person, in the order they were accepted. It is *open*
while it holds its lane: until it was sent, failed, or its uncertainty became final.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cim_messenger.outbound import PartKind


class MessageState(StrEnum):
    """What became of an accepted message: `SendState` of the protos."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"
    UNCERTAIN = "UNCERTAIN"
    IGNORED = "IGNORED"


class PartState(StrEnum):
    """What became of one part. SENDING is committed before each call to Facebook and never outlives its owner.

    The protos show SENDING as QUEUED.
    """

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"
    UNCERTAIN = "UNCERTAIN"


class SendOrigin(StrEnum):
    """Who wrote the message: decides the messaging window and the default time to live."""

    HUMAN = "HUMAN"
    BOT = "BOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRecord:
    """One Send API message, rendered at acceptance so that a newer renderer cannot move the borders between parts."""

    index: int
    """From 0, in sending order."""
    kind: PartKind
    payload: bytes
    """The rendered part as JSON, see `cim_messenger.outbound.payloads`; `metadata` is added at each call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWarning:
    """A change made to a message so that Messenger takes it."""

    code: str
    """`QUOTE_DROPPED`, `TEXT_SPLIT`, …; see `SendWarning.code` in the protos."""
    detail: str
    """For agents; never what was written."""
    part_index: int | None = None
    """None: the message as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRecord:
    """A message to be accepted. Its key is (`page_id`, `cim_id`).

    Without parts it is closed at once: FAILED if it brings a failure, SENT if what it asked for was done, else IGNORED.
    """

    page_id: str
    psid: str
    cim_id: str
    content_hash: str
    """`<version>:<hex>`, see `content_hash`; equal means the same message."""
    message: bytes
    """Serialized `expertflow.cim.v1.CimMessage`."""
    origin: SendOrigin
    accept_time_ms: int
    expire_time_ms: int
    """From then on a message that is not sent fails EXPIRED."""
    parts: tuple[PartRecord, ...]
    quote_mid: str = ""
    """The Messenger id of the quoted message when the caller named it."""
    quote_cim_id: str = ""
    """The CIM id of the quoted message; the store finds the mid of its first part. Used when `quote_mid` is empty."""
    warnings: tuple[SendWarning, ...] = ()
    failure: Failure | None = None
    """Why it can never go; only without parts."""
    done: bool = False
    """Facebook took the sender action that it asked for; only without parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a message or part failed or is uncertain."""

    reason: str
    """A value name of `ErrorReason` without its prefix."""
    detail: str
    """For agents and operators; holds neither secrets nor what was written."""
    provider_code: int | None = None
    """Graph's `error.code`; None when Facebook did not say."""
    provider_subcode: int | None = None
    provider_trace_id: str = ""
    """Graph's `fbtrace_id`: what Meta's support asks for."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """The dynamic parts of the failure; the keys are documented at each `ErrorReason`."""
    part_index: int | None = None
    """The part that failed; None when no part was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStatus:
    """What became of one part so far."""

    index: int
    kind: PartKind
    state: PartState
    update_time_ms: int
    """When the state last changed."""
    mid: str = ""
    """Messenger's message id; empty until Facebook told it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundStatus:
    """What became of an accepted message so far."""

    page_id: str
    psid: str
    cim_id: str
    content_hash: str
    origin: SendOrigin
    state: MessageState
    open: bool
    """Whether it still holds its lane. UNCERTAIN and open: the outcome is still being looked for."""
    accept_time_ms: int
    expire_time_ms: int
    update_time_ms: int
    """When the state last changed."""
    parts: tuple[PartStatus, ...]
    warnings: tuple[SendWarning, ...] = ()
    failure: Failure | None = None
    """Set when FAILED or finally UNCERTAIN; the failed part's answer if there was one."""
    last_customer_action_ms: int | None = None
    """The window clock of the person; None when no action of theirs was ever seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One change of a message or part, as `GetMessage` tells it."""

    time_ms: int
    part_index: int | None
    """None: the message as a whole."""
    state: str
    """A `MessageState` for the message, a `PartState` for a part."""
    detail: str
    """What led to the change, as a sentence for operators; never content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundDetails:
    """A message with its past, oldest change first."""

    status: OutboundStatus
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLease:
    """Says that one server alone sends for a page, until `until_ms` unless renewed.

    The epoch grows with each change of owner. A write under an older epoch is refused, so that a server that lost the
    page without noticing cannot start a call its successor does not know of.
    """

    page_id: str
    owner: str
    """The server's instance id, new at each start."""
    epoch: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Names the lane of one page to one person."""

    page_id: str
    psid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKey:
    """Names an accepted message."""

    page_id: str
    cim_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePart:
    """One part as the lane needs it."""

    index: int
    kind: PartKind
    state: PartState
    payload: bytes
    attempts: int
    """Failed tries that count towards giving up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneHead:
    """The oldest open message of a lane: the only one of it that may be sent now."""

    lane: Lane
    cim_id: str
    origin: SendOrigin
    accept_time_ms: int
    expire_time_ms: int
    retry_at_ms: int
    """Not to be tried before; 0 when there is nothing to wait for."""
    uncertain_since_ms: int | None
    """When the part that is UNCERTAIN became so; None when none is."""
    quote_mid: str
    """The quoted message's mid, found by CIM id where the record named none; empty: no quote, or unknown."""
    quoted: bool
    """Whether the message quotes at all (`quote_mid` or `quote_cim_id` was given)."""
    last_customer_action_ms: int | None
    parts: tuple[LanePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBeginning:
    """Asks to commit SENDING for a part of a lane's head, before the call to Facebook."""

    page_id: str
    cim_id: str
    index: int
    epoch: int
    now_ms: int
    detail: str
    """For the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSettlement:
    """Commits what came of one call. `state` is QUEUED (try again), SENT, UNCERTAIN or FAILED.

    SENT is the truth whoever reports it and is taken under any epoch, also over UNCERTAIN. Everything else is taken
    only under the present epoch and only while the part is as `settles` says: an echo may have confirmed it meanwhile.
    """

    page_id: str
    cim_id: str
    index: int
    epoch: int
    now_ms: int
    state: PartState
    mid: str = ""
    attempts: int = 0
    """The new value of `LanePart.attempts`."""
    retry_at_ms: int = 0
    """With QUEUED: when the message may be tried again."""
    detail: str
    """For the history."""
    failure: Failure | None = None
    """With FAILED, and only then: becomes the message's failure."""
    warnings: tuple[SendWarning, ...] = ()
    """Added to the message's warnings unless they are there."""
    settles: PartState = PartState.SENDING
    """SENDING: the call was made by whoever settles it; UNCERTAIN: the conversation told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What stands after a settlement."""

    status: OutboundStatus
    followed: bool
    """Whether another message of the lane is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Ends an open message that has no part SENDING; its lane goes on.

    With a part UNCERTAIN the message stays UNCERTAIN, finally; otherwise it is FAILED.
    """

    page_id: str
    cim_id: str
    epoch: int
    now_ms: int
    failure: Failure
    """Its detail also goes into the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingChannel:
    """What a call to Facebook for one page needs. The secrets never show in a representation."""

    page_id: str
    etag: str
    """The stored channel's version: says whether a refusal still concerns the present token."""
    page_token: str = field(repr=False)
    app_secret: str = field(repr=False)
    """For `appsecret_proof`; empty: none is sent."""
    graph_version: str
    """`v25.0`; empty: the connector's pinned version."""
    human_agent_enabled: bool
    edited_marker: str
    """Stands before the new text of an edit, which Messenger does not know; empty: nothing does."""
    default_prompt: str
    """Stands above buttons that come without a prompt."""
    allow_custom: bool
    """Whether CUSTOM bodies may be raw Send API messages."""
    stop_reason: str = ""
    """`ErrorReason` name that stopped the channel (`PAGE_TOKEN_REJECTED`, `PAGE_RESTRICTED`, …); empty: it may send."""
    throttled: bool = False
    """Facebook asked for fewer calls, and has taken none since."""
    state_time_ms: int = 0
    """When the channel came into its present state."""
