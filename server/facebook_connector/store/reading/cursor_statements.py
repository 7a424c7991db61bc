"""The statements that claim, acknowledge and give back the heads of ordering keys.

All of them lock cursors first, in sorted order, and decide by what they then read: on PostgreSQL a statement that
waited for a lock sees what was committed meanwhile only in its next look.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    update,
)

from facebook_connector.store.batch import NUMBER, TEXT, Batch, Query, Statement, collected
from facebook_connector.store.profiles.schema import profile
from facebook_connector.store.schema import cursor, event, message, message_hold, ordering_key, subscription

# SQLAlchemy keeps the names of columns for itself in an UPDATE: hence `the_`.
SUBSCRIPTION = bindparam("the_subscription", type_=NUMBER)
NOW = bindparam("now_ms", type_=NUMBER)
UNTIL = bindparam("until_ms", type_=NUMBER)
OWNER = bindparam("the_owner", type_=TEXT)
CLIENT = bindparam("the_client", type_=TEXT)
KINDS = bindparam("kinds", type_=NUMBER)


def bit_of(kind: Any) -> Any:
    """A kind's bit, as `subscriptions.bits_of` makes it."""
    return cast(literal(1), BigInteger).op("<<")(kind)


def _pages_in_use() -> Any:
    """The pages that have a cursor with a head: one look into the index for each, however many keys wait."""
    waiting = (cursor.c.subscription_id == SUBSCRIPTION) & cursor.c.ready_at_ms.is_not(None)
    first = select(func.min(cursor.c.page_id).label("page_id")).where(waiting)
    pages = first.cte("pages", recursive=True)
    following = select(func.min(cursor.c.page_id)).where(waiting, cursor.c.page_id > pages.c.page_id).scalar_subquery()
    return pages.union_all(select(following).where(pages.c.page_id.is_not(None)))


_pages = _pages_in_use()
_first_ready = (
    select(cursor.c.ready_at_ms)
    .where(
        cursor.c.subscription_id == SUBSCRIPTION,
        cursor.c.page_id == _pages.c.page_id,
        cursor.c.ready_at_ms.is_not(None),
    )
    .order_by(cursor.c.ready_at_ms)
    .limit(1)
    .scalar_subquery()
)

PAGES_IN_USE = Query(select(_pages.c.page_id, _first_ready).where(_pages.c.page_id.is_not(None)))
"""Every page with a key that waits or is claimed, and when its first key is ready."""

_page = Batch(page_id=TEXT)
_ready_keys = (
    select(cursor.c.key_id)
    .where(
        cursor.c.subscription_id == SUBSCRIPTION,
        cursor.c.page_id == _page.rows.c.page_id,
        cursor.c.ready_at_ms <= NOW,
        bit_of(cursor.c.head_kind).op("&")(KINDS) != 0,
    )
    .order_by(cursor.c.ready_at_ms)
    .limit(bindparam("share", type_=NUMBER))
    .correlate(_page.rows)
    .subquery("ready")
)

READY_KEYS = Query(select(_page.rows.c.page_id, select(collected(_ready_keys.c.key_id)).scalar_subquery()), _page)
"""For each page the keys that are ready, the longest waiting first, no more than `share`: a JSON array."""

# A subscription's number travels with every key: as a parameter of its own it would make SQLite, which knows nothing of
# sizes, walk through all cursors of the subscription.
_cursor = Batch(subscription_id=NUMBER, key_id=NUMBER)


def _same_cursor(rows: Any) -> Any:
    return and_(cursor.c.subscription_id == rows.c.subscription_id, cursor.c.key_id == rows.c.key_id)


