"""The statements that resolve references: Messenger ids, taps, edits, what waits, and who owns a conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, bindparam, case, delete, exists, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.sending.settlement import ON_ITS_WAY
from facebook_connector.store.batch import BYTES, NUMBER, TEXT, Batch, Query, Statement
from facebook_connector.store.log.reference_schema import edit, thread_owner, waiting_event, waiting_message
from facebook_connector.store.outbound.schema import outbound_message, outbound_part
from facebook_connector.store.schema import channel, event, mid, ordering_key

NOW = bindparam("now_ms", type_=NUMBER)

NEWEST_SENT = 100
"""How many of the newest messages to a customer are searched for the button that was tapped."""

_pages = Batch(page_id=TEXT)

APP_IDS = Query(
    select(channel.c.page_id, channel.c.app_id).where(channel.c.page_id.in_(select(_pages.rows.c.page_id))), _pages
)

_mids = Batch(page_id=TEXT, mid=TEXT)

CIM_IDS = Query(
    select(mid.c.page_id, mid.c.mid, mid.c.part, mid.c.cim_id, mid.c.direction).join(
        _mids.rows, (mid.c.page_id == _mids.rows.c.page_id) & (mid.c.mid == _mids.rows.c.mid)
    ),
    _mids,
)
"""The CIM ids behind Messenger ids: one for each part."""

_persons = Batch(page_id=TEXT, psid=TEXT)

SENT_LATELY = Query(
    select(ordering_key.c.page_id, ordering_key.c.psid, outbound_message.c.lane_position, outbound_message.c.cim_id)
    .add_columns(outbound_message.c.message)
    .select_from(_persons.rows)
    .join(
        ordering_key,
        (ordering_key.c.page_id == _persons.rows.c.page_id) & (ordering_key.c.psid == _persons.rows.c.psid),
    )
    .join(
        outbound_message,
        (outbound_message.c.key_id == ordering_key.c.key_id)
        & (outbound_message.c.lane_position > ordering_key.c.last_lane_position - NEWEST_SENT),
    )
    .where(
        exists().where(
            outbound_part.c.page_id == outbound_message.c.page_id,
            outbound_part.c.cim_id == outbound_message.c.cim_id,
            or_(*(outbound_part.c.state == state.value for state in sorted(ON_ITS_WAY))),
        )
    ),
    _persons,
)
"""The newest messages of which something reached these customers."""

_edits = Batch(page_id=TEXT, mid=TEXT, edit_number=NUMBER)
_new_edit: Any = insert(edit).from_select(
    [*_edits.rows.c.keys(), "update_time_ms"],
    select(*_edits.rows.c, NOW).where(true()).order_by(_edits.rows.c.page_id, _edits.rows.c.mid),
)

RAISE_EDITS = Statement(
    _edits,
    _new_edit.on_conflict_do_update(
        index_elements=["page_id", "mid"],
        set_={
            "edit_number": case(
                (_new_edit.excluded.edit_number > edit.c.edit_number, _new_edit.excluded.edit_number),
                else_=edit.c.edit_number,
            ),
            "update_time_ms": _new_edit.excluded.update_time_ms,
        },
    ),
)
"""Notes the highest edit of each message, and locks it: of two edits that come at once one sees the other."""

HIGHEST_EDITS = Query(
    select(edit.c.page_id, edit.c.mid, edit.c.edit_number).join(
        _mids.rows, (edit.c.page_id == _mids.rows.c.page_id) & (edit.c.mid == _mids.rows.c.mid)
    ),
    _mids,
)

_waiting = Batch(
    key_id=NUMBER,
    event_number=NUMBER,
    page_id=TEXT,
    psid=TEXT,
    wait_mid=TEXT,
    due_ms=NUMBER,
    is_echo=Boolean(),
    edit_number=NUMBER,
)

ADD_WAITING = Statement(_waiting, insert(waiting_event).from_select(_waiting.rows.c.keys(), select(*_waiting.rows.c)))

_held = Batch(key_id=NUMBER, event_number=NUMBER, part=NUMBER, cim_id=TEXT, message=BYTES, context=BYTES, media=TEXT)

ADD_HELD = Statement(_held, insert(waiting_message).from_select(_held.rows.c.keys(), select(*_held.rows.c)))

_places = Batch(key_id=NUMBER, event_number=NUMBER)

HELD = Query(
    select(
        waiting_message.c.key_id,
        waiting_message.c.event_number,
        waiting_message.c.part,
        waiting_message.c.cim_id,
        waiting_message.c.message,
        waiting_message.c.context,
        waiting_message.c.media,
    ).join(
        _places.rows,
        (waiting_message.c.key_id == _places.rows.c.key_id)
        & (waiting_message.c.event_number == _places.rows.c.event_number),
    ),
    _places,
)

END_WAITING = Statement(
    _places,
    delete(waiting_event).where(
        tuple_(waiting_event.c.key_id, waiting_event.c.event_number).in_(
            select(_places.rows.c.key_id, _places.rows.c.event_number)
        )
    ),
)

_ROW = (
    waiting_event.c.key_id,
    waiting_event.c.event_number,
    waiting_event.c.page_id,
    waiting_event.c.psid,
    waiting_event.c.wait_mid,
    waiting_event.c.due_ms,
    waiting_event.c.is_echo,
    waiting_event.c.edit_number,
    event.c.kind,
    event.c.mid,
    event.c.dedupe_key,
    event.c.event_time_ms,
    event.c.translator_version,
)
_its_event = (event.c.key_id == waiting_event.c.key_id) & (event.c.event_number == waiting_event.c.event_number)
_arrivals = Batch(page_id=TEXT, psid=TEXT, mid=TEXT)

WAITING_FOR = Query(
    select(*_ROW)
    .join(event, _its_event)
    .join(
        _arrivals.rows,
        (waiting_event.c.page_id == _arrivals.rows.c.page_id)
        & (waiting_event.c.wait_mid == _arrivals.rows.c.mid)
        & (waiting_event.c.psid == _arrivals.rows.c.psid),
    ),
    _arrivals,
)
"""What waits for one of these messages in the same conversation."""

# One row at most, and not EXISTS: PostgreSQL would answer that for all by reading every Messenger id of a year.
_is_known = (
    select(mid.c.part)
    .where(mid.c.page_id == waiting_event.c.page_id, mid.c.mid == waiting_event.c.wait_mid)
    .limit(1)
    .scalar_subquery()
    .is_not(None)
)

DUE = Query(
    select(waiting_event.c.key_id, waiting_event.c.event_number, waiting_event.c.page_id, waiting_event.c.psid)
    .where(or_(waiting_event.c.due_ms <= NOW, _is_known))
    .order_by(waiting_event.c.due_ms)
    .limit(bindparam("row_limit", type_=NUMBER))
)
"""What has waited long enough, or need not wait any more. Whoever waits is few: at most what came in 30 seconds."""

STILL_WAITING = Query(
    select(*_ROW)
    .join(event, _its_event)
    .join(
        _places.rows,
        (waiting_event.c.key_id == _places.rows.c.key_id)
        & (waiting_event.c.event_number == _places.rows.c.event_number),
    ),
    _places,
)

_settled = Batch(key_id=NUMBER, event_number=NUMBER, kind=NUMBER, late=Boolean())

SETTLE_EVENTS = Statement(
    _settled,
    update(event)
    .where(event.c.key_id == _settled.rows.c.key_id, event.c.event_number == _settled.rows.c.event_number)
    .values(kind=_settled.rows.c.kind, late=_settled.rows.c.late),
)
"""What an event turned out to be when its messages were numbered."""

_owners = Batch(page_id=TEXT, psid=TEXT, app_id=TEXT, observe_time_ms=NUMBER)
_new_owner: Any = insert(thread_owner).from_select(
    _owners.rows.c.keys(),
    select(*_owners.rows.c).where(true()).order_by(_owners.rows.c.page_id, _owners.rows.c.psid),
)

SET_OWNERS = Statement(
    _owners,
    _new_owner.on_conflict_do_update(
        index_elements=["page_id", "psid"],
        set_={"app_id": _new_owner.excluded.app_id, "observe_time_ms": _new_owner.excluded.observe_time_ms},
        where=thread_owner.c.observe_time_ms <= _new_owner.excluded.observe_time_ms,
    ),
)
"""Notes who owns conversations; what was observed later stays."""

FORGET_OWNERS = Statement(
    _owners,
    delete(thread_owner).where(
        # The batch leads: an engine that walked through the table instead would read every conversation.
        tuple_(thread_owner.c.page_id, thread_owner.c.psid).in_(select(_owners.rows.c.page_id, _owners.rows.c.psid)),
        exists().where(
            thread_owner.c.page_id == _owners.rows.c.page_id,
            thread_owner.c.psid == _owners.rows.c.psid,
            thread_owner.c.app_id == _owners.rows.c.app_id,
            thread_owner.c.observe_time_ms <= _owners.rows.c.observe_time_ms,
        ),
    ),
)
"""Forgets that these apps owned conversations; what was observed later stays."""

OWNERS = Query(
    select(thread_owner.c.page_id, thread_owner.c.psid, thread_owner.c.app_id, thread_owner.c.observe_time_ms)
    .add_columns(channel.c.app_id.label("own_app_id"))
    .select_from(_persons.rows)
    .join(
        thread_owner,
        (thread_owner.c.page_id == _persons.rows.c.page_id) & (thread_owner.c.psid == _persons.rows.c.psid),
    )
    .join(channel, channel.c.page_id == thread_owner.c.page_id),
    _persons,
)
