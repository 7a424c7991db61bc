"""The backlog of subscriptions that nobody reads: it is passed over after a while, and counted.

Otherwise a forgotten subscription would keep every event for ever. The subscription `ccm` is never passed over.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, func, select, update

from facebook_connector.delivery.retention import Cutoffs
from facebook_connector.store.batch import NUMBER
from facebook_connector.store.database import Transaction
from facebook_connector.store.keeping.retention import AT_ONCE, Place, Progress, place_after, rows_after
from facebook_connector.store.notices import Topic, tell
from facebook_connector.store.reading.advances import Done, advance, steps_after
from facebook_connector.store.reading.cursor_statements import bit_of
from facebook_connector.store.reading.subscriptions import CCM
from facebook_connector.store.schema import cursor, event, message, side_queue, subscription

_head = and_(message.c.key_id == cursor.c.key_id, message.c.seq == cursor.c.head_seq)
_its_event = and_(event.c.key_id == message.c.key_id, event.c.event_number == message.c.event_number)
_since_ms = (
    select(event.c.store_time_ms)
    .select_from(message)
    .join(event, _its_event)
    .where(_head)
    .correlate(cursor)
    .scalar_subquery()
)
_others = select(subscription.c.subscription_id).where(subscription.c.name != CCM)
_place = (cursor.c.subscription_id, cursor.c.key_id)

_side_since_ms = (
    select(side_queue.c.create_time_ms)
    .where(
        side_queue.c.subscription_id == cursor.c.subscription_id,
        side_queue.c.key_id == cursor.c.key_id,
        side_queue.c.place == cursor.c.side_place,
    )
    .correlate(cursor)
    .scalar_subquery()
)
CURSORS = (
    # A head of the side queue is as old as its place there: its event may be old when an operator asks for it.
    select(*_place, cursor.c.side_place, func.coalesce(_side_since_ms, _since_ms).label("since_ms"))
    .where(cursor.c.subscription_id.in_(_others))
    .order_by(*_place)
    .limit(AT_ONCE)
)

_subscription = bindparam("the_subscription", type_=NUMBER)
_key = bindparam("the_key", type_=NUMBER)
_position = bindparam("position", type_=NUMBER)

LOCK = (
    select(cursor.c.position, cursor.c.side_place)
    .where(
        cursor.c.subscription_id == _subscription,
        cursor.c.key_id == _key,
        cursor.c.head_seq.is_not(None),
        # A claim in force is somebody who reads.
        cursor.c.client_id.is_(None) | (cursor.c.ready_at_ms <= bindparam("now_ms", type_=NUMBER)),
    )
    .with_for_update(skip_locked=True)
)
_behind = and_(message.c.key_id == _key, message.c.seq > _position)
FIRST_YOUNG = (
    select(func.min(message.c.seq))
    .join(event, _its_event)
    .where(_behind, event.c.store_time_ms >= bindparam("before_ms", type_=NUMBER))
)
PASSED = (
    select(func.count(), func.max(message.c.seq))
    .join(subscription, subscription.c.subscription_id == _subscription)
    .where(
        _behind,
        message.c.seq < bindparam("end", type_=NUMBER),
        bit_of(message.c.kind).op("&")(subscription.c.kinds) != 0,
    )
)
# The head leaves the side queue with its cursor's step.
DROP_SIDE = delete(side_queue).where(
    side_queue.c.subscription_id == _subscription,
    side_queue.c.key_id == _key,
    side_queue.c.place > bindparam("place", type_=NUMBER),
    side_queue.c.create_time_ms < bindparam("before_ms", type_=NUMBER),
)
COUNT = (
    update(subscription)
    .where(subscription.c.subscription_id == _subscription)
    .values(expired_messages=subscription.c.expired_messages + bindparam("more", type_=NUMBER))
)

NO_END = 2**62


class _Passed(NamedTuple):
    subscription_id: int
    done: Done
    messages: int


def expire_abandoned(transaction: Transaction, cut: Cutoffs, after: Place | None) -> Progress:
    """Passes over what a subscription other than `ccm` has left unread for a week; it loses `removed` messages.

    Of a conversation with something in the side queue that goes first; the rest is passed over the next time.
    """
    rows = rows_after(transaction, CURSORS, _place, after)
    old = [row for row in rows if row.since_ms is not None and row.since_ms < cut.abandoned_ms]
    passed = [found for row in old if (found := _pass_over(transaction, row, cut)) is not None]
    if passed:
        steps = [step.ready_from(cut.now_ms) for step in steps_after(transaction, [one.done for one in passed])]
        advance(transaction, steps, owner="", until_ms=cut.now_ms)
        tell(transaction, Topic.READY, {step.subscription_id for step in steps if step.head_seq is not None})
    for one in passed:
        transaction.execute(COUNT, {"the_subscription": one.subscription_id, "more": one.messages})
    return Progress(removed=sum(one.messages for one in passed), after=place_after(rows, 2))


def _pass_over(transaction: Transaction, row: Any, cut: Cutoffs) -> _Passed | None:
    """Up to where a conversation is passed over; None if somebody reads it after all."""
    names: dict[str, Any] = {"the_subscription": row.subscription_id, "the_key": row.key_id}
    locked = transaction.execute(LOCK, {**names, "now_ms": cut.now_ms}).one_or_none()
    if locked is None or locked.side_place != row.side_place:
        return None
    if row.side_place is not None:
        old = {**names, "place": row.side_place, "before_ms": cut.abandoned_ms}
        dropped = transaction.execute(DROP_SIDE, old).rowcount
        return _Passed(
            row.subscription_id, Done(row.subscription_id, row.key_id, locked.position, row.side_place), dropped + 1
        )
    names["position"] = locked.position
    young = transaction.execute(
        FIRST_YOUNG, {"the_key": row.key_id, "position": locked.position, "before_ms": cut.abandoned_ms}
    ).scalar()
    count, last = transaction.execute(PASSED, {**names, "end": NO_END if young is None else young}).one()
    if not count:
        return None
    return _Passed(row.subscription_id, Done(row.subscription_id, row.key_id, last, None), count)