LOCK_READY = Query(
    select(
        cursor.c.key_id,
        cursor.c.page_id,
        cursor.c.head_seq,
        cursor.c.head_kind,
        cursor.c.attempt,
        cursor.c.epoch,
        cursor.c.side_origin,
    )
    .join(_cursor.rows, _same_cursor(_cursor.rows))
    .where(cursor.c.ready_at_ms <= NOW, bit_of(cursor.c.head_kind).op("&")(KINDS) != 0)
    .order_by(cursor.c.key_id)
    .with_for_update(of=cursor, skip_locked=True),
    _cursor,
)
"""Locks the keys that are still ready, leaving out those that another server has in hand at this moment."""

CLAIM = Statement(
    _cursor,
    update(cursor)
    .where(_same_cursor(_cursor.rows))
    .values(epoch=cursor.c.epoch + 1, attempt=cursor.c.attempt + 1, ready_at_ms=UNTIL, owner=OWNER, client_id=CLIENT),
)


LOCK = Query(
    select(
        cursor.c.subscription_id,
        cursor.c.key_id,
        cursor.c.page_id,
        cursor.c.head_seq,
        cursor.c.attempt,
        cursor.c.epoch,
        cursor.c.client_id,
        cursor.c.owner,
        cursor.c.position,
        cursor.c.side_place,
        cursor.c.failures,
        cursor.c.first_failure_ms,
    )
    .join(_cursor.rows, _same_cursor(_cursor.rows))
    .order_by(cursor.c.subscription_id, cursor.c.key_id)
    .with_for_update(of=cursor),
    _cursor,
)
"""Locks cursors and reads what their claims are."""

_after = Batch(subscription_id=NUMBER, key_id=NUMBER, position=NUMBER)
_next_seq = (
    select(message.c.seq)
    .where(
        message.c.key_id == _after.rows.c.key_id,
        message.c.seq > _after.rows.c.position,
        bit_of(message.c.kind).op("&")(subscription.c.kinds) != 0,
    )
    .order_by(message.c.seq)
    .limit(1)
    .correlate(_after.rows, subscription)
    .scalar_subquery()
)

HELD_UNTIL = (
    select(func.max(message_hold.c.until_ms))
    .where(message_hold.c.key_id == message.c.key_id, message_hold.c.seq == message.c.seq)
    .correlate(message)
    .scalar_subquery()
)

NEXT = Query(
    select(_after.rows.c.subscription_id, _after.rows.c.key_id, message.c.seq, message.c.kind, HELD_UNTIL)
    .join(subscription, subscription.c.subscription_id == _after.rows.c.subscription_id)
    .join(message, (message.c.key_id == _after.rows.c.key_id) & (message.c.seq == _next_seq)),
    _after,
)
"""The next message after a position, of a kind that the subscription takes; no row where there is none.

Last stands until when the message is held back, also if that is over; NULL if it is not.
"""

_advance = Batch(
    subscription_id=NUMBER,
    key_id=NUMBER,
    position=NUMBER,
    head_seq=NUMBER,
    head_kind=NUMBER,
    ready_at_ms=NUMBER,
    side_place=NUMBER,
    side_origin=NUMBER,
)
_is_claimed = _advance.rows.c.head_seq.is_not(None) & _advance.rows.c.ready_at_ms.is_(None)

ADVANCE = Statement(
    _advance,
    update(cursor)
    .where(_same_cursor(_advance.rows))
    .values(
        position=_advance.rows.c.position,
        head_seq=_advance.rows.c.head_seq,
        head_kind=_advance.rows.c.head_kind,
        ready_at_ms=case((_is_claimed, UNTIL), else_=_advance.rows.c.ready_at_ms),
        attempt=case((_is_claimed, 1), else_=0),
        epoch=case((_is_claimed, cursor.c.epoch + 1), else_=cursor.c.epoch),
        owner=case((_is_claimed, OWNER)),
        client_id=case((_is_claimed, cursor.c.client_id)),
        side_place=_advance.rows.c.side_place,
        side_origin=_advance.rows.c.side_origin,
        failures=0,
        first_failure_ms=null(),
    ),
)
"""Moves cursors past what is done with and claims what comes next.

Where nothing comes next they are left without head and owner; what has a time becomes the head then, unclaimed.
"""

