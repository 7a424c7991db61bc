"""Makes a subscription with its cursors, and deletes one with all it has."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import BigInteger, bindparam, cast, delete, func, insert, literal, select

from facebook_connector.store.batch import NUMBER
from facebook_connector.store.database import Transaction
from facebook_connector.store.reading.cursor_statements import HELD_UNTIL, KINDS, bit_of
from facebook_connector.store.reading.subscriptions import ADD, REMOVE, SUBSCRIPTION, SubscriptionRow, close_gate
from facebook_connector.store.schema import cursor, dead_letter, event, message, ordering_key, side_queue, subscription

NOW = bindparam("now_ms", type_=NUMBER)
SINCE = bindparam("since_ms", type_=NUMBER)

_first = (
    select(message.c.key_id, func.min(message.c.seq).label("seq"))
    .join(event, (event.c.key_id == message.c.key_id) & (event.c.event_number == message.c.event_number))
    .where(bit_of(message.c.kind).op("&")(KINDS) != 0, event.c.store_time_ms >= SINCE)
    .group_by(message.c.key_id)
    .subquery("first")
)
_zero = cast(literal(0), BigInteger)

START_CURSORS = insert(cursor).from_select(
    [
        "subscription_id",
        "key_id",
        "page_id",
        "position",
        "head_seq",
        "head_kind",
        "ready_at_ms",
        "attempt",
        "failures",
        "epoch",
    ],
    select(
        SUBSCRIPTION,
        message.c.key_id,
        ordering_key.c.page_id,
        message.c.seq - 1,
        message.c.seq,
        message.c.kind,
        func.coalesce(HELD_UNTIL, NOW),
        _zero,
        _zero,
        _zero,
    )
    .select_from(_first)
    .join(message, (message.c.key_id == _first.c.key_id) & (message.c.seq == _first.c.seq))
    .join(ordering_key, ordering_key.c.key_id == message.c.key_id),
)
"""Begins each conversation with its first message, of the right kind, stored at or after a time."""

WAITING = (
    select(func.count())
    .select_from(cursor)
    .join(subscription, subscription.c.subscription_id == cursor.c.subscription_id)
    .join(message, (message.c.key_id == cursor.c.key_id) & (message.c.seq > cursor.c.position))
    .where(cursor.c.subscription_id == SUBSCRIPTION, bit_of(message.c.kind).op("&")(subscription.c.kinds) != 0)
)
DEAD = select(func.count()).where(dead_letter.c.subscription_id == SUBSCRIPTION)
REMOVE_PARTS = (
    delete(cursor).where(cursor.c.subscription_id == SUBSCRIPTION),
    delete(side_queue).where(side_queue.c.subscription_id == SUBSCRIPTION),
    delete(dead_letter).where(dead_letter.c.subscription_id == SUBSCRIPTION),
)


def add_subscription(transaction: Transaction, row: SubscriptionRow, *, since_ms: int | None) -> None:
    """Makes a subscription that begins with what was stored at or after `since_ms`; None: with what comes now.

    The gate must be closed. Reads the whole log once unless it begins now.
    """
    transaction.execute(ADD, asdict(row))
    if since_ms is not None:
        started = {"the_subscription": row.subscription_id, "kinds": row.kinds, "since_ms": since_ms}
        transaction.execute(START_CURSORS, {**started, "now_ms": row.create_time_ms})


def remove_subscription(transaction: Transaction, subscription_id: int) -> int:
    """Deletes a subscription with its cursors, side queue and dead letters; returns the messages it had left undone."""
    close_gate(transaction)
    named = {"the_subscription": subscription_id}
    dropped: int = transaction.execute(WAITING, named).scalar_one() + transaction.execute(DEAD, named).scalar_one()
    for statement in REMOVE_PARTS:
        transaction.execute(statement, named)
    transaction.execute(REMOVE, named)
    return dropped
