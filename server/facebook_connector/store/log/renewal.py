"""Gives messages of dead letters the content that their events' raw bytes have in the translation of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from facebook_connector.delivery.references import renewed
from facebook_connector.delivery.values import EventRecord
from facebook_connector.store.batch import BYTES, NUMBER, Batch, Query, Statement
from facebook_connector.store.database import Transaction
from facebook_connector.store.log.references import plan
from facebook_connector.store.schema import dead_letter, event, message, ordering_key


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """The event of a dead letter, as it was received."""

    page_id: str
    raw: bytes
    entry_list: str
    origin: int
    """`DeliveryOrigin`: LIVE or BACKFILL."""
    store_time_ms: int


Translate = Callable[[StoredEvent], EventRecord | None]
"""The event in the translation of now; None where that finds no single event."""

_letters = Batch(dead_letter_id=NUMBER)

STORED = Query(
    select(
        message.c.key_id,
        message.c.seq,
        message.c.cim_id,
        message.c.context,
        ordering_key.c.page_id,
        event.c.raw,
        event.c.entry_list,
        event.c.origin,
        event.c.store_time_ms,
    )
    .select_from(_letters.rows)
    .join(dead_letter, dead_letter.c.dead_letter_id == _letters.rows.c.dead_letter_id)
    .join(message, (message.c.key_id == dead_letter.c.key_id) & (message.c.seq == dead_letter.c.seq))
    .join(event, (event.c.key_id == message.c.key_id) & (event.c.event_number == message.c.event_number))
    .join(ordering_key, ordering_key.c.key_id == message.c.key_id),
    _letters,
)

_contents = Batch(key_id=NUMBER, seq=NUMBER, message=BYTES, context=BYTES)

REPLACE = Statement(
    _contents,
    update(message)
    .where(message.c.key_id == _contents.rows.c.key_id, message.c.seq == _contents.rows.c.seq)
    .values(message=_contents.rows.c.message, context=_contents.rows.c.context),
)


def stored_events(transaction: Transaction, dead_letter_ids: Sequence[int]) -> list[StoredEvent]:
    """The events whose raw bytes are still there."""
    return [stored for *_, stored in _stored(transaction, dead_letter_ids) if stored.raw]


def renew(transaction: Transaction, dead_letter_ids: Sequence[int], translate: Translate, now_ms: int) -> int:
    """Renews messages where that is possible, under the same ids; returns how many.

    A message stays as it is if its raw bytes are gone, if the translation of now gives none of its id, if that would
    wait for another message, and if it has a medium: what became of its bytes stands in the message.
    """
    rows = []
    for key_id, seq, cim_id, context, stored in _stored(transaction, dead_letter_ids):
        record = translate(stored) if stored.raw else None
        if record is None:
            continue
        [planned] = plan(transaction, [record], {}, now_ms)
        for one in planned.messages:
            if one.cim_id == cim_id and one.media is None:
                content = renewed(one, context)
                rows.append((key_id, seq, content.message, content.context))
    if rows:
        REPLACE.execute(transaction, rows)
    return len(rows)


def _stored(
    transaction: Transaction, dead_letter_ids: Sequence[int]
) -> Iterator[tuple[int, int, str, bytes, StoredEvent]]:
    found = STORED.fetch(transaction, [(number,) for number in dead_letter_ids])
    for key_id, seq, cim_id, context, page_id, raw, entry_list, origin, store_time_ms in found:
        stored = StoredEvent(
            page_id=page_id, raw=raw, entry_list=entry_list, origin=origin, store_time_ms=store_time_ms
        )
        yield key_id, seq, cim_id, context, stored
