"""Outbound messages as they stand: one statement reads any number of them, each with its parts.

To change messages read them by `locked_statuses`, which also takes their row locks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, select

from cim_messenger.outbound import PartKind
from facebook_connector.sending.values import (
    HistoryEntry,
    MessageKey,
    MessageState,
    OutboundDetails,
    OutboundStatus,
    PartState,
    PartStatus,
    SendOrigin,
)
from facebook_connector.store.batch import TEXT, Batch, Query
from facebook_connector.store.database import Transaction
from facebook_connector.store.outbound.rows import read_failure, read_warnings
from facebook_connector.store.outbound.schema import outbound_history, outbound_message, outbound_part
from facebook_connector.store.schema import ordering_key

AT_MOST = 2
"""Messages `find_details` gives for a CIM id without a page: enough to see that there are several."""


class _Row(NamedTuple):
    """A part with its message, or a message alone: then all that is the part's is None."""

    page_id: str
    cim_id: str
    psid: str
    content_hash: str
    origin: str
    state: str
    accept_time_ms: int
    expire_time_ms: int
    update_time_ms: int
    close_time_ms: int | None
    warnings: str
    failure: str | None
    last_customer_action_ms: int | None
    part_index: Any
    part_kind: Any
    part_state: Any
    part_update_time_ms: Any
    part_mid: Any


_named = Batch(page_id=TEXT, cim_id=TEXT)
_the_message = and_(
    outbound_message.c.page_id == _named.rows.c.page_id, outbound_message.c.cim_id == _named.rows.c.cim_id
)
_its_part = and_(
    outbound_part.c.page_id == outbound_message.c.page_id, outbound_part.c.cim_id == outbound_message.c.cim_id
)
_COLUMNS = (
    outbound_message.c.page_id,
    outbound_message.c.cim_id,
    ordering_key.c.psid,
    outbound_message.c.content_hash,
    outbound_message.c.origin,
    outbound_message.c.state,
    outbound_message.c.accept_time_ms,
    outbound_message.c.expire_time_ms,
    outbound_message.c.update_time_ms,
    outbound_message.c.close_time_ms,
    outbound_message.c.warnings,
    outbound_message.c.failure,
    ordering_key.c.last_customer_action_ms,
    outbound_part.c.part_index,
    outbound_part.c.kind.label("part_kind"),
    outbound_part.c.state.label("part_state"),
    outbound_part.c.update_time_ms.label("part_update_time_ms"),
    outbound_part.c.mid.label("part_mid"),
)


def _messages(*, ignored: bool) -> Select[Any]:
    """The named messages by their parts; with `ignored` also those that have none."""
    return (
        select(*_COLUMNS)
        .select_from(_named.rows)
        .join(outbound_message, _the_message)
        .join(ordering_key, ordering_key.c.key_id == outbound_message.c.key_id)
        .join(outbound_part, _its_part, isouter=ignored)
    )


STATUSES = Query(_messages(ignored=True), _named)

LOCKED_STATUSES = Query(
    _messages(ignored=False)
    .order_by(outbound_message.c.page_id, outbound_message.c.cim_id, outbound_part.c.part_index)
    .with_for_update(of=[outbound_message, outbound_part]),
    _named,
)
"""Locks messages and their parts, sorted by key, and reads them as they are once the locks are held.

Of the rows that it waited for PostgreSQL reads the newest versions, but only of those that it locks: hence the parts.
"""

PAGES_OF = (
    select(outbound_message.c.page_id)
    .where(outbound_message.c.cim_id == bindparam("the_id"))
    .order_by(outbound_message.c.page_id)
    .limit(AT_MOST)
)
HISTORY = (
    select(
        outbound_history.c.time_ms, outbound_history.c.part_index, outbound_history.c.state, outbound_history.c.detail
    )
    .where(outbound_history.c.page_id == bindparam("the_page"), outbound_history.c.cim_id == bindparam("the_id"))
    .order_by(outbound_history.c.history_id)
)


def find_statuses(transaction: Transaction, keys: Iterable[MessageKey]) -> tuple[OutboundStatus, ...]:
    """The present states of the messages that exist, by key."""
    return _statuses(STATUSES.fetch(transaction, _names(keys)))


def find_status(transaction: Transaction, key: MessageKey) -> OutboundStatus | None:
    """What became of a message; None when it is not known."""
    return next(iter(find_statuses(transaction, (key,))), None)


def locked_statuses(transaction: Transaction, keys: Iterable[MessageKey]) -> tuple[OutboundStatus, ...]:
    """As `find_statuses`, and nobody else changes these messages until the transaction ends.

    Leaves out messages without parts: they never change.
    """
    return _statuses(LOCKED_STATUSES.fetch(transaction, _names(keys)))


def find_details(transaction: Transaction, cim_id: str, page_id: str) -> tuple[OutboundDetails, ...]:
    """The message with its history; without a page at most two of all pages."""
    pages = [page_id] if page_id else transaction.execute(PAGES_OF, {"the_id": cim_id}).scalars().all()
    statuses = find_statuses(transaction, [MessageKey(page_id=page, cim_id=cim_id) for page in pages])
    return tuple(OutboundDetails(status=status, history=_history(transaction, status)) for status in statuses)


def _names(keys: Iterable[MessageKey]) -> list[tuple[str, str]]:
    return [(key.page_id, key.cim_id) for key in keys]


def _statuses(fetched: Iterable[Sequence[Any]]) -> tuple[OutboundStatus, ...]:
    rows = sorted(map(_Row._make, fetched), key=lambda row: (row.page_id, row.cim_id, row.part_index))
    return tuple(_status(list(message)) for _, message in groupby(rows, key=lambda row: (row.page_id, row.cim_id)))


def _status(rows: Sequence[_Row]) -> OutboundStatus:
    row = rows[0]
    return OutboundStatus(
        page_id=row.page_id,
        psid=row.psid,
        cim_id=row.cim_id,
        content_hash=row.content_hash,
        origin=SendOrigin(row.origin),
        state=MessageState(row.state),
        open=row.close_time_ms is None,
        accept_time_ms=row.accept_time_ms,
        expire_time_ms=row.expire_time_ms,
        update_time_ms=row.update_time_ms,
        parts=tuple(_part(part) for part in rows if part.part_index is not None),
        warnings=read_warnings(row.warnings),
        failure=read_failure(row.failure),
        last_customer_action_ms=row.last_customer_action_ms,
    )


def _part(row: _Row) -> PartStatus:
    return PartStatus(
        index=row.part_index,
        kind=PartKind(row.part_kind),
        state=PartState(row.part_state),
        update_time_ms=row.part_update_time_ms,
        mid=row.part_mid,
    )


def _history(transaction: Transaction, status: OutboundStatus) -> tuple[HistoryEntry, ...]:
    rows = transaction.execute(HISTORY, {"the_page": status.page_id, "the_id": status.cim_id}).all()
    return tuple(
        HistoryEntry(time_ms=row.time_ms, part_index=row.part_index, state=row.state, detail=row.detail) for row in rows
    )
