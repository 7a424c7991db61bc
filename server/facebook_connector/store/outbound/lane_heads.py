"""Which lanes have something to send, and what stands at their heads. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, exists, func, select

from cim_messenger.outbound import PartKind
from facebook_connector.sending.reconciliation import Claims
from facebook_connector.sending.values import Lane, LaneHead, LanePart, MessageKey, PartState, SendOrigin
from facebook_connector.store.batch import TEXT, Batch, Query
from facebook_connector.store.database import Transaction
from facebook_connector.store.outbound.changes import OUT
from facebook_connector.store.outbound.schema import (
    IS_OPEN,
    IS_UNCERTAIN,
    outbound_history,
    outbound_message,
    outbound_part,
)
from facebook_connector.store.schema import mid, ordering_key

_pages = Batch(page_id=TEXT)


def _lanes(condition: ColumnElement[bool]) -> Query:
    """The lanes that have such a message, and since when."""
    lanes = (
        select(outbound_message.c.key_id, func.min(outbound_message.c.accept_time_ms).label("since"))
        .where(condition, outbound_message.c.page_id.in_(select(_pages.rows.c.page_id)))
        .group_by(outbound_message.c.page_id, outbound_message.c.key_id)
        .subquery("lanes")
    )
    found: Select[Any] = select(ordering_key.c.page_id, ordering_key.c.psid, lanes.c.since)
    return Query(found.join(lanes, lanes.c.key_id == ordering_key.c.key_id), _pages)


OPEN_LANES = _lanes(IS_OPEN)

UNCERTAIN_LANES = _lanes(IS_UNCERTAIN)
"""Only what was at the head of its lane can be UNCERTAIN, and it stays there while it is open."""

_first_open = (
    select(
        outbound_message.c.page_id,
        outbound_message.c.cim_id,
        outbound_message.c.origin,
        outbound_message.c.accept_time_ms,
        outbound_message.c.expire_time_ms,
        outbound_message.c.quote_mid,
        outbound_message.c.quote_cim_id,
        ordering_key.c.last_customer_action_ms,
    )
    .join(ordering_key, ordering_key.c.key_id == outbound_message.c.key_id)
    .where(
        IS_OPEN,
        # Said of both tables: the index of open messages begins with the page.
        outbound_message.c.page_id == bindparam("the_page"),
        ordering_key.c.page_id == bindparam("the_page"),
        ordering_key.c.psid == bindparam("the_psid"),
    )
    .order_by(outbound_message.c.lane_position)
    .limit(1)
    .subquery("head")
)
_quoted_mid = (
    select(mid.c.mid)
    .where(mid.c.page_id == _first_open.c.page_id, mid.c.cim_id == _first_open.c.quote_cim_id)
    .order_by(mid.c.part)
    .limit(1)
    .scalar_subquery()
)
LANE_HEAD: Select[Any] = (
    select(
        _first_open.c.cim_id,
        _first_open.c.origin,
        _first_open.c.accept_time_ms,
        _first_open.c.expire_time_ms,
        _first_open.c.last_customer_action_ms,
        _first_open.c.quote_mid,
        _first_open.c.quote_cim_id,
        case((_first_open.c.quote_mid == "", _quoted_mid), else_=_first_open.c.quote_mid).label("found_mid"),
        outbound_part.c.part_index,
        outbound_part.c.kind,
        outbound_part.c.state,
        outbound_part.c.payload,
        outbound_part.c.attempts,
        outbound_part.c.retry_at_ms,
        outbound_part.c.update_time_ms,
    )
    .join(
        outbound_part,
        (outbound_part.c.page_id == _first_open.c.page_id) & (outbound_part.c.cim_id == _first_open.c.cim_id),
    )
    .order_by(outbound_part.c.part_index)
)
"""The parts of the head with what their message says: one statement, so that both are of the same moment."""


FIRST_MID: Select[Any] = (
    select(mid.c.mid)
    .where(mid.c.page_id == bindparam("the_page"), mid.c.cim_id == bindparam("the_message"))
    .order_by(mid.c.part)
    .limit(1)
)

LAST_BEGIN = select(func.max(outbound_history.c.time_ms)).where(
    outbound_history.c.page_id == bindparam("the_page"),
    outbound_history.c.cim_id == bindparam("the_message"),
    outbound_history.c.part_index == bindparam("the_index"),
    outbound_history.c.state == PartState.SENDING.value,
)

_messages = Batch(page_id=TEXT, cim_id=TEXT)
_other = outbound_message.alias("other")

FOLLOWED = Query(
    select(outbound_message.c.page_id, outbound_message.c.cim_id)
    .join(
        _messages.rows,
        (outbound_message.c.page_id == _messages.rows.c.page_id)
        & (outbound_message.c.cim_id == _messages.rows.c.cim_id),
    )
    .where(
        exists().where(
            _other.c.close_time_ms.is_(None),
            _other.c.page_id == outbound_message.c.page_id,
            _other.c.key_id == outbound_message.c.key_id,
            _other.c.cim_id != outbound_message.c.cim_id,
        )
    ),
    _messages,
)
"""The messages in whose lanes another one is open."""

_mids = Batch(page_id=TEXT, mid=TEXT)

WHOSE = Query(
    select(mid.c.mid, mid.c.direction, mid.c.cim_id, mid.c.part).join(
        _mids.rows, (mid.c.page_id == _mids.rows.c.page_id) & (mid.c.mid == _mids.rows.c.mid)
    ),
    _mids,
)
"""What the Messenger ids of a conversation are known to be."""


def open_lanes(transaction: Transaction, page_ids: Iterable[str]) -> tuple[Lane, ...]:
    """See `OutboundLog.open_lanes`."""
    return _found(OPEN_LANES, transaction, page_ids)


def uncertain_lanes(transaction: Transaction, page_ids: Iterable[str]) -> tuple[Lane, ...]:
    """See `OutboundLog.uncertain_lanes`."""
    return _found(UNCERTAIN_LANES, transaction, page_ids)


def lane_head(transaction: Transaction, lane: Lane) -> LaneHead | None:
    """See `OutboundLog.lane_head`."""
    parts = transaction.execute(LANE_HEAD, {"the_page": lane.page_id, "the_psid": lane.psid}).all()
    if not parts:
        return None
    head = parts[0]
    return LaneHead(
        lane=lane,
        cim_id=head.cim_id,
        origin=SendOrigin(head.origin),
        accept_time_ms=head.accept_time_ms,
        expire_time_ms=head.expire_time_ms,
        retry_at_ms=max(part.retry_at_ms for part in parts),
        uncertain_since_ms=_uncertain_since(parts),
        quote_mid=head.found_mid or "",
        quoted=bool(head.quote_mid or head.quote_cim_id),
        last_customer_action_ms=head.last_customer_action_ms,
        parts=tuple(_part(part) for part in parts),
    )


def followed_messages(transaction: Transaction, keys: Iterable[MessageKey]) -> set[MessageKey]:
    """Those of the messages in whose lanes another one is open."""
    found = FOLLOWED.fetch(transaction, {(key.page_id, key.cim_id) for key in keys})
    return {MessageKey(page_id=page_id, cim_id=cim_id) for page_id, cim_id in found}


def find_mid(transaction: Transaction, key: MessageKey) -> str:
    """See `OutboundLog.find_mid`."""
    return transaction.execute(FIRST_MID, {"the_page": key.page_id, "the_message": key.cim_id}).scalar() or ""


def claims(transaction: Transaction, key: MessageKey, index: int, mids: Iterable[str]) -> Claims:
    """See `OutboundLog.claims`."""
    names = {"the_page": key.page_id, "the_message": key.cim_id, "the_index": index}
    begin_ms = transaction.execute(LAST_BEGIN, names).scalar() or 0
    known = WHOSE.fetch(transaction, {(key.page_id, name) for name in mids}) if mids else []
    own = (OUT, key.cim_id, index)
    return Claims(begin_time_ms=begin_ms, claimed={name for name, *whose in known if tuple(whose) != own})


def _found(query: Query, transaction: Transaction, page_ids: Iterable[str]) -> tuple[Lane, ...]:
    rows = query.fetch(transaction, [(page_id,) for page_id in page_ids])
    return tuple(Lane(page_id=page_id, psid=psid) for page_id, psid, _ in sorted(rows, key=lambda row: row[2]))


def _uncertain_since(parts: Sequence[Row[Any]]) -> int | None:
    return min((part.update_time_ms for part in parts if part.state == PartState.UNCERTAIN.value), default=None)


def _part(row: Row[Any]) -> LanePart:
    return LanePart(
        index=row.part_index,
        kind=PartKind(row.kind),
        state=PartState(row.state),
        payload=row.payload,
        attempts=row.attempts,
    )
