"""Dead letters: messages that a subscription gave up. They are kept until an operator sends or discards them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, func, select, true
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.store.batch import NUMBER, TEXT, Batch, Query, Statement
from facebook_connector.store.database import Transaction
from facebook_connector.store.schema import dead_letter, event, message, ordering_key

NOW = bindparam("now_ms", type_=NUMBER)


class DeadLetterNote(NamedTuple):
    """A message that is given up: the row of `NOTE`."""

    subscription_id: int
    key_id: int
    seq: int
    attempts: int
    failures: int
    last_detail: str
    last_client_id: str


_notes = Batch(
    subscription_id=NUMBER,
    key_id=NUMBER,
    seq=NUMBER,
    attempts=NUMBER,
    failures=NUMBER,
    last_detail=TEXT,
    last_client_id=TEXT,
)
# PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it.
_new: Any = insert(dead_letter).from_select(
    [*_notes.rows.c.keys(), "dead_letter_time_ms"],
    select(*_notes.rows.c, NOW).where(true()).order_by(_notes.rows.c.subscription_id, _notes.rows.c.key_id),
)

NOTE = Statement(
    _notes,
    _new.on_conflict_do_update(
        index_elements=["subscription_id", "key_id", "seq"],
        set_={
            name: _new.excluded[name]
            for name in ("attempts", "failures", "last_detail", "last_client_id", "dead_letter_time_ms")
        },
    ),
)
"""Adds dead letters. A message that was one already, and failed again as a replay, is the later one."""


def note_dead_letters(transaction: Transaction, notes: Sequence[DeadLetterNote], now_ms: int) -> None:
    """Adds dead letters; the cursors are locked, and have gone on."""
    NOTE.execute(transaction, [tuple(one) for one in notes], now_ms=now_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterChoice:
    """Which dead letters of a subscription; all that is set must hold."""

    subscription_id: int
    ids: tuple[int, ...] | None = None
    page_id: str = ""
    psid: str | None = None
    start_ms: int | None = None
    """Given up at or after."""
    end_ms: int | None = None
    """Given up before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterRow:
    """A dead letter with its message, as it is kept."""

    dead_letter_id: int
    page_id: str
    psid: str
    kind: int
    message: bytes
    context: bytes
    attempts: int
    failures: int
    last_detail: str
    last_client_id: str
    store_time_ms: int
    dead_letter_time_ms: int


_of_message = (message.c.key_id == dead_letter.c.key_id) & (message.c.seq == dead_letter.c.seq)
_letters = Batch(dead_letter_id=NUMBER)

CONTENTS = Query(
    select(
        dead_letter.c.dead_letter_id,
        ordering_key.c.page_id,
        ordering_key.c.psid,
        message.c.kind,
        message.c.message,
        message.c.context,
        dead_letter.c.attempts,
        dead_letter.c.failures,
        dead_letter.c.last_detail,
        dead_letter.c.last_client_id,
        event.c.store_time_ms,
        dead_letter.c.dead_letter_time_ms,
    )
    .select_from(_letters.rows)
    .join(dead_letter, dead_letter.c.dead_letter_id == _letters.rows.c.dead_letter_id)
    .join(message, _of_message)
    .join(event, (event.c.key_id == message.c.key_id) & (event.c.event_number == message.c.event_number))
    .join(ordering_key, ordering_key.c.key_id == message.c.key_id),
    _letters,
)

REMOVE = Statement(
    _letters, delete(dead_letter).where(dead_letter.c.dead_letter_id.in_(select(_letters.rows.c.dead_letter_id)))
)


def dead_letter_sizes(
    transaction: Transaction, choice: DeadLetterChoice, *, after: int = 0, limit: int | None = None
) -> list[tuple[int, int]]:
    """The ids of chosen dead letters beyond `after`, oldest first, and the bytes of their messages."""
    size = func.length(message.c.message) + func.length(message.c.context)
    statement = (
        select(dead_letter.c.dead_letter_id, size)
        .join(message, _of_message)
        .where(*_conditions(choice), dead_letter.c.dead_letter_id > after)
        .order_by(dead_letter.c.dead_letter_id)
        .limit(limit)
    )
    return [(number, length) for number, length in transaction.execute(statement)]


def dead_letters_at(transaction: Transaction, ids: Sequence[int]) -> list[DeadLetterRow]:
    """The dead letters with these ids, in their order."""
    names = [item.name for item in fields(DeadLetterRow)]
    rows = {row[0]: row for row in CONTENTS.fetch(transaction, [(number,) for number in ids])} if ids else {}
    return [DeadLetterRow(**dict(zip(names, rows[number], strict=True))) for number in ids if number in rows]


def remove_dead_letters(transaction: Transaction, ids: Sequence[int]) -> None:
    """Deletes dead letters; their messages stay in the log."""
    REMOVE.execute(transaction, [(number,) for number in ids])


def _conditions(choice: DeadLetterChoice) -> list[ColumnElement[bool]]:
    column = dead_letter.c
    conditions = [column.subscription_id == choice.subscription_id]
    if choice.ids is not None:
        conditions.append(column.dead_letter_id.in_(choice.ids))
    if choice.page_id:
        keys = select(ordering_key.c.key_id).where(ordering_key.c.page_id == choice.page_id)
        conditions.append(
            column.key_id.in_(keys if choice.psid is None else keys.where(ordering_key.c.psid == choice.psid))
        )
    if choice.start_ms is not None:
        conditions.append(column.dead_letter_time_ms >= choice.start_ms)
    if choice.end_ms is not None:
        conditions.append(column.dead_letter_time_ms < choice.end_ms)
    return conditions
