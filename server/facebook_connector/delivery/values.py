"""The values that the inbound log, the delivery decisions and the stream pass to one another.

Times are integers: milliseconds since the Unix epoch, UTC. Enum values of the protos travel as their numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from facebook_connector.delivery.poison import Verdict

DEFAULT_TENANT = "expertflow"
"""The tenant of a channel that names none, and of what concerns a channel that is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRecord:
    """The medium of a message, still to be fetched."""

    media_id: str
    """Last segment of its link; nobody can guess it."""
    kind: str
    """What the message's body says it is: `image`, `video`, `audio`, `file`, `sticker`."""
    source_url: str
    name: str
    """The file name in the source's address; empty if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """One CIM message of an event, ready to be kept."""

    cim_id: str
    message: bytes
    """Serialized `expertflow.cim.v1.CimMessage`."""
    context: bytes
    """Serialized `expertflow.connector.v1.MessengerContext`, `part` included."""
    media: MediaRecord | None = None
    """Its medium: the message waits for the bytes, for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoRecord:
    """What an echo says about the send it echoes."""

    mid: str
    metadata: str
    """What the sender put into `metadata`; empty when it set none."""
    app_id: str
    """The sending app; empty when Facebook named none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRecord:
    """What an event says about who controls the conversation."""

    app_id: str | None
    """The owner; empty: nobody; None: another app than ours, the event does not say which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefsRecord:
    """What an event says about other messages, by Messenger's ids: resolved when it is stored."""

    reply_to_mid: str = ""
    """The message that is quoted, or on whose button the customer tapped."""
    payload: str = ""
    """What a tap gives back; empty: the event is no tap, or the customer's own data came with it."""
    target_mid: str = ""
    """The message that is edited, reacted to or unsent."""
    edit_number: int | None = None
    delivered_mids: tuple[str, ...] = ()
    delivered_ms: int | None = None
    """Everything sent until then reached the customer's device."""
    read_ms: int | None = None
    """Everything sent until then was read."""
    owner: OwnerRecord | None = None

    @property
    def is_receipt(self) -> bool:
        """Whether it is news about messages of ours."""
        return bool(self.delivered_mids) or self.delivered_ms is not None or self.read_ms is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One Messenger event as the gateway translated it: stored whole or not at all."""

    page_id: str
    psid: str
    """The customer's page-scoped id; empty for an event of the page itself (ordering key `page/-`)."""
    kind: int
    """`expertflow.connector.v1.EventKind`."""
    dedupe_key: str
    """Unique within the page; built from the event, never from a repeat's varying fields."""
    mid: str
    """The event's own Messenger message id; empty where it has none."""
    event_time_ms: int | None
    """Facebook's time; None when it sent none (the time of first receipt then counts)."""
    opens_window: bool
    echo: EchoRecord | None = None
    refs: RefsRecord | None = None
    """None: the event says nothing about other messages."""
    messages: tuple[MessageRecord, ...] = ()
    raw: bytes
    """The event's exact JSON bytes."""
    source: int
    """`expertflow.connector.v1.IngestSource`: LIVE or BACKFILL."""
    translator_version: int
    entry_list: str = ""
    """The list of the webhook's entry that it stood in, which `raw` does not say; empty: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRecord:
    """Something signed that is no event we can keep as one: raw bytes and a reason."""

    reason: str
    detail: str
    """For operators; never what a customer wrote."""
    page_id: str
    """Empty when unknown."""
    raw: bytes
    entry_list: str = ""
    """The list of the webhook's entry that it stood in; empty: in none, or unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOutcome:
    """What became of one item; `quarantine_reason` is set exactly when `outcome` is QUARANTINED."""

    outcome: int
    """`expertflow.connector.v1.IngestOutcome`: STORED, DUPLICATE or QUARANTINED."""
    quarantine_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """The outcome per item, in the request's order, and what the commit made ready."""

    outcomes: tuple[IngestOutcome, ...]
    ready_subscriptions: frozenset[int] = field(default_factory=frozenset)
    """Subscriptions that have something new to deliver: wake their dispatchers."""
    wants_media: bool = False
    """Whether there is something new to fetch."""
    wants_profiles: bool = False
    """Whether there is somebody new to ask Facebook about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A named reader of the inbound log."""

    subscription_id: int
    name: str
    kinds: frozenset[int]
    """`EventKind` numbers; events of other kinds are kept but not delivered here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckToken:
    """Names one attempt of one message: what an `ack_id` stands for."""

    subscription_id: int
    key_id: int
    seq: int
    attempt: int
    epoch: int
    """The claim under which it was delivered; an ack commits only under the same epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The next message of a key, claimed for delivery. Its attempt is committed before it is sent."""

    token: AckToken
    page_id: str
    ordering_key: str
    """`page/PSID`, or `page/-`."""
    kind: int
    origin: int
    """`expertflow.connector.v1.Origin`."""
    tenant_id: str
    cim_id: str
    message: bytes
    context: bytes
    store_time_ms: int
    late: bool

    @property
    def size(self) -> int:
        """Bytes that count against a stream's window."""
        return len(self.message) + len(self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest:
    """Asks for the heads of ready keys; what is granted belongs to `owner` until `until_ms`."""

    subscription_id: int
    owner: str
    """This server's instance id, new at each start."""
    client_id: str
    now_ms: int
    until_ms: int
    limit: int
    page_ids: frozenset[str] = field(default_factory=frozenset)
    """Only keys of these pages; empty: all."""
    kinds: frozenset[int] = field(default_factory=frozenset)
    """Only keys whose head is of one of these kinds; empty: all. Other keys stay as they are, for other streams."""
    max_bytes: int | None = None
    """No further key is granted once the heads granted have this many bytes (`Head.size`); None: no such limit.

    The head that reaches it is granted, so at most one head goes beyond it and at least one is granted if any is
    ready. Fewer than `limit` heads with fewer bytes than this therefore mean that no more is ready, unless the answer
    says that it was contended.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The answer to a claim."""

    heads: list[Head]
    contended: bool = False
    """Whether other servers had ready keys in hand at that moment: some may be left in the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckOutcome:
    """What became of one acknowledgement."""

    token: AckToken
    result: int
    """`expertflow.connector.v1.AckResult`: OK, STALE or UNKNOWN."""
    next_head: Head | None = None
    """After OK: the key's next message, already claimed by the same owner with attempt 1; None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Gives a claimed key back without acknowledging its head: nack, expiry, disconnect."""

    token: AckToken
    ready_at_ms: int
    """When the head may be delivered again."""
    counted: bool
    """Whether the attempt counts towards the dead letter (see the poison rule)."""
    unsent: bool = False
    """Whether no client was sent the head: then it was no delivery, and the next claim has the same attempt number.

    Never together with `counted`.
    """
    detail: str = ""
    """Why, in the consumer's words, for the operator who finds it among the dead letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOutcome:
    """What became of one release."""

    result: int
    """`expertflow.connector.v1.AckOutcome`: OK, STALE or UNKNOWN."""
    verdict: Verdict = Verdict.RETRY
    """After OK: what becomes of the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Moves the lease of a delivered head to `until_ms`."""

    token: AckToken
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptRequest:
    """A client came back: the claims it still works on go on, every other claim of its client id ends at once."""

    subscription_id: int
    owner: str
    """The server that has the client now."""
    client_id: str
    held: tuple[AckToken, ...]
    now_ms: int
    until_ms: int
    """How long the held claims go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The claims of a client are sorted out, and its new stream is known to all servers."""

    results: tuple[int, ...]
    """`AckOutcome` numbers in the order of `AdoptRequest.held`."""
    generation: int
    """Higher than that of every stream which the client had before, on whichever server; 0 where there is but one."""
