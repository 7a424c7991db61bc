"""Acceptance of an outbound message: its place at the end of its lane, and its rows, or the message that is there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_else

from facebook_connector.sending.values import (
    Acceptance,
    AcceptResult,
    MessageKey,
    MessageState,
    OutboundRecord,
    OutboundStatus,
    PartState,
    PartStatus,
    Prospect,
)
from facebook_connector.store.batch import NUMBER, TEXT
from facebook_connector.store.database import Transaction
from facebook_connector.store.errors import Contended
from facebook_connector.store.notices import Topic, tell_of
from facebook_connector.store.outbound.changes import note_given_up
from facebook_connector.store.outbound.rows import failure_text, warnings_text
from facebook_connector.store.outbound.schema import outbound_history, outbound_message, outbound_part
from facebook_connector.store.outbound.status import find_status
from facebook_connector.store.schema import ordering_key

ACCEPTED = "Accepted."
DONE = "Done at once."
NOT_FOR_CUSTOMERS = "Accepted; nothing in it is for the customer."

# PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it.

TAKE_PLACE = (
    insert_or_else(ordering_key)
    .values(
        page_id=bindparam("page_id", type_=TEXT),
        psid=bindparam("psid", type_=TEXT),
        last_seq=0,
        last_event_number=0,
        last_lane_position=1,
        create_time_ms=bindparam("now_ms", type_=NUMBER),
    )
    .on_conflict_do_update(
        index_elements=["page_id", "psid"], set_={"last_lane_position": ordering_key.c.last_lane_position + 1}
    )
    .returning(ordering_key.c.key_id, ordering_key.c.last_lane_position, ordering_key.c.last_customer_action_ms)
)
"""Makes or locks the row of the ordering key and takes the next place in its lane.

From here to the commit nobody else can take a place in this lane: places become visible in their order.
"""

ADD_MESSAGE = insert_or_else(outbound_message).on_conflict_do_nothing()
"""Adds nothing where the id is taken. While another transaction holds it uncommitted, the primary key makes us wait."""

ADD_PARTS = insert(outbound_part)
ADD_HISTORY = insert(outbound_history)

WINDOW_CLOCK = select(ordering_key.c.last_customer_action_ms).where(
    ordering_key.c.page_id == bindparam("the_page"), ordering_key.c.psid == bindparam("the_psid")
)


def look_up(transaction: Transaction, key: MessageKey, psid: str) -> Prospect:
    """See `OutboundLog.look_up`."""
    clock = transaction.execute(WINDOW_CLOCK, {"the_page": key.page_id, "the_psid": psid}).scalar()
    return Prospect(existing=find_status(transaction, key), last_customer_action_ms=clock)


def accept(transaction: Transaction, record: OutboundRecord, *, elsewhere: bool = False) -> Acceptance:
    """See `OutboundLog.accept`."""
    key = {"page_id": record.page_id, "psid": record.psid, "now_ms": record.accept_time_ms}
    place = transaction.execute(TAKE_PLACE, key).one()
    row = _message_row(record, key_id=place.key_id, lane_position=place.last_lane_position)
    if transaction.execute(ADD_MESSAGE, row).rowcount == 0:
        # The place stays empty, which harms nobody: places only have to grow.
        return _known(transaction, record)
    if record.parts:
        transaction.execute(ADD_PARTS, _part_rows(record))
    transaction.execute(ADD_HISTORY, _history_row(record))
    if elsewhere and record.parts:
        tell_of(transaction, Topic.SEND, record.page_id, record.psid)
    status = _status(record, place.last_customer_action_ms)
    if record.failure is not None:
        note_given_up(transaction, (status,))
    return Acceptance(result=AcceptResult.ACCEPTED, status=status)


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


def _message_row(record: OutboundRecord, *, key_id: int, lane_position: int) -> dict[str, Any]:
    return {
        "page_id": record.page_id,
        "cim_id": record.cim_id,
        "key_id": key_id,
        "lane_position": lane_position,
        "content_hash": record.content_hash,
        "origin": record.origin.value,
        "state": _state(record).value,
        "accept_time_ms": record.accept_time_ms,
        "expire_time_ms": record.expire_time_ms,
        "update_time_ms": record.accept_time_ms,
        "close_time_ms": None if record.parts else record.accept_time_ms,
        "quote_mid": record.quote_mid,
        "quote_cim_id": record.quote_cim_id,
        "warnings": warnings_text(record.warnings),
        "failure_reason": None if record.failure is None else record.failure.reason,
        "failure": failure_text(record.failure),
        "message": record.message,
    }


def _part_rows(record: OutboundRecord) -> list[dict[str, Any]]:
    return [
        {
            "page_id": record.page_id,
            "cim_id": record.cim_id,
            "part_index": part.index,
            "kind": part.kind.value,
            "state": PartState.QUEUED.value,
            "attempts": 0,
            "calls": 0,
            "retry_at_ms": 0,
            "mid": "",
            "update_time_ms": record.accept_time_ms,
            "payload": part.payload,
        }
        for part in record.parts
    ]


def _history_row(record: OutboundRecord) -> dict[str, Any]:
    return {
        "page_id": record.page_id,
        "cim_id": record.cim_id,
        "part_index": None,
        "time_ms": record.accept_time_ms,
        "state": _state(record).value,
        "detail": _history_detail(record),
    }


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
