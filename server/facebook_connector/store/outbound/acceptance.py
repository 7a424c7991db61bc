"""Acceptance of outbound messages: places at the ends of their lanes, and their rows, or the message that is there.

A message that is the head of its lane may be begun in the same transaction, see `HeadStart`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from facebook_connector.sending.lane import Call
from facebook_connector.sending.offers import Acceptance, AcceptResult, Offer
from facebook_connector.sending.values import (
    Lane,
    LaneHead,
    LanePart,
    MessageKey,
    MessageState,
    OutboundRecord,
    OutboundStatus,
    PartState,
    PartStatus,
)
from facebook_connector.store.batch import Row
from facebook_connector.store.database import Transaction
from facebook_connector.store.errors import Contended
from facebook_connector.store.notices import Topic, tell_of
from facebook_connector.store.outbound import acceptance_statements as sql
from facebook_connector.store.outbound.changes import note_given_up
from facebook_connector.store.outbound.page_leases import present_epochs
from facebook_connector.store.outbound.rows import failure_text, warnings_text
from facebook_connector.store.outbound.statements import ADD_HISTORY
from facebook_connector.store.outbound.status import find_statuses

ACCEPTED = "Accepted."
DONE = "Done at once."
NOT_FOR_CUSTOMERS = "Accepted; nothing in it is for the customer."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A message with its place in its lane."""

    offer: Offer
    record: OutboundRecord
    key_id: int
    lane_position: int
    last_customer_action_ms: int | None
    head: LaneHead | None
    """What `lane_head` would read, if this is the only open message of its lane; see `_head`."""
    begun: Call | None
    """The call of the head's first part that begins now."""


def accept(transaction: Transaction, offers: Sequence[Offer]) -> list[Acceptance]:
    """See `OutboundLog.accept`; for several at once.

    Raises `Contended` if two of them are one message, or if it is accepted elsewhere in this very moment.
    """
    keys = list(map(_key, offers))
    if len(set(keys)) < len(keys):
        raise Contended
    known = {_key(status): status for status in find_statuses(transaction, keys)}
    accepted = _accept_new(transaction, [offer for offer in offers if _key(offer) not in known])
    return [
        _recognised(offer, known[key]) if key in known else accepted[key]
        for offer, key in zip(offers, keys, strict=True)
    ]


def _recognised(offer: Offer, status: OutboundStatus) -> Acceptance:
    same = status.content_hash == offer.content_hash
    return Acceptance(result=AcceptResult.REPEATED if same else AcceptResult.CONFLICT, status=status)


def _accept_new(transaction: Transaction, offers: Sequence[Offer]) -> dict[MessageKey, Acceptance]:
    if not offers:
        return {}
    epochs = _epochs(transaction, offers)
    placed = list(_placed(transaction, offers, epochs))
    if sql.ADD_MESSAGES.execute(transaction, map(_message_row, placed)) < len(placed):
        raise Contended
    if parts := [row for message in placed for row in _part_rows(message)]:
        sql.ADD_PARTS.execute(transaction, parts)
    ADD_HISTORY.execute(transaction, [row for message in placed for row in _history_rows(message)])
    for message in placed:
        if message.offer.elsewhere and message.record.parts:
            tell_of(transaction, Topic.SEND, message.record.page_id, message.record.psid)
    accepted = list(map(_accepted, placed))
    note_given_up(transaction, (acceptance.status for acceptance in accepted))
    return {_key(acceptance.status): acceptance for acceptance in accepted}


def _epochs(transaction: Transaction, offers: Sequence[Offer]) -> Mapping[str, int]:
    """The present epochs of the pages that somebody would send for; locked before any message, as in `lanes`."""
    pages = {offer.page_id for offer in offers if offer.head_start is not None}
    return present_epochs(transaction, pages) if pages else {}


def _placed(transaction: Transaction, offers: Sequence[Offer], epochs: Mapping[str, int]) -> Iterator[_Placed]:
    """The messages in their places, in their order."""
    left = Counter(map(_lane, offers))
    counted = [(lane.page_id, lane.psid, count) for lane, count in left.items()]
    sql.TAKE_PLACES.execute(transaction, counted, now_ms=offers[0].now_ms)
    taken = sql.PLACES_TAKEN.fetch(transaction, [row[:2] for row in counted])
    lanes = {Lane(page_id=page_id, psid=psid): values for page_id, psid, *values in taken}
    busy = {lane for lane, (*_, is_busy) in lanes.items() if is_busy}
    for offer in offers:
        lane = _lane(offer)
        key_id, last, clock, _ = lanes[lane]
        left[lane] -= 1
        record = offer.record(clock)
        head = None if lane in busy else _head(lane, record, clock)
        yield _Placed(
            offer=offer,
            record=record,
            key_id=key_id,
            lane_position=last - left[lane],
            last_customer_action_ms=clock,
            head=head,
            begun=None if head is None else _begun(offer, head, epochs),
        )
        if record.parts:
            busy.add(lane)


