"""From the states of its parts to the state of a message: one rule, used wherever a part changes.

The store applies it in the transaction of the change, so that an echo, an answer from Facebook and a receipt that
arrive together leave the same state in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from facebook_connector.sending.values import MessageState, PartState

ON_ITS_WAY = frozenset({PartState.SENT, PartState.DELIVERED, PartState.READ})
"""States of a part that Facebook certainly took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOutcome:
    """A message's state, and whether it still holds its lane."""

    state: MessageState
    open: bool


def message_outcome(parts: Sequence[PartState], *, was_open: bool) -> MessageOutcome:
    """What the message is, given its parts in order and whether it held its lane until now.

    A closed message never opens again: when a late echo settles the uncertain part of one whose later parts were
    given up, the message is FAILED, so that it can be retried from the first part not sent.
    """
    if not parts:
        return MessageOutcome(state=MessageState.IGNORED, open=False)
    if PartState.FAILED in parts:
        return MessageOutcome(state=MessageState.FAILED, open=False)
    if PartState.UNCERTAIN in parts:
        return MessageOutcome(state=MessageState.UNCERTAIN, open=was_open)
    if all(part in ON_ITS_WAY for part in parts):
        return MessageOutcome(state=_least(parts), open=False)
    return MessageOutcome(state=MessageState.QUEUED if was_open else MessageState.FAILED, open=was_open)


def nothing_left(parts: Iterable[PartState]) -> bool:
    """Whether certainly no part went out, so that the same content may be sent again under another id."""
    return not any(part in ON_ITS_WAY or part in {PartState.SENDING, PartState.UNCERTAIN} for part in parts)


def may_become(old: PartState, new: PartState) -> bool:
    """Whether a part may change so: forward only, except that a call may put a SENDING part back to QUEUED.

    What Facebook took stays taken; DELIVERED and READ are also taken as proof for a part that was uncertain or failed.
    """
    return new in _NEXT[old]


def _least(parts: Sequence[PartState]) -> MessageState:
    """DELIVERED when all parts are, READ when all parts are."""
    for state in (PartState.SENT, PartState.DELIVERED):
        if state in parts:
            return MessageState(state.value)
    return MessageState.READ


_TAKEN = frozenset({PartState.SENT, PartState.DELIVERED, PartState.READ})
_NEXT = {
    PartState.QUEUED: _TAKEN | {PartState.SENDING, PartState.FAILED},
    PartState.SENDING: _TAKEN | {PartState.QUEUED, PartState.UNCERTAIN, PartState.FAILED},
    PartState.UNCERTAIN: _TAKEN | {PartState.QUEUED, PartState.FAILED},
    PartState.FAILED: _TAKEN | {PartState.QUEUED},
    PartState.SENT: frozenset({PartState.DELIVERED, PartState.READ}),
    PartState.DELIVERED: frozenset({PartState.READ}),
    PartState.READ: frozenset[PartState](),
}
