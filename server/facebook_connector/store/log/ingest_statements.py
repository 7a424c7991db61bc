"""The statements of the ingest, in the order in which it runs them. Each serves a whole batch."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, bindparam, case, func, literal, literal_column, null, select, true
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.store.batch import BYTES, NUMBER, TEXT, Batch, Query, Statement
from facebook_connector.store.media.schema import media
from facebook_connector.store.profiles.schema import profile
from facebook_connector.store.schema import (
    channel,
    cursor,
    dedupe,
    event,
    message,
    message_hold,
    mid,
    ordering_key,
    quarantine,
)

# PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it. SQLite takes that
# clause after a SELECT only if the SELECT has a WHERE: hence `where(true())`.

NOW = bindparam("now_ms", type_=NUMBER)
ZERO = literal_column("0", type_=NUMBER)

_pages = Batch(page_id=TEXT)

TENANTS = Query(
    select(channel.c.page_id, channel.c.tenant_id).where(channel.c.page_id.in_(select(_pages.rows.c.page_id))), _pages
)
"""The tenant of each page that has a channel."""

_seen = Batch(page_id=TEXT, dedupe_key=TEXT)

SEEN = Query(
    select(dedupe.c.page_id, dedupe.c.dedupe_key).join(
        _seen.rows, (dedupe.c.page_id == _seen.rows.c.page_id) & (dedupe.c.dedupe_key == _seen.rows.c.dedupe_key)
    ),
    _seen,
)
"""Which of the given events were stored before."""

REMEMBER = Statement(
    _seen,
    insert(dedupe)
    .from_select(
        ["page_id", "dedupe_key", "first_seen_ms"],
        select(*_seen.rows.c, NOW).where(true()).order_by(_seen.rows.c.page_id, _seen.rows.c.dedupe_key),
    )
    .on_conflict_do_nothing(),
)
"""Remembers new events. Fewer rows than given: another server stores one of them in this very moment."""

_keys = Batch(
    page_id=TEXT, psid=TEXT, messages=NUMBER, events=NUMBER, newest_event_ms=NUMBER, customer_action_ms=NUMBER
)
_new_key: Any = insert(ordering_key).from_select(
    [
        "page_id",
        "psid",
        "last_seq",
        "last_event_number",
        "newest_event_ms",
        "last_customer_action_ms",
        "last_lane_position",
        "create_time_ms",
    ],
    select(*_keys.rows.c, ZERO, NOW).where(true()).order_by(_keys.rows.c.page_id, _keys.rows.c.psid),
)


def later(present: ColumnElement[Any], given: ColumnElement[Any]) -> ColumnElement[Any]:
    """The greater of two values, or the one that is not NULL; the engines' own functions differ there."""
    return case((present >= given, present), else_=func.coalesce(given, present))


TAKE_NUMBERS = Statement(
    _keys,
    _new_key.on_conflict_do_update(
        index_elements=["page_id", "psid"],
        set_={
            "last_seq": ordering_key.c.last_seq + _new_key.excluded.last_seq,
            "last_event_number": ordering_key.c.last_event_number + _new_key.excluded.last_event_number,
            "previous_event_ms": ordering_key.c.newest_event_ms,
            "newest_event_ms": later(ordering_key.c.newest_event_ms, _new_key.excluded.newest_event_ms),
            "last_customer_action_ms": later(
                ordering_key.c.last_customer_action_ms, _new_key.excluded.last_customer_action_ms
            ),
        },
    ),
)
"""Makes or locks the rows of the ordering keys, in sorted order, and takes the numbers for a batch from them.

From here to the commit nobody else can take numbers of these keys, so numbers become visible in their order.
"""

_of_key = Batch(page_id=TEXT, psid=TEXT)

NUMBERS_TAKEN = Query(
    select(
        ordering_key.c.page_id,
        ordering_key.c.psid,
        ordering_key.c.key_id,
        ordering_key.c.last_seq,
        ordering_key.c.last_event_number,
        ordering_key.c.previous_event_ms,
        ordering_key.c.last_customer_action_ms,
        profile.c.fresh_until_ms,
        profile.c.hold_until_ms,
        profile.c.next_try_ms,
    )
    .join(
        _of_key.rows, (ordering_key.c.page_id == _of_key.rows.c.page_id) & (ordering_key.c.psid == _of_key.rows.c.psid)
    )
    .outerjoin(profile, (profile.c.page_id == _of_key.rows.c.page_id) & (profile.c.psid == _of_key.rows.c.psid)),
    _of_key,
)
"""The last numbers taken for each key, the newest event time before this batch, and the window clock.

Last stands where the person's profile stands; three NULL if nobody ever asked for it.
"""

_events = Batch(
    key_id=NUMBER,
    event_number=NUMBER,
    tenant_id=TEXT,
    dedupe_key=TEXT,
    kind=NUMBER,
    mid=TEXT,
    event_time_ms=NUMBER,
    opens_window=Boolean(),
    late=Boolean(),
    origin=NUMBER,
    translator_version=NUMBER,
    raw=BYTES,
    entry_list=TEXT,
)