_release = Batch(subscription_id=NUMBER, key_id=NUMBER, ready_at_ms=NUMBER, counted=Boolean(), unsent=Boolean())

RELEASE = Statement(
    _release,
    update(cursor)
    .where(_same_cursor(_release.rows))
    .values(
        ready_at_ms=_release.rows.c.ready_at_ms,
        owner=null(),
        client_id=null(),
        attempt=cursor.c.attempt - case((_release.rows.c.unsent, 1), else_=0),
        failures=cursor.c.failures + case((_release.rows.c.counted, 1), else_=0),
        first_failure_ms=case(
            (_release.rows.c.counted, func.coalesce(cursor.c.first_failure_ms, NOW)), else_=cursor.c.first_failure_ms
        ),
    ),
)
"""Ends claims without an acknowledgement; heads stay, and so do attempts, but for those that were never sent.

The epoch stays in any case: the next claim has another one, so an attempt number that is used again makes no ack id
that was there before.
"""

# The bound stands in the statement itself: SQLite takes a partial index only where the statement says its condition.
FAILING = select(func.count()).where(
    cursor.c.subscription_id == SUBSCRIPTION, cursor.c.failures > literal_column("0", type_=NUMBER)
)
"""How many conversations of a subscription have a head that has failed."""

_extend = Batch(subscription_id=NUMBER, key_id=NUMBER, until_ms=NUMBER)

EXTEND = Statement(
    _extend,
    update(cursor).where(_same_cursor(_extend.rows)).values(ready_at_ms=_extend.rows.c.until_ms),
)

LOCK_OF_CLIENT = Query(
    select(cursor.c.key_id, cursor.c.epoch)
    .where(cursor.c.subscription_id == SUBSCRIPTION, cursor.c.client_id == CLIENT)
    .order_by(cursor.c.key_id)
    .with_for_update()
)
"""Locks everything that a client id has claimed in a subscription."""

ADOPT = Statement(
    _cursor,
    update(cursor).where(_same_cursor(_cursor.rows)).values(owner=OWNER, ready_at_ms=UNTIL),
)

END_EARLIER_CLAIMS = (
    update(cursor)
    .where(cursor.c.subscription_id == SUBSCRIPTION, cursor.c.client_id.is_not(None), cursor.c.owner != OWNER)
    .values(ready_at_ms=NOW)
)
"""Makes what other owners have claimed ready now. The claims stand until someone else takes them: a client that comes
back with what it holds goes on with it."""

_head = Batch(key_id=NUMBER, seq=NUMBER)
_this_message = and_(message.c.key_id == _head.rows.c.key_id, message.c.seq == _head.rows.c.seq)

HEAD_SIZES = Query(
    select(message.c.key_id, message.c.seq, func.length(message.c.message) + func.length(message.c.context)).join(
        _head.rows, _this_message
    ),
    _head,
)
"""The bytes of each message, without reading them."""

HEADS = Query(
    select(
        message.c.key_id,
        message.c.seq,
        message.c.kind,
        message.c.cim_id,
        message.c.message,
        message.c.context,
        event.c.tenant_id,
        event.c.origin,
        event.c.store_time_ms,
        event.c.late,
        ordering_key.c.psid,
        profile.c.first_name,
        profile.c.last_name,
    )
    .select_from(_head.rows)
    .join(message, _this_message)
    .join(event, (event.c.key_id == message.c.key_id) & (event.c.event_number == message.c.event_number))
    .join(ordering_key, ordering_key.c.key_id == message.c.key_id)
    .outerjoin(profile, (profile.c.page_id == ordering_key.c.page_id) & (profile.c.psid == ordering_key.c.psid)),
    _head,
)
"""What is delivered of a message; the names are those that are known now."""
