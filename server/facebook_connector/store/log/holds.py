"""Messages that must not be delivered yet: what they wait for, and until when at the latest.

A hold keeps a message back only when it is the head of its conversation: what came before it goes out, what comes after
it waits behind it. A hold that is over needs nobody to end it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select, update

from facebook_connector.store.batch import NUMBER
from facebook_connector.store.database import Transaction
from facebook_connector.store.media.values import Rewrite
from facebook_connector.store.reading import cursor_statements
from facebook_connector.store.reading.subscriptions import all_subscriptions
from facebook_connector.store.schema import cursor, message, message_hold

MEDIA: Final = "MEDIA"
"""Cause: the bytes of the message's medium are not stored yet."""

PROFILE: Final = "PROFILE"
"""Cause: the person is new, and Facebook was asked for their names."""

Place = tuple[int, int]
"""A key and a sequence number."""

_key, _seq = bindparam("the_key", type_=NUMBER), bindparam("the_seq", type_=NUMBER)
_this_message = (message.c.key_id == _key) & (message.c.seq == _seq)
_holds_of_it = (message_hold.c.key_id == _key) & (message_hold.c.seq == _seq)

CONTENT = select(message.c.message, message.c.context).where(_this_message)
REPLACE = (
    update(message).where(_this_message).values(message=bindparam("new_message"), context=bindparam("new_context"))
)
END = delete(message_hold).where(_holds_of_it, message_hold.c.cause == bindparam("the_cause"))
HELD_BY = select(message_hold.c.seq).where(
    message_hold.c.key_id == _key, message_hold.c.cause == bindparam("the_cause")
)
END_ALL = delete(message_hold).where(message_hold.c.key_id == _key, message_hold.c.cause == bindparam("the_cause"))
LEFT = select(func.max(message_hold.c.until_ms)).where(_holds_of_it)
FREE = (
    update(cursor)
    .where(
        cursor.c.subscription_id.in_(bindparam("subscriptions", expanding=True)),
        cursor.c.key_id == _key,
        cursor.c.head_seq == _seq,
        cursor.c.client_id.is_(None),
        # A head that was delivered before waits for its backoff, not for us.
        cursor.c.attempt == 0,
    )
    .values(ready_at_ms=bindparam("ready_ms"))
)


def end_hold(
    transaction: Transaction, place: Place, cause: str, now_ms: int, rewrite: Rewrite | None = None
) -> frozenset[int]:
    """Ends a hold, and with it rewrites the message; returns the subscriptions that can deliver it now.

    The cursors are locked first. An acknowledgement that makes this message its head either comes before, and then
    the head is found here; or it waits for this commit, and then finds no hold. Otherwise a message could wait for
    the end of a hold that is gone.
    """
    key_id, seq = place
    named = {"the_key": key_id, "the_seq": seq}
    locked = _lock(transaction, key_id)
    if rewrite is not None and (row := transaction.execute(CONTENT, named).one_or_none()) is not None:
        content, context = rewrite(bytes(row[0]), bytes(row[1]))
        transaction.execute(REPLACE, {**named, "new_message": content, "new_context": context})
    transaction.execute(END, {**named, "the_cause": cause})
    return _free(transaction, place, locked, now_ms)


def end_holds(transaction: Transaction, key_id: int, cause: str, now_ms: int) -> frozenset[int]:
    """Ends all holds of a cause in a conversation, as `end_hold` does each; the subscriptions that can deliver now."""
    named = {"the_key": key_id, "the_cause": cause}
    locked = _lock(transaction, key_id)
    held = set(transaction.execute(HELD_BY, named).scalars())
    if not held:
        return frozenset()
    transaction.execute(END_ALL, named)
    heads = held & {row[3] for row in locked}
    return frozenset().union(*(_free(transaction, (key_id, seq), locked, now_ms) for seq in sorted(heads)))


def _lock(transaction: Transaction, key_id: int) -> list[Sequence[Any]]:
    cursors = [(subscription.subscription_id, key_id) for subscription in all_subscriptions(transaction)]
    return cursor_statements.LOCK.fetch(transaction, cursors)


def _free(transaction: Transaction, place: Place, locked: Sequence[Sequence[Any]], now_ms: int) -> frozenset[int]:
    """Makes a message ready, or ready when its other holds end, where it is the head and nobody has it."""
    named = {"the_key": place[0], "the_seq": place[1]}
    waiting = [row[0] for row in locked if row[3] == place[1] and row[6] is None]
    if not waiting:
        return frozenset()
    left = transaction.execute(LEFT, named).scalar_one()
    ready_ms = now_ms if left is None else max(left, now_ms)
    transaction.execute(FREE, {**named, "subscriptions": waiting, "ready_ms": ready_ms})
    return frozenset(waiting)
