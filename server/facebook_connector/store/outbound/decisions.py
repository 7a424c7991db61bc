"""What people decide about accepted messages: try again, call off, say what became of one in doubt.

They count under any owner of the page: the message's own lock is enough, because a part whose call is under way is
never touched. What is queued again takes a place at the end of its lane, so the key's row is locked first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, update

from facebook_connector.sending.request import DEFAULT_TTL_MS
from facebook_connector.sending.values import Failure, MessageKey, MessageState, OutboundStatus, PartState, SendOrigin
from facebook_connector.store.database import Transaction
from facebook_connector.store.notices import Topic, tell_of
from facebook_connector.store.outbound.changes import LanePlace, LockedMessages, PartChange
from facebook_connector.store.outbound.lanes import UNDECIDED
from facebook_connector.store.outbound.schema import IS_OPEN, outbound_message
from facebook_connector.store.outbound.status import find_status
from facebook_connector.store.schema import ordering_key

AT_ONCE = 500
"""Messages that are changed by one statement."""

KEY_OF = select(outbound_message.c.key_id, func.length(outbound_message.c.message).label("size")).where(
    outbound_message.c.page_id == bindparam("the_page"), outbound_message.c.cim_id == bindparam("the_message")
)
TAKE_PLACE = (
    update(ordering_key)
    .where(ordering_key.c.key_id == bindparam("the_key"))
    .values(last_lane_position=ordering_key.c.last_lane_position + 1)
    .returning(ordering_key.c.last_lane_position)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The message after a decision, or as it is if it is in no state for it."""

    status: OutboundStatus
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    """In which state of a message which of its parts become what."""

    state: MessageState
    part: PartState
    becomes: PartState
    detail: str
    """For the history."""


RETRY = _Decision(
    state=MessageState.FAILED, part=PartState.FAILED, becomes=PartState.QUEUED, detail="Queued again on request."
)
RESEND = _Decision(
    state=MessageState.UNCERTAIN,
    part=PartState.UNCERTAIN,
    becomes=PartState.QUEUED,
    detail="An operator says that the customer does not have it.",
)
CALL_SENT = _Decision(
    state=MessageState.UNCERTAIN,
    part=PartState.UNCERTAIN,
    becomes=PartState.SENT,
    detail="An operator says that the customer has it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which waiting messages of a page to cancel; all conditions that are set must hold."""

    page_id: str
    psid: str = ""
    ids: tuple[str, ...] = ()
    origin: SendOrigin | None = None
    accepted_before_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """How many messages were cancelled, and how many were left because nothing follows what is under way."""

    cancelled: int
    in_flight: int


def retry(transaction: Transaction, key: MessageKey, now_ms: int, ttl_ms: int | None) -> Decided | None:
    """Queues a FAILED message again from its first part that was not sent; None: there is no such message.

    A message that had no parts, or whose content was erased, has nothing to send.
    """
    return _decide(transaction, key, RETRY, now_ms, ttl_ms)


def resend(transaction: Transaction, key: MessageKey, now_ms: int) -> Decided | None:
    """The customer does not have an uncertain part: its message is queued again. None: there is no such message."""
    return _decide(transaction, key, RESEND, now_ms, None)


def call_sent(transaction: Transaction, key: MessageKey, now_ms: int) -> Decided | None:
    """The customer has an uncertain part: it counts as sent, and what follows it is sent. None: as `resend`."""
    return _decide(transaction, key, CALL_SENT, now_ms, None)


def cancel(transaction: Transaction, chosen: Chosen, failure: Failure, now_ms: int) -> Cancelled:
    """Fails what waits. Of a message with a part under way only the parts after that are cancelled."""
    cancelled = in_flight = 0
    ids: Sequence[str] = transaction.execute(*_waiting(chosen)).scalars().all()
    for start in range(0, len(ids), AT_ONCE):
        keys = [MessageKey(page_id=chosen.page_id, cim_id=cim_id) for cim_id in ids[start : start + AT_ONCE]]
        messages = LockedMessages(transaction, keys)
        for key in [key for key in messages if messages[key].open]:
            done = _cancel(messages, key, failure, now_ms)
            cancelled, in_flight = cancelled + done, in_flight + (not done)
        messages.save()
    return Cancelled(cancelled=cancelled, in_flight=in_flight)


def _decide(
    transaction: Transaction, key: MessageKey, decision: _Decision, now_ms: int, ttl_ms: int | None
) -> Decided | None:
    found = transaction.execute(KEY_OF, {"the_page": key.page_id, "the_message": key.cim_id}).one_or_none()
    if found is None:
        return None
    position = transaction.execute(TAKE_PLACE, {"the_key": found.key_id}).scalar_one()
    messages = LockedMessages(transaction, (key,))
    status = messages[key] if key in set(messages) else find_status(transaction, key)
    if status is None or status.state is not decision.state or not status.parts or not found.size:
        return None if status is None else Decided(status=status, done=False)
    for part in status.parts:
        if part.state is decision.part:
            change = PartChange(
                index=part.index, now_ms=now_ms, state=decision.becomes, detail=decision.detail, attempts=0
            )
            messages.change_part(key, change)
    # What follows a part in doubt that is still at the head of its lane keeps its place.
    stays = status.open and decision is CALL_SENT
    if not stays and any(part.state is PartState.QUEUED for part in messages[key].parts):
        until_ms = now_ms + (DEFAULT_TTL_MS[status.origin] if ttl_ms is None else ttl_ms)
        place = LanePlace(lane_position=position, expire_time_ms=until_ms)
        messages.reopen(key, place, now_ms, decision.detail)
    messages.save()
    tell_of(transaction, Topic.SEND, status.page_id, status.psid)
    return Decided(status=messages[key], done=True)


def _cancel(messages: LockedMessages, key: MessageKey, failure: Failure, now_ms: int) -> bool:
    parts = messages[key].parts
    undecided = next((part.index for part in parts if part.state in UNDECIDED), None)
    if undecided is None:
        messages.close(key, failure, now_ms)
        return True
    following = next((part.index for part in parts if part.index > undecided), None)
    if following is None:
        return False
    messages.change_part(
        key,
        PartChange(index=following, now_ms=now_ms, state=PartState.FAILED, detail=failure.detail, failure=failure),
    )
    return True


def _waiting(chosen: Chosen) -> tuple[Select[Any], dict[str, object]]:
    """The statement with only the conditions that are set, so that the index of open messages serves it."""
    column = outbound_message.c
    of_person = select(ordering_key.c.key_id).where(
        ordering_key.c.page_id == bindparam("the_page"), ordering_key.c.psid == bindparam("the_psid")
    )
    conditions: dict[str, tuple[object, ColumnElement[bool]]] = {
        "the_psid": (chosen.psid or None, column.key_id.in_(of_person)),
        "the_ids": (list(chosen.ids) or None, column.cim_id.in_(bindparam("the_ids", expanding=True))),
        "the_origin": (chosen.origin, column.origin == bindparam("the_origin")),
        "before_ms": (chosen.accepted_before_ms, column.accept_time_ms < bindparam("before_ms")),
    }
    given = {name: (value, condition) for name, (value, condition) in conditions.items() if value is not None}
    statement = (
        select(column.cim_id)
        .where(IS_OPEN, column.page_id == bindparam("the_page"), *(condition for _, condition in given.values()))
        .order_by(column.cim_id)
    )
    return statement, {"the_page": chosen.page_id, **{name: value for name, (value, _) in given.items()}}
