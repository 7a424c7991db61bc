"""What has been kept long enough goes: one small batch in each transaction, and a place from which to go on.

A batch may be run by several servers at once, and again: what it decides on only ever becomes older.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.delivery.retention import Cutoffs
from facebook_connector.delivery.values import Subscription
from facebook_connector.store.batch import NUMBER, Batch, Query, Statement
from facebook_connector.store.database import Transaction
from facebook_connector.store.keeping.retention_schema import late_event, late_place
from facebook_connector.store.log.reference_schema import parked_receipt, receipt_mark, waiting_event
from facebook_connector.store.reading.cursor_statements import bit_of
from facebook_connector.store.reading.subscriptions import all_subscriptions, bits_of, readers_of_new_events
from facebook_connector.store.schema import (
    cursor,
    dead_letter,
    event,
    message,
    side_queue,
)

AT_ONCE = 500
"""Rows that one batch looks at."""

_Name = tuple[int, int]
"""An event: its key and its number."""

Place = tuple[Any, ...]
"""The row after which to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a batch did."""

    removed: int
    after: Place | None
    """Where to go on; None: this was the end."""


_place_of_event = (event.c.store_time_ms, event.c.key_id, event.c.event_number)

OLD_EVENTS = (
    select(*_place_of_event, (func.length(event.c.raw) > 0).label("has_raw"))
    .where(event.c.store_time_ms < bindparam("before_ms", type_=NUMBER))
    .order_by(*_place_of_event)
    .limit(AT_ONCE)
)

# A subscription's number travels with every event: otherwise SQLite, which knows nothing of sizes, walks through all
# cursors for each of them.
_readers = Batch(subscription_id=NUMBER, kinds=NUMBER, key_id=NUMBER, event_number=NUMBER)

UNREAD = Query(
    select(_readers.rows.c.key_id, _readers.rows.c.event_number)
    .select_from(_readers.rows)
    .join(
        cursor,
        and_(cursor.c.subscription_id == _readers.rows.c.subscription_id, cursor.c.key_id == _readers.rows.c.key_id),
    )
    .join(
        message,
        and_(message.c.key_id == _readers.rows.c.key_id, message.c.event_number == _readers.rows.c.event_number),
    )
    .where(cursor.c.position < message.c.seq, bit_of(message.c.kind).op("&")(_readers.rows.c.kinds) != 0),
    _readers,
)
"""Those of the events of which a subscription has not acknowledged a message that it takes."""

_events = Batch(key_id=NUMBER, event_number=NUMBER)


def _same_event(table: Table) -> Any:
    return and_(table.c.key_id == _events.rows.c.key_id, table.c.event_number == _events.rows.c.event_number)


def _pointed_at(table: Table) -> Query:
    """Those of the events of which a table holds a message."""
    same = and_(table.c.key_id == message.c.key_id, table.c.seq == message.c.seq)
    return Query(
        select(*_events.rows.c).select_from(_events.rows).join(message, _same_event(message)).join(table, same), _events
    )


NEEDED = (
    _pointed_at(dead_letter),
    _pointed_at(side_queue),
    Query(select(*_events.rows.c).join(waiting_event, _same_event(waiting_event)), _events),
)
LATELY_READ = Query(
    select(*_events.rows.c)
    .join(late_event, _same_event(late_event))
    .where(or_(late_event.c.read_ms.is_(None), late_event.c.read_ms >= bindparam("lately_ms", type_=NUMBER))),
    _events,
)


def _of_batch(table: Table) -> Any:
    return tuple_(table.c.key_id, table.c.event_number).in_(select(*_events.rows.c))


# In the order in which nothing points to what is gone. A receipt that is no longer kept covers nothing more.
DELETE_EVENTS = tuple(
    Statement(_events, delete(table).where(_of_batch(table)))
    for table in (receipt_mark, parked_receipt, message, event)
)
EMPTY_RAW = Statement(_events, update(event).where(_of_batch(event)).values(raw=b""))


def drop_events(transaction: Transaction, cut: Cutoffs, after: Place | None) -> Progress:
    """Deletes events that everybody has acknowledged; of those that are still needed, the raw bytes.

    A message of `ccm` that is not acknowledged is never deleted.
    """
    # Until the end of this transaction nobody begins to read from where something is about to go.
    readers = readers_of_new_events(transaction)
    statement = OLD_EVENTS if after is None else OLD_EVENTS.where(tuple_(*_place_of_event) > tuple_(*after))
    rows = transaction.execute(statement, {"before_ms": cut.events_ms}).all()
    events = [(row.key_id, row.event_number) for row in rows]
    needed = _needed(transaction, events, readers, cut)
    over = [name for name in events if name not in needed]
    bare = [(row.key_id, row.event_number) for row in rows if row.has_raw and (row.key_id, row.event_number) in needed]
    if over:
        for step in DELETE_EVENTS:
            step.execute(transaction, over)
    if bare:
        EMPTY_RAW.execute(transaction, bare)
    return Progress(removed=len(over), after=place_after(rows, 3))


def _needed(
    transaction: Transaction, events: Sequence[_Name], readers: Iterable[Subscription], cut: Cutoffs
) -> set[_Name]:
    """Those that somebody may still ask for."""
    if not events:
        return set()
    found: set[_Name] = set()
    for query in NEEDED:
        found |= {(key_id, number) for key_id, number in query.fetch(transaction, events)}
    # Last: an event that was found waiting no more has its messages by now, and they are seen to be unread. Asked in
    # the other order, one that is settled in between would be neither.
    found |= _unread(transaction, events, readers)
    lately = LATELY_READ.fetch(transaction, events, lately_ms=cut.read_ms)
    return found | {(key_id, number) for key_id, number in lately}


def _unread(transaction: Transaction, events: Sequence[_Name], readers: Iterable[Subscription]) -> set[_Name]:
    """Those of which somebody who takes a message has not acknowledged it."""
    asked = [(one.subscription_id, bits_of(one.kinds), *name) for one in readers for name in events]
    return {(key_id, number) for key_id, number in UNREAD.fetch(transaction, asked)} if asked else set()


UNLOOKED_AT = (
    select(*_place_of_event)
    .where(event.c.store_time_ms < bindparam("before_ms", type_=NUMBER))
    .order_by(*_place_of_event)
    .limit(AT_ONCE)
)
# Of several servers one looks at a time; the others have something else to do.
LOOKED_AT = select(late_place.c.store_time_ms, late_place.c.key_id, late_place.c.event_number).with_for_update(
    skip_locked=True
)
MOVE_ON = update(late_place).values(
    store_time_ms=bindparam("to_ms"), key_id=bindparam("to_key"), event_number=bindparam("to_number")
)
NOTE_LATE = Statement(
    _events,
    insert(late_event)
    .from_select(["key_id", "event_number"], select(*_events.rows.c).where(literal(1) == 1))
    .on_conflict_do_nothing(),
)


def note_late(transaction: Transaction, cut: Cutoffs, _after: Place | None) -> Progress:
    """Looks once at each event, an hour after it was stored, and notes those that somebody has not read.

    How far it has looked is kept, so that what is read late after a restart is known to be late, too.
    """
    place = transaction.execute(LOOKED_AT).one_or_none()
    if place is None:
        return Progress(removed=0, after=None)
    statement = UNLOOKED_AT.where(tuple_(*_place_of_event) > tuple_(*place))
    rows = transaction.execute(statement, {"before_ms": cut.late_ms}).all()
    events = [(row.key_id, row.event_number) for row in rows]
    if late := _unread(transaction, events, all_subscriptions(transaction)):
        NOTE_LATE.execute(transaction, sorted(late))
    if rows:
        to_ms, to_key, to_number = rows[-1][:3]
        transaction.execute(MOVE_ON, {"to_ms": to_ms, "to_key": to_key, "to_number": to_number})
    return Progress(removed=0, after=place_after(rows, 3))


_place_of_late = (late_event.c.key_id, late_event.c.event_number)

LATE = select(*_place_of_late, late_event.c.read_ms).order_by(*_place_of_late).limit(AT_ONCE)
NOTE_READ = Statement(
    _events,
    update(late_event).where(_of_batch(late_event)).values(read_ms=bindparam("now_ms", type_=NUMBER)),
)


def note_read(transaction: Transaction, cut: Cutoffs, after: Place | None) -> Progress:
    """Notes that what was late has been read, by everybody who takes it."""
    rows = rows_after(transaction, LATE, _place_of_late, after)
    late = {(row.key_id, row.event_number) for row in rows if row.read_ms is None}
    if read := late - _unread(transaction, sorted(late), all_subscriptions(transaction)):
        NOTE_READ.execute(transaction, sorted(read), now_ms=cut.now_ms)
    return Progress(removed=0, after=place_after(rows, 2))


def rows_after(
    transaction: Transaction, statement: Any, place: Sequence[ColumnElement[Any]], after: Place | None, **values: int
) -> Sequence[Any]:
    """The rows of a statement that stand behind a place in its order."""
    chosen = statement if after is None else statement.where(tuple_(*place) > tuple_(*after))
    found: Sequence[Any] = transaction.execute(chosen, values).all()
    return found


def place_after(rows: Sequence[Any], width: int) -> Place | None:
    """The place of the last row, if there may be more behind it."""
    return tuple(rows[-1][:width]) if len(rows) == AT_ONCE else None
