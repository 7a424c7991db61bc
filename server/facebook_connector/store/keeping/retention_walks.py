"""What goes by its age alone: found by an index, or by a walk through the table where an index would cost too much.

A batch may be run by several servers at once, and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, null, select, tuple_, update

from facebook_connector.delivery.retention import Cutoffs
from facebook_connector.store.batch import NUMBER, Batch, Statement
from facebook_connector.store.database import Transaction
from facebook_connector.store.keeping.audit_schema import audit_event
from facebook_connector.store.keeping.retention import AT_ONCE, Place, Progress, place_after, rows_after
from facebook_connector.store.log.reference_schema import edit, thread_owner
from facebook_connector.store.outbound.schema import outbound_message
from facebook_connector.store.schema import dedupe, mid, ordering_key, quarantine, request


def _aged(table: Table, key: str, time: str) -> Any:
    """Deletes the oldest rows of a table that are older than a time."""
    chosen = (
        select(*(table.c[name] for name in key.split()))
        .where(table.c[time] < bindparam("before_ms", type_=NUMBER))
        .order_by(table.c[time])
        .limit(AT_ONCE)
    )
    return delete(table).where(tuple_(*(table.c[name] for name in key.split())).in_(chosen))


_keys = Batch(key_id=NUMBER)

DROP_QUARANTINED = _aged(quarantine, "quarantine_id", "receive_time_ms")
DROP_AUDIT = _aged(audit_event, "audit_id", "event_time_ms")
DROP_OUTBOUND = _aged(outbound_message, "page_id cim_id", "close_time_ms")
DROP_REQUESTS = delete(request).where(request.c.create_time_ms <= bindparam("before_ms", type_=NUMBER))


def drop_quarantined(transaction: Transaction, cut: Cutoffs, _after: Place | None) -> Progress:
    """Deletes quarantined items."""
    return _drop_aged(transaction, DROP_QUARANTINED, cut.quarantine_ms)


def drop_audit(transaction: Transaction, cut: Cutoffs, _after: Place | None) -> Progress:
    """Deletes audit events."""
    return _drop_aged(transaction, DROP_AUDIT, cut.audit_ms)


def drop_outbound(transaction: Transaction, cut: Cutoffs, _after: Place | None) -> Progress:
    """Deletes messages to customers that have had their final state for long, with their parts and history."""
    return _drop_aged(transaction, DROP_OUTBOUND, cut.outbound_ms)


def drop_requests(transaction: Transaction, cut: Cutoffs, _after: Place | None) -> Progress:
    """Forgets the answers of named calls."""
    removed = transaction.execute(DROP_REQUESTS, {"before_ms": cut.request_ms}).rowcount
    return Progress(removed=removed, after=None)


def _drop_aged(transaction: Transaction, statement: Any, before_ms: int) -> Progress:
    removed = transaction.execute(statement, {"before_ms": before_ms}).rowcount
    return Progress(removed=removed, after=() if removed == AT_ONCE else None)


class Walk:
    """Goes through a table in the order of its key and deletes what is older than `names_ms`.

    An index by age would cost every ingest, and these rows go after a year.
    """

    def __init__(self, table: Table, time: str) -> None:
        self.table = table
        self._key = tuple(table.primary_key.columns)
        self._time = table.c[time]
        self._rows = select(*self._key, self._time.label("at_ms")).order_by(*self._key).limit(AT_ONCE)
        same = and_(*(column == bindparam(f"the_{column.name}") for column in self._key))
        self._drop = delete(table).where(same, self._time < bindparam("before_ms", type_=NUMBER))

    def __call__(self, transaction: Transaction, cut: Cutoffs, after: Place | None) -> Progress:
        """One batch."""
        rows = rows_after(transaction, self._rows, self._key, after)
        old = [row for row in rows if row.at_ms is not None and row.at_ms < cut.names_ms]
        if old:
            transaction.execute(self._drop, [self._names(row, cut.names_ms) for row in old])
        return Progress(removed=len(old), after=place_after(rows, len(self._key)))

    def _names(self, row: Sequence[Any], before_ms: int) -> dict[str, Any]:
        names = {f"the_{column.name}": value for column, value in zip(self._key, row, strict=False)}
        return {**names, "before_ms": before_ms}


drop_dedupe = Walk(dedupe, "first_seen_ms")
drop_mids = Walk(mid, "create_time_ms")
drop_edits = Walk(edit, "update_time_ms")
drop_owners = Walk(thread_owner, "observe_time_ms")

CLOCKS = (
    select(ordering_key.c.key_id, ordering_key.c.last_customer_action_ms).order_by(ordering_key.c.key_id).limit(AT_ONCE)
)
STOP_CLOCKS = Statement(
    _keys,
    update(ordering_key)
    .where(
        ordering_key.c.key_id.in_(select(_keys.rows.c.key_id)),
        ordering_key.c.last_customer_action_ms < bindparam("before_ms", type_=NUMBER),
    )
    .values(last_customer_action_ms=null()),
)


def stop_clocks(transaction: Transaction, cut: Cutoffs, after: Place | None) -> Progress:
    """Forgets when customers wrote last."""
    rows = rows_after(transaction, CLOCKS, (ordering_key.c.key_id,), after)
    old = [
        (row.key_id,)
        for row in rows
        if row.last_customer_action_ms is not None and row.last_customer_action_ms < cut.names_ms
    ]
    if old:
        STOP_CLOCKS.execute(transaction, old, before_ms=cut.names_ms)
    return Progress(removed=len(old), after=place_after(rows, 1))