def _accepted(message: _Placed) -> Acceptance:
    return Acceptance(result=AcceptResult.ACCEPTED, status=_status(message), head=message.head, begun=message.begun)


def _head(lane: Lane, record: OutboundRecord, last_customer_action_ms: int | None) -> LaneHead | None:
    """What `lane_head` would read, unless it would look for what the message quotes."""
    if not record.parts or (record.quote_cim_id and not record.quote_mid):
        return None
    return LaneHead(
        lane=lane,
        cim_id=record.cim_id,
        origin=record.origin,
        accept_time_ms=record.accept_time_ms,
        expire_time_ms=record.expire_time_ms,
        retry_at_ms=0,
        uncertain_since_ms=None,
        quote_mid=record.quote_mid,
        quoted=bool(record.quote_mid),
        last_customer_action_ms=last_customer_action_ms,
        parts=tuple(
            LanePart(index=part.index, kind=part.kind, state=PartState.QUEUED, payload=part.payload, attempts=0)
            for part in record.parts
        ),
    )


def _begun(offer: Offer, head: LaneHead, epochs: Mapping[str, int]) -> Call | None:
    """The call that whoever offers the message may make at once."""
    start = offer.head_start
    if start is None or epochs.get(offer.page_id) != start.epoch:
        return None
    return start.plan(head)


def _lane(offer: Offer) -> Lane:
    return Lane(page_id=offer.page_id, psid=offer.psid)


def _key(what: Offer | OutboundStatus) -> MessageKey:
    return MessageKey(page_id=what.page_id, cim_id=what.cim_id)


def _state(record: OutboundRecord) -> MessageState:
    if record.parts:
        return MessageState.QUEUED
    if record.failure is not None:
        return MessageState.FAILED
    return MessageState.SENT if record.done else MessageState.IGNORED


def _history_detail(record: OutboundRecord) -> str:
    if record.failure is not None:
        return record.failure.detail
    if record.done:
        return DONE
    return ACCEPTED if record.parts else NOT_FOR_CUSTOMERS


def _message_row(message: _Placed) -> Row:
    """As `sql.ADD_MESSAGES` takes it."""
    record = message.record
    return (
        record.page_id,
        record.cim_id,
        message.key_id,
        message.lane_position,
        record.content_hash,
        record.origin.value,
        _state(record).value,
        record.accept_time_ms,
        record.expire_time_ms,
        record.accept_time_ms,
        None if record.parts else record.accept_time_ms,
        record.quote_mid,
        record.quote_cim_id,
        warnings_text(record.warnings),
        None if record.failure is None else record.failure.reason,
        failure_text(record.failure),
        record.message,
    )


def _part_rows(message: _Placed) -> list[Row]:
    """As `sql.ADD_PARTS` takes them."""
    record = message.record
    key, now_ms = (record.page_id, record.cim_id), record.accept_time_ms
    rows: list[Row] = []
    for part in record.parts:
        state = _part_state(message, part.index)
        calls = int(state is PartState.SENDING)
        rows.append((*key, part.index, part.kind.value, state.value, 0, calls, 0, "", now_ms, part.payload))
    return rows


def _part_state(message: _Placed, index: int) -> PartState:
    begun = message.begun is not None and message.begun.part.index == index
    return PartState.SENDING if begun else PartState.QUEUED


def _history_rows(message: _Placed) -> list[Row]:
    """As `ADD_HISTORY` takes them."""
    record = message.record
    key, now_ms = (record.page_id, record.cim_id), record.accept_time_ms
    rows: list[Row] = [(*key, None, now_ms, _state(record).value, _history_detail(record))]
    if message.begun is not None and message.offer.head_start is not None:
        rows.append((*key, message.begun.part.index, now_ms, PartState.SENDING.value, message.offer.head_start.detail))
    return rows


def _status(message: _Placed) -> OutboundStatus:
    """What reading the message back would give."""
    record = message.record
    return OutboundStatus(
        page_id=record.page_id,
        psid=record.psid,
        cim_id=record.cim_id,
        content_hash=record.content_hash,
        origin=record.origin,
        state=_state(record),
        open=bool(record.parts),
        accept_time_ms=record.accept_time_ms,
        expire_time_ms=record.expire_time_ms,
        update_time_ms=record.accept_time_ms,
        parts=tuple(
            PartStatus(
                index=part.index,
                kind=part.kind,
                state=_part_state(message, part.index),
                update_time_ms=record.accept_time_ms,
            )
            for part in record.parts
        ),
        warnings=record.warnings,
        failure=record.failure,
        last_customer_action_ms=message.last_customer_action_ms,
    )
