"""Acceptance of outbound messages: places at the ends of their lanes, and their rows, or the message that is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, insert, literal_column, select, true
from sqlalchemy.dialects.postgresql import insert as insert_or_else

from facebook_connector.sending.values import (
    Acceptance,
    AcceptResult,
    Lane,
    LaneHead,
    LanePart,
    MessageKey,
    MessageState,
    Offer,
    OutboundRecord,
    OutboundStatus,
    PartState,
    PartStatus,
    Prospect,
)
from facebook_connector.store.batch import BYTES, NUMBER, TEXT, Batch, Query, Row, Statement
from facebook_connector.store.database import Transaction
from facebook_connector.store.errors import Contended
from facebook_connector.store.notices import Topic, tell_of
from facebook_connector.store.outbound.changes import note_given_up
from facebook_connector.store.outbound.rows import failure_text, warnings_text
from facebook_connector.store.outbound.schema import IS_OPEN, outbound_message, outbound_part
from facebook_connector.store.outbound.statements import ADD_HISTORY
from facebook_connector.store.outbound.status import find_status
from facebook_connector.store.schema import ordering_key

ACCEPTED = "Accepted."
DONE = "Done at once."
NOT_FOR_CUSTOMERS = "Accepted; nothing in it is for the customer."

# PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it. SQLite takes that
# clause after a SELECT only if the SELECT has a WHERE: hence `where(true())`.

_lanes = Batch(page_id=TEXT, psid=TEXT, messages=NUMBER)
_new_key: Any = insert_or_else(ordering_key).from_select(
    ["page_id", "psid", "last_lane_position", "last_seq", "last_event_number", "create_time_ms"],
    select(
        *_lanes.rows.c,
        literal_column("0", type_=NUMBER).label("last_seq"),
        literal_column("0", type_=NUMBER).label("last_event_number"),
        bindparam("now_ms", type_=NUMBER),
    )
    .where(true())
    .order_by(_lanes.rows.c.page_id, _lanes.rows.c.psid),
)

TAKE_PLACES = Statement(
    _lanes,
    _new_key.on_conflict_do_update(
        index_elements=["page_id", "psid"],
        set_={"last_lane_position": ordering_key.c.last_lane_position + _new_key.excluded.last_lane_position},
    ),
)
"""Makes or locks the rows of the ordering keys, in sorted order, and takes the next places in their lanes.

From here to the commit nobody else can take a place in these lanes: places become visible in their order.
"""

_of_lane = Batch(page_id=TEXT, psid=TEXT)

PLACES_TAKEN = Query(
    select(
        ordering_key.c.page_id,
        ordering_key.c.psid,
        ordering_key.c.key_id,
        ordering_key.c.last_lane_position,
        ordering_key.c.last_customer_action_ms,
        exists()
        .where(
            IS_OPEN,
            outbound_message.c.page_id == ordering_key.c.page_id,
            outbound_message.c.key_id == ordering_key.c.key_id,
        )
        .label("busy"),
    ).join(
        _of_lane.rows,
        (ordering_key.c.page_id == _of_lane.rows.c.page_id) & (ordering_key.c.psid == _of_lane.rows.c.psid),
    ),
    _of_lane,
)
"""The last of the places, the window clocks of the persons, and whether the lanes have an open message already."""

_messages = Batch(
    page_id=TEXT,
    cim_id=TEXT,
    key_id=NUMBER,
    lane_position=NUMBER,
    content_hash=TEXT,
    origin=TEXT,
    state=TEXT,
    accept_time_ms=NUMBER,
    expire_time_ms=NUMBER,
    update_time_ms=NUMBER,
    close_time_ms=NUMBER,
    quote_mid=TEXT,
    quote_cim_id=TEXT,
    warnings=TEXT,
    failure_reason=TEXT,
    failure=TEXT,
    message=BYTES,
)

ADD_MESSAGES = Statement(
    _messages,
    insert_or_else(outbound_message)
    .from_select(_messages.rows.c.keys(), select(*_messages.rows.c).where(true()))
    .on_conflict_do_nothing(),
)
"""Adds nothing where the id is taken. While another transaction holds it uncommitted, the primary key makes us wait."""

_parts = Batch(
    page_id=TEXT,
    cim_id=TEXT,
    part_index=NUMBER,
    kind=TEXT,
    state=TEXT,
    attempts=NUMBER,
    calls=NUMBER,
    retry_at_ms=NUMBER,
    mid=TEXT,
    update_time_ms=NUMBER,
    payload=BYTES,
)

ADD_PARTS = Statement(_parts, insert(outbound_part).from_select(_parts.rows.c.keys(), select(*_parts.rows.c)))

WINDOW_CLOCK = select(ordering_key.c.last_customer_action_ms).where(
    ordering_key.c.page_id == bindparam("the_page"), ordering_key.c.psid == bindparam("the_psid")
)


def look_up(transaction: Transaction, key: MessageKey, psid: str) -> Prospect:
    """See `OutboundLog.look_up`."""
    clock = transaction.execute(WINDOW_CLOCK, {"the_page": key.page_id, "the_psid": psid}).scalar()
    return Prospect(existing=find_status(transaction, key), last_customer_action_ms=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A message's place in its lane."""

    key_id: int
    lane_position: int
    first: bool
    """No other message of the lane is open."""
    last_customer_action_ms: int | None


