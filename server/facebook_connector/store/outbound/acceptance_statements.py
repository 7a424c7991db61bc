"""The statements that accept outbound messages. Each serves any number of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, exists, insert, literal_column, select, true
from sqlalchemy.dialects.postgresql import insert as insert_or_else

from facebook_connector.store.batch import BYTES, NUMBER, TEXT, Batch, Query, Statement
from facebook_connector.store.outbound.schema import IS_OPEN, outbound_message, outbound_part
from facebook_connector.store.schema import ordering_key

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