ADD_EVENTS = Statement(
    _events, insert(event).from_select([*_events.rows.c.keys(), "store_time_ms"], select(*_events.rows.c, NOW))
)

_messages = Batch(
    key_id=NUMBER, seq=NUMBER, event_number=NUMBER, kind=NUMBER, cim_id=TEXT, message=BYTES, context=BYTES
)

ADD_MESSAGES = Statement(_messages, insert(message).from_select(_messages.rows.c.keys(), select(*_messages.rows.c)))

_media = Batch(
    media_id=TEXT, page_id=TEXT, cim_id=TEXT, key_id=NUMBER, seq=NUMBER, kind=TEXT, source_url=TEXT, name=TEXT
)

ADD_MEDIA = Statement(
    _media,
    insert(media)
    .from_select(
        [*_media.rows.c.keys(), "state", "reason", "mime_type", "attempts", "next_try_ms", "create_time_ms"],
        select(*_media.rows.c, literal("PENDING"), literal(""), literal(""), ZERO, NOW, NOW)
        .where(true())
        .order_by(_media.rows.c.media_id),
    )
    .on_conflict_do_nothing(),
)
"""Asks for media to be fetched now; what is known stays."""

_holds = Batch(key_id=NUMBER, seq=NUMBER, cause=TEXT, until_ms=NUMBER)

ADD_HOLDS = Statement(_holds, insert(message_hold).from_select(_holds.rows.c.keys(), select(*_holds.rows.c)))
"""Keeps messages back until a time, or until somebody ends it."""

_mids = Batch(page_id=TEXT, mid=TEXT, part=NUMBER, cim_id=TEXT, direction=TEXT)

ADD_MIDS = Statement(
    _mids,
    insert(mid)
    .from_select(
        [*_mids.rows.c.keys(), "create_time_ms"],
        select(*_mids.rows.c, NOW).where(true()).order_by(_mids.rows.c.page_id, _mids.rows.c.mid, _mids.rows.c.part),
    )
    .on_conflict_do_nothing(),
)
"""Ties Messenger ids to CIM ids; what is known stays."""

_own = Batch(page_id=TEXT, mid=TEXT)

OWN_MIDS = Query(
    select(mid.c.page_id, mid.c.mid, mid.c.cim_id, mid.c.part)
    .join(_own.rows, (mid.c.page_id == _own.rows.c.page_id) & (mid.c.mid == _own.rows.c.mid))
    .where(mid.c.direction == "OUT"),
    _own,
)
"""Which of the given Messenger ids are of messages we sent, and which part."""

_ready = Batch(
    subscription_id=NUMBER,
    key_id=NUMBER,
    page_id=TEXT,
    position=NUMBER,
    head_seq=NUMBER,
    head_kind=NUMBER,
    ready_at_ms=NUMBER,
)
_new_cursor: Any = insert(cursor).from_select(
    [*_ready.rows.c.keys(), "attempt", "failures", "epoch"],
    select(*_ready.rows.c, ZERO, ZERO, ZERO)
    .where(true())
    .order_by(_ready.rows.c.subscription_id, _ready.rows.c.key_id),
)

MAKE_READY = Statement(
    _ready,
    _new_cursor.on_conflict_do_update(
        index_elements=["subscription_id", "key_id"],
        set_={
            "head_seq": _new_cursor.excluded.head_seq,
            "head_kind": _new_cursor.excluded.head_kind,
            "ready_at_ms": _new_cursor.excluded.ready_at_ms,
        },
        where=cursor.c.head_seq.is_(null()),
    ),
)
"""Makes the first new message the head of every cursor that has none; a cursor that has one keeps it.

The race with an acknowledgement that finds no next message is decided by the row lock, which this statement takes
also where it changes nothing: either the acknowledgement comes first and leaves a cursor without head, which is seen
here; or it waits for this commit and then sees the new message.
"""

_quarantined = Batch(
    reason=TEXT,
    page_id=TEXT,
    sha256=BYTES,
    detail=TEXT,
    translator_version=NUMBER,
    times_seen=NUMBER,
    raw=BYTES,
    entry_list=TEXT,
)
_new_entry: Any = insert(quarantine).from_select(
    [*_quarantined.rows.c.keys(), "receive_time_ms", "last_seen_ms"],
    select(*_quarantined.rows.c, NOW, NOW)
    .where(true())
    .order_by(*(_quarantined.rows.c[n] for n in ("reason", "page_id", "sha256"))),
)

QUARANTINE = Statement(
    _quarantined,
    _new_entry.on_conflict_do_update(
        index_elements=["reason", "page_id", "sha256"],
        set_={
            "times_seen": quarantine.c.times_seen + _new_entry.excluded.times_seen,
            "last_seen_ms": _new_entry.excluded.last_seen_ms,
        },
    ),
)
"""Keeps what is no event; what is kept already is counted."""
