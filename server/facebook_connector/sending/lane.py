"""What a lane does next: call, wait, give up. What the answer to a call does stands in `answers`.

A lane sends one part at a time and waits for its answer. SENDING is committed before the call, so that a part whose
call nobody saw ending is known, and is never sent again blindly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cim_messenger.outbound import UploadedMedia
from facebook_connector.sending import failures
from facebook_connector.sending.envelope import Marks, envelope
from facebook_connector.sending.kinds import HANDLING
from facebook_connector.sending.values import (
    Failure,
    LaneHead,
    LanePart,
    PartSettlement,
    PartState,
    SendingChannel,
)
from facebook_connector.sending.window import ANSWER_WINDOW_MS, Label, WindowClosed, judge_window

UNCERTAIN_FINAL_MS = 120_000
"""How long the outcome of a call is looked for before the lane goes on without it."""
UNCERTAIN_UNREAD_MS = 600_000
"""How long it is looked for while the conversation still waits for its turn to be read: Meta allows two reads a second
and page, which is little after a crash with many calls under way."""
UNCERTAIN_LOOK_MS = 1_000
"""How often it is looked whether an echo has settled it."""
UNCERTAIN_READ_MS = 30_000
"""How long the echo alone is waited for; from then on the conversation is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """What Facebook's refusals have taught about the message at hand; forgotten with the pass over the lane."""

    without_quote: bool = False
    as_human_agent: bool = False
    as_file: bool = False
    """Facebook finds that a medium is not of its kind: it goes as a file."""
    uploaded_anew: bool = False
    """Facebook knows the uploads no more, or could not use them: once they are made again."""

    @property
    def media(self) -> tuple[bool, bool]:
        """The repairs that ask for other uploads."""
        return self.as_file, self.uploaded_anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that decides about a lane's head."""

    head: LaneHead
    channel: SendingChannel | None
    """None: deleted."""
    epoch: int
    """Of the page's lease."""
    installation: str
    now_ms: int
    repairs: Repairs = Repairs()
    read_at_ms: int | None = None
    """When the conversation may be read to settle an uncertain part; None: not at present."""
    unread: bool = False
    """The conversation waits for its first turn to be read."""
    uploaded: Mapping[int, Sequence[UploadedMedia]] = field(default_factory=dict)
    """The media of parts, by index, that this pass knows to be at Facebook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Send this part now."""

    part: LanePart
    label: Label
    quoted: bool
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Bring this part's media to Facebook, then ask again."""

    part: LanePart


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Come back at this time, or when woken."""

    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """The channel is stopped: nothing of the page goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """End the message; the lane goes on with the next."""

    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """A call was begun whose end nobody saw: commit that it is uncertain."""

    settlement: PartSettlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Read the conversation: whether the part went out."""

    part: LanePart


Step: TypeAlias = Call | Upload | Rest | Halt | GiveUp | Abandoned | Look


def next_step(situation: Situation) -> Step:
    """The next thing to do for the lane's head; only asked while no call of the lane is on its way."""
    head, channel, now_ms = situation.head, situation.channel, situation.now_ms
    in_doubt = next((part for part in head.parts if part.state is PartState.SENDING), None)
    if in_doubt is not None:
        return Abandoned(settlement=call_unseen(situation, in_doubt))
    if head.uncertain_since_ms is not None:
        return _settle_doubt(situation, head.uncertain_since_ms)
    if now_ms >= head.expire_time_ms:
        return GiveUp(failure=failures.expired(head.expire_time_ms))
    if channel is None:
        return GiveUp(failure=failures.channel_gone(head.lane.page_id))
    if channel.stop_reason:
        return Halt()
    if now_ms < head.retry_at_ms:
        return Rest(until_ms=min(head.retry_at_ms, head.expire_time_ms))
    return _call(situation, channel)


def call_unseen(situation: Situation, part: LanePart) -> PartSettlement:
    """The part's call was begun, and how it ended is not known."""
    return settlement_of(situation, part, PartState.UNCERTAIN, "The end of the call to Facebook was not seen.")


def needs_reading(head: LaneHead, now_ms: int) -> bool:
    """Whether a part of the head is uncertain and its echo has been waited for long enough."""
    return head.uncertain_since_ms is not None and now_ms >= head.uncertain_since_ms + UNCERTAIN_READ_MS


def _settle_doubt(situation: Situation, since_ms: int) -> Step:
    """The echo may come at any time; the conversation is read now and then until the doubt is final."""
    now_ms, read_at_ms = situation.now_ms, situation.read_at_ms
    final_ms = since_ms + (UNCERTAIN_UNREAD_MS if situation.unread else UNCERTAIN_FINAL_MS)
    part = next(part for part in situation.head.parts if part.state is PartState.UNCERTAIN)
    if now_ms >= final_ms:
        return GiveUp(failure=failures.uncertain(part.index))
    if read_at_ms is None:
        return Rest(until_ms=min(now_ms + UNCERTAIN_LOOK_MS, final_ms))
    if now_ms >= read_at_ms:
        return Look(part=part)
    return Rest(until_ms=min(now_ms + UNCERTAIN_LOOK_MS, read_at_ms, final_ms))


def _call(situation: Situation, channel: SendingChannel) -> Step:
    head, repairs = situation.head, situation.repairs
    part = next(part for part in head.parts if part.state is PartState.QUEUED)
    label = _label(situation, channel, part)
    if isinstance(label, WindowClosed):
        enabled = channel.human_agent_enabled
        return GiveUp(failure=failures.window_closed(head, label, human_agent_enabled=enabled))
    uploaded = situation.uploaded.get(part.index, ())
    if HANDLING[part.kind].uploads and not uploaded:
        return Upload(part=part)
    quoted = not repairs.without_quote and _may_quote(head, part, label, situation.now_ms)
    quote_mid = head.quote_mid if quoted else ""
    marks = Marks(label=label, quote_mid=quote_mid, installation=situation.installation)
    return Call(part=part, label=label, quoted=quoted, body=envelope(head, part, marks, uploaded))


def _label(situation: Situation, channel: SendingChannel, part: LanePart) -> Label | WindowClosed:
    """How the part may go out now."""
    handling = HANDLING[part.kind]
    if not handling.needs_window:
        return Label.UTILITY
    if situation.repairs.as_human_agent:
        return Label.HUMAN_AGENT
    return judge_window(
        situation.head.origin,
        situation.head.last_customer_action_ms,
        human_agent_enabled=channel.human_agent_enabled and handling.taggable,
        now_ms=situation.now_ms,
    )


def _may_quote(head: LaneHead, part: LanePart, label: Label, now_ms: int) -> bool:
    """Facebook takes a quote on a RESPONSE only, and while the person wrote within 24 hours."""
    if part.index != 0 or not head.quote_mid or label is not Label.RESPONSE:
        return False
    last = head.last_customer_action_ms
    return last is None or now_ms < last + ANSWER_WINDOW_MS


def settlement_of(situation: Situation, part: LanePart, state: PartState, detail: str) -> PartSettlement:
    """What came of a call of the part, with nothing but its state."""
    return PartSettlement(
        page_id=situation.head.lane.page_id,
        cim_id=situation.head.cim_id,
        index=part.index,
        epoch=situation.epoch,
        now_ms=situation.now_ms,
        state=state,
        attempts=part.attempts,
        detail=detail,
    )
