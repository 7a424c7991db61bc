"""The statements that change outbound messages and write their history. Each serves any number of rows."""

from __future__ import annotations

from sqlalchemy import case, func, insert, or_, select, update

from facebook_connector.sending.settlement import ON_ITS_WAY
from facebook_connector.sending.values import MessageState, PartState
from facebook_connector.store.batch import NUMBER, TEXT, Batch, Statement
from facebook_connector.store.outbound.schema import outbound_history, outbound_message, outbound_news, outbound_part
from facebook_connector.store.schema import installation

_parts = Batch(
    page_id=TEXT,
    cim_id=TEXT,
    part_index=NUMBER,
    state=TEXT,
    time_ms=NUMBER,
    mid=TEXT,
    attempts=NUMBER,
    retry_at_ms=NUMBER,
)
# Not IN: a list of values would have to be written out at each execution.
_now_taken = or_(*(_parts.rows.c.state == state.value for state in sorted(ON_ITS_WAY)))

CLOCK_SKEW = select(installation.c.clock_skew_ms).scalar_subquery()

# Until the echo says when it was sent, which it may never do.
_sent_time_ms = func.coalesce(outbound_part.c.sent_time_ms, _parts.rows.c.time_ms - CLOCK_SKEW)

CHANGE_PARTS = Statement(
    _parts,
    update(outbound_part)
    .where(
        outbound_part.c.page_id == _parts.rows.c.page_id,
        outbound_part.c.cim_id == _parts.rows.c.cim_id,
        outbound_part.c.part_index == _parts.rows.c.part_index,
    )
    .values(
        state=_parts.rows.c.state,
        update_time_ms=_parts.rows.c.time_ms,
        calls=outbound_part.c.calls + case((_parts.rows.c.state == PartState.SENDING.value, 1), else_=0),
        attempts=func.coalesce(_parts.rows.c.attempts, outbound_part.c.attempts),
        retry_at_ms=_parts.rows.c.retry_at_ms,
        sent_time_ms=case((_now_taken, _sent_time_ms), else_=outbound_part.c.sent_time_ms),
        mid=_parts.rows.c.mid,
    ),
)

_messages = Batch(
    page_id=TEXT,
    cim_id=TEXT,
    state=TEXT,
    time_ms=NUMBER,
    close_time_ms=NUMBER,
    warnings=TEXT,
    failure_reason=TEXT,
    failure=TEXT,
)

CHANGE_MESSAGES = Statement(
    _messages,
    update(outbound_message)
    .where(outbound_message.c.page_id == _messages.rows.c.page_id, outbound_message.c.cim_id == _messages.rows.c.cim_id)
    .values(
        state=_messages.rows.c.state,
        update_time_ms=_messages.rows.c.time_ms,
        close_time_ms=func.coalesce(outbound_message.c.close_time_ms, _messages.rows.c.close_time_ms),
        warnings=_messages.rows.c.warnings,
        failure_reason=_messages.rows.c.failure_reason,
        failure=_messages.rows.c.failure,
    ),
)

_history = Batch(page_id=TEXT, cim_id=TEXT, part_index=NUMBER, time_ms=NUMBER, state=TEXT, detail=TEXT)

ADD_HISTORY = Statement(
    _history,
    insert(outbound_history).from_select(_history.rows.c.keys(), select(_history.rows)),
)

_reopened = Batch(
    page_id=TEXT, cim_id=TEXT, state=TEXT, time_ms=NUMBER, lane_position=NUMBER, expire_time_ms=NUMBER, warnings=TEXT
)

REOPEN_MESSAGES = Statement(
    _reopened,
    update(outbound_message)
    .where(outbound_message.c.page_id == _reopened.rows.c.page_id, outbound_message.c.cim_id == _reopened.rows.c.cim_id)
    .values(
        state=_reopened.rows.c.state,
        update_time_ms=_reopened.rows.c.time_ms,
        close_time_ms=None,
        lane_position=_reopened.rows.c.lane_position,
        expire_time_ms=_reopened.rows.c.expire_time_ms,
        warnings=_reopened.rows.c.warnings,
        failure_reason=None,
        failure=None,
    ),
)
"""Puts messages that had ended to the ends of their lanes."""

_news = Batch(page_id=TEXT, cim_id=TEXT, time_ms=NUMBER, reason=TEXT, detail=TEXT)
_times_queued = (
    select(func.count())
    .where(
        outbound_history.c.page_id == _news.rows.c.page_id,
        outbound_history.c.cim_id == _news.rows.c.cim_id,
        outbound_history.c.part_index.is_(None),
        outbound_history.c.state == MessageState.QUEUED.value,
    )
    .scalar_subquery()
)

ADD_NEWS = Statement(
    _news,
    insert(outbound_news).from_select(
        [*_news.rows.c.keys(), "queued"], select(_news.rows, _times_queued.label("queued"))
    ),
)
"""Asks for notifications of messages that were given up."""