def accept(transaction: Transaction, offers: Sequence[Offer]) -> list[Acceptance]:
    """See `OutboundLog.accept`; for several at once.

    Raises `Contended` if one of several was accepted before.
    """
    records = [offer.record for offer in offers]
    places = list(_take_places(transaction, records))
    rows = [_message_row(record, place) for record, place in zip(records, places, strict=True)]
    if ADD_MESSAGES.execute(transaction, rows) < len(rows):
        if len(records) > 1:
            raise Contended
        # The place stays empty, which harms nobody: places only have to grow.
        return [_known(transaction, records[0])]
    if parts := [row for record in records for row in _part_rows(record)]:
        ADD_PARTS.execute(transaction, parts)
    ADD_HISTORY.execute(transaction, map(_history_row, records))
    for offer in offers:
        if offer.elsewhere and offer.record.parts:
            tell_of(transaction, Topic.SEND, offer.record.page_id, offer.record.psid)
    accepted = [_accepted(record, place) for record, place in zip(records, places, strict=True)]
    note_given_up(transaction, (acceptance.status for acceptance in accepted))
    return accepted


def _take_places(transaction: Transaction, records: Sequence[OutboundRecord]) -> Iterator[_Place]:
    """The places of the messages, in their order."""
    left = Counter(map(_lane, records))
    counted = [(lane.page_id, lane.psid, count) for lane, count in left.items()]
    TAKE_PLACES.execute(transaction, counted, now_ms=records[0].accept_time_ms)
    taken = PLACES_TAKEN.fetch(transaction, [row[:2] for row in counted])
    lanes = {Lane(page_id=page_id, psid=psid): values for page_id, psid, *values in taken}
    busy = {lane for lane, (*_, is_busy) in lanes.items() if is_busy}
    for record in records:
        lane = _lane(record)
        key_id, last, clock, _ = lanes[lane]
        left[lane] -= 1
        yield _Place(
            key_id=key_id, lane_position=last - left[lane], first=lane not in busy, last_customer_action_ms=clock
        )
        if record.parts:
            busy.add(lane)


def _accepted(record: OutboundRecord, place: _Place) -> Acceptance:
    status = _status(record, place.last_customer_action_ms)
    return Acceptance(result=AcceptResult.ACCEPTED, status=status, head=_head(record, place))


def _head(record: OutboundRecord, place: _Place) -> LaneHead | None:
    """What `lane_head` would read, unless it would look for what the message quotes."""
    if not place.first or not record.parts or (record.quote_cim_id and not record.quote_mid):
        return None
    return LaneHead(
        lane=_lane(record),
        cim_id=record.cim_id,
        origin=record.origin,
        accept_time_ms=record.accept_time_ms,
        expire_time_ms=record.expire_time_ms,
        retry_at_ms=0,
        uncertain_since_ms=None,
        quote_mid=record.quote_mid,
        quoted=bool(record.quote_mid),
        last_customer_action_ms=place.last_customer_action_ms,
        parts=tuple(
            LanePart(index=part.index, kind=part.kind, state=PartState.QUEUED, payload=part.payload, attempts=0)
            for part in record.parts
        ),
    )


def _lane(record: OutboundRecord) -> Lane:
    return Lane(page_id=record.page_id, psid=record.psid)


def _known(transaction: Transaction, record: OutboundRecord) -> Acceptance:
    status = find_status(transaction, MessageKey(page_id=record.page_id, cim_id=record.cim_id))
    if status is None:
        # It was removed in this very moment.
        raise Contended
    same = status.content_hash == record.content_hash
    return Acceptance(result=AcceptResult.REPEATED if same else AcceptResult.CONFLICT, status=status)


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


def _message_row(record: OutboundRecord, place: _Place) -> Row:
    """As `_messages`."""
    return (
        record.page_id,
        record.cim_id,
        place.key_id,
        place.lane_position,
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


def _part_rows(record: OutboundRecord) -> list[Row]:
    """As `_parts`."""
    key, now_ms = (record.page_id, record.cim_id), record.accept_time_ms
    return [
        (*key, part.index, part.kind.value, PartState.QUEUED.value, 0, 0, 0, "", now_ms, part.payload)
        for part in record.parts
    ]


def _history_row(record: OutboundRecord) -> Row:
    detail = _history_detail(record)
    return (record.page_id, record.cim_id, None, record.accept_time_ms, _state(record).value, detail)


def _status(record: OutboundRecord, last_customer_action_ms: int | None) -> OutboundStatus:
    """What reading the message back would give."""
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
            PartStatus(index=part.index, kind=part.kind, state=PartState.QUEUED, update_time_ms=record.accept_time_ms)
            for part in record.parts
        ),
        warnings=record.warnings,
        failure=record.failure,
        last_customer_action_ms=last_customer_action_ms,
    )
