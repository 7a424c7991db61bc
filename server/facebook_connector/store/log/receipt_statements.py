"""The statements of delivery and read receipts. Each serves a whole batch."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, literal, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.sending.values import PartState
from facebook_connector.store.batch import NUMBER, TEXT, Batch, Query, Statement
from facebook_connector.store.log.reference_schema import IS_UNREAD, parked_receipt, receipt_check, receipt_mark
from facebook_connector.store.outbound.schema import outbound_message, outbound_part
from facebook_connector.store.schema import event, mid, ordering_key

NOW = bindparam("now_ms", type_=NUMBER)
SINCE = bindparam("since_ms", type_=NUMBER)

_marks = Batch(key_id=NUMBER, status=TEXT, watermark_ms=NUMBER, event_number=NUMBER)
_new_mark: Any = insert(receipt_mark).from_select(
    [*_marks.rows.c.keys(), "store_time_ms"],
    select(*_marks.rows.c, NOW).where(true()).order_by(_marks.rows.c.key_id, _marks.rows.c.status),
)

RAISE_MARKS = Statement(
    _marks,
    _new_mark.on_conflict_do_update(
        index_elements=["key_id", "status"],
        set_={name: _new_mark.excluded[name] for name in ("watermark_ms", "event_number", "store_time_ms")},
        where=receipt_mark.c.watermark_ms < _new_mark.excluded.watermark_ms,
    ),
)
"""Moves the marks of conversations forward; a higher one stays."""

_parked = Batch(key_id=NUMBER, mid=TEXT, page_id=TEXT, event_number=NUMBER, until_ms=NUMBER)

PARK = Statement(
    _parked,
    insert(parked_receipt)
    .from_select(
        _parked.rows.c.keys(),
        select(*_parked.rows.c).where(true()).order_by(_parked.rows.c.key_id, _parked.rows.c.mid),
    )
    .on_conflict_do_nothing(),
)
"""Keeps delivered Messenger ids until the parts that they are of are known."""

_keys = Batch(key_id=NUMBER)

_part_of_message = and_(
    outbound_part.c.page_id == outbound_message.c.page_id, outbound_part.c.cim_id == outbound_message.c.cim_id
)

COVERED_BY_MID = Query(
    select(
        parked_receipt.c.key_id,
        outbound_message.c.lane_position,
        outbound_part.c.page_id,
        outbound_part.c.cim_id,
        outbound_part.c.part_index,
        literal("DELIVERED", TEXT).label("status"),
        parked_receipt.c.event_number,
        parked_receipt.c.mid,
    )
    .select_from(_keys.rows)
    .join(parked_receipt, parked_receipt.c.key_id == _keys.rows.c.key_id)
    .join(
        mid,
        (mid.c.page_id == parked_receipt.c.page_id) & (mid.c.mid == parked_receipt.c.mid) & (mid.c.direction == "OUT"),
    )
    .join(
        outbound_part,
        (outbound_part.c.page_id == mid.c.page_id)
        & (outbound_part.c.cim_id == mid.c.cim_id)
        & (outbound_part.c.part_index == mid.c.part),
    )
    .join(outbound_message, _part_of_message),
    _keys,
)
"""The parts behind the parked ids of conversations that are known by now."""

_is_news = or_(
    outbound_part.c.state == PartState.SENT.value,
    and_(outbound_part.c.state == PartState.DELIVERED.value, receipt_mark.c.status == "READ"),
)

COVERED_BY_MARK = Query(
    select(
        receipt_mark.c.key_id,
        outbound_message.c.lane_position,
        outbound_part.c.page_id,
        outbound_part.c.cim_id,
        outbound_part.c.part_index,
        receipt_mark.c.status,
        receipt_mark.c.event_number,
    )
    .select_from(_keys.rows)
    .join(receipt_mark, receipt_mark.c.key_id == _keys.rows.c.key_id)
    .join(outbound_message, (outbound_message.c.key_id == receipt_mark.c.key_id) & IS_UNREAD)
    .join(outbound_part, _part_of_message)
    # A mark that old has been applied to all that was sent before it. The sum hides the column from PostgreSQL: by the
    # fewness of new marks it would look for them first, through all marks there are.
    .where(
        receipt_mark.c.store_time_ms + 0 >= SINCE,
        _is_news,
        outbound_part.c.sent_time_ms <= receipt_mark.c.watermark_ms,
    ),
    _keys,
)
"""The parts of messages not read yet that were sent before the marks of their conversations."""

_ids = Batch(key_id=NUMBER, mid=TEXT)

UNPARK = Statement(
    _ids,
    delete(parked_receipt).where(
        tuple_(parked_receipt.c.key_id, parked_receipt.c.mid).in_(select(_ids.rows.c.key_id, _ids.rows.c.mid))
    ),
)

FORGET_PARKED = delete(parked_receipt).where(parked_receipt.c.until_ms <= NOW)

_messages = Batch(page_id=TEXT, cim_id=TEXT)
_is_marked = exists().where(
    receipt_mark.c.key_id == outbound_message.c.key_id,
    receipt_mark.c.store_time_ms >= SINCE,
    receipt_mark.c.watermark_ms >= outbound_part.c.sent_time_ms,
)
_is_parked = exists().where(
    parked_receipt.c.key_id == outbound_message.c.key_id,
    parked_receipt.c.page_id == outbound_part.c.page_id,
    parked_receipt.c.mid == outbound_part.c.mid,
)

NOTE_CONFIRMED = Statement(
    _messages,
    insert(receipt_check).from_select(
        ["key_id"],
        select(outbound_message.c.key_id)
        .distinct()
        .select_from(_messages.rows)
        .join(
            outbound_message,
            (outbound_message.c.page_id == _messages.rows.c.page_id)
            & (outbound_message.c.cim_id == _messages.rows.c.cim_id),
        )
        .join(outbound_part, _part_of_message)
        .where(outbound_part.c.sent_time_ms.is_not(None), or_(_is_marked, _is_parked)),
    ),
)
"""Asks for a check of the conversations in which a receipt may cover a part of these messages."""

CHECKS = Query(
    select(receipt_check.c.check_id, receipt_check.c.key_id, ordering_key.c.page_id, ordering_key.c.psid).join(
        ordering_key, ordering_key.c.key_id == receipt_check.c.key_id
    )
)

_checks = Batch(check_id=NUMBER)

END_CHECKS = Statement(
    _checks,
    delete(receipt_check).where(receipt_check.c.check_id.in_(select(_checks.rows.c.check_id))),
)

_places = Batch(key_id=NUMBER, event_number=NUMBER)

EVENTS = Query(
    select(
        event.c.key_id,
        event.c.event_number,
        ordering_key.c.page_id,
        ordering_key.c.psid,
        event.c.dedupe_key,
        event.c.event_time_ms,
        event.c.translator_version,
    )
    .select_from(_places.rows)
    .join(event, (event.c.key_id == _places.rows.c.key_id) & (event.c.event_number == _places.rows.c.event_number))
    .join(ordering_key, ordering_key.c.key_id == event.c.key_id),
    _places,
)
