"""Whether a call that nobody saw ending reached its customer, by what stands in the conversation.

Only the last 20 messages of a conversation can be read, and nothing in them names a send of ours but its words. So a
part counts as absent only if the view reaches back past its call and shows no message of the page that may be it; and
as found only if exactly one message is like it and nothing else may be. Everything else stays open.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from cim_messenger.outbound import PartKind, read_part
from facebook_connector.sending.values import LanePart

CLOCKS_DIFFER_MS = 60_000
"""How far Facebook's clock and ours may be apart. Two parts of equal text in one lane, the first of them uncertain to
the end, are two minutes apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMessage:
    """A message of the conversation, as Facebook shows it."""

    mid: str
    of_page: bool
    """Written by the page, by whichever app or person."""
    time_ms: int
    text: str
    bare: bool
    """Nothing but text stands in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """What could be read of a conversation."""

    messages: tuple[SeenMessage, ...]
    complete: bool
    """No older message exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The conversation could not be read."""

    detail: str
    passing: bool = False
    """It may be at the next turn: Facebook was not reached, or asked for fewer calls."""


Reading: TypeAlias = ConversationView | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the store knows of an uncertain part and of the messages of its conversation."""

    begin_time_ms: int
    """When the part's last call began."""
    claimed: Collection[str]
    """Messenger ids, among those asked about, that belong to another part or to somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The customer has it, under this Messenger id."""

    mid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The customer certainly does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """The view does not say; the detail says why."""

    detail: str


Finding: TypeAlias = Found | Absent | Undecided


class _Likeness(Enum):
    IS_LIKE = auto()
    MAY_BE = auto()
    IS_NOT = auto()


def find(part: LanePart, view: ConversationView, claims: Claims) -> Finding:
    """What the conversation says of an uncertain part."""
    since_ms = claims.begin_time_ms - CLOCKS_DIFFER_MS
    text = _words(str(read_part(part.kind, part.payload).message.get("text") or ""))
    likenesses = [
        (message.mid, _likeness(part.kind, text, message))
        for message in view.messages
        if message.of_page and message.time_ms >= since_ms and message.mid not in claims.claimed
    ]
    alike = [mid for mid, likeness in likenesses if likeness is _Likeness.IS_LIKE]
    if any(likeness is _Likeness.MAY_BE for _, likeness in likenesses) or len(alike) > 1:
        return Undecided(detail="Several messages of the conversation may be it.")
    if alike:
        return Found(mid=alike[0])
    reaches_back = view.complete or any(message.time_ms < since_ms for message in view.messages)
    return Absent() if reaches_back else Undecided(detail="The conversation cannot be read back to the call.")


def _likeness(kind: PartKind, text: str, message: SeenMessage) -> _Likeness:
    """How a message that nobody else claims compares with a part.

    Facebook shows a text as it was sent. How it shows cards and approved templates, with or without their words, is
    documented nowhere: there any message may be the part.
    """
    match kind:
        case PartKind.TEXT:
            return _Likeness.IS_LIKE if message.bare and _words(message.text) == text else _Likeness.IS_NOT
        case PartKind.MEDIA | PartKind.IMAGES | PartKind.STICKER:
            return _Likeness.IS_NOT if message.bare and message.text else _Likeness.IS_LIKE
        case PartKind.TEMPLATE | PartKind.UTILITY | PartKind.RAW:
            return _Likeness.MAY_BE if message.bare else _Likeness.IS_LIKE


def _words(text: str) -> str:
    """The text as it compares: Facebook may trim blanks."""
    return " ".join(text.split())
