"""The figures of now, as the database knows them: for `GetStatistics` and for the metrics.

Each query costs what waits, never what is kept: all reach their rows by an index that holds only what is of interest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, case, func, literal_column, select, text, union_all

from facebook_connector.store.batch import NUMBER
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.media.schema import media
from facebook_connector.store.outbound.schema import IS_FINALLY_UNCERTAIN, IS_OPEN, IS_UNCERTAIN, outbound_message
from facebook_connector.store.reading.cursor_statements import bit_of
from facebook_connector.store.schema import (
    channel,
    cursor,
    dead_letter,
    event,
    message,
    quarantine,
    side_queue,
    subscription,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFigures:
    """What a subscription has not acknowledged yet."""

    subscription_id: int
    name: str
    backlog_messages: int = 0
    """Of its kinds, outstanding ones and the side queue included."""
    backlog_keys: int = 0
    outstanding_messages: int = 0
    """Claimed by any server at this time."""
    side_queue_messages: int = 0
    oldest_ms: int | None = None
    """When the oldest of the backlog was stored, or put into the side queue. None: there is no backlog."""
    expired_messages: int = 0
    """Lost to the retention, since the subscription exists."""
    dead_letters: int = 0
    paused: bool = False
    """Whether it takes a rest now, because its consumers give everything back or cannot be told from broken ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFigures:
    """What waits to be sent for a page."""

    page_id: str
    state: str
    """ACTIVE, THROTTLED or STOPPED."""
    queued_messages: int = 0
    active_lanes: int = 0
    uncertain_messages: int = 0
    oldest_queued_ms: int | None = None
    """When the oldest waiting message was accepted. None: none waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFigures:
    """What the installation keeps."""

    engine: str
    """`sqlite` or `postgresql`."""
    database_bytes: int
    media_bytes: int
    pending_media: int
    last_store_time_ms: int | None
    """When the newest event that is kept was stored."""


IS_WAITING = cursor.c.ready_at_ms.is_not(None)
"""The very words of the index `cursor_ready`."""

SUBSCRIPTIONS = select(
    subscription.c.subscription_id,
    subscription.c.name,
    subscription.c.expired_messages,
    func.coalesce(subscription.c.paused_until_ms, 0),
).order_by(subscription.c.name)
DEAD_LETTERS = select(dead_letter.c.subscription_id, func.count()).group_by(dead_letter.c.subscription_id)
KEYS = (
    select(
        cursor.c.subscription_id,
        func.count(),
        func.sum(case((and_(cursor.c.owner.is_not(None), cursor.c.ready_at_ms > bindparam("now_ms")), 1), else_=0)),
    )
    .where(IS_WAITING)
    .group_by(cursor.c.subscription_id)
)
# A head out of the side queue is beside the order of its conversation: what waits there is behind the position.
IS_IN_ORDER = cursor.c.side_place.is_(None)
BACKLOG = (
    select(cursor.c.subscription_id, func.count())
    .join(subscription, subscription.c.subscription_id == cursor.c.subscription_id)
    .join(
        message,
        and_(
            message.c.key_id == cursor.c.key_id,
            message.c.seq >= case((IS_IN_ORDER, cursor.c.head_seq), else_=cursor.c.position + 1),
        ),
    )
    .where(IS_WAITING, bit_of(message.c.kind).op("&")(subscription.c.kinds) != 0)
    .group_by(cursor.c.subscription_id)
)
_following = message.alias("following")
_next_in_order = (
    select(_following.c.seq)
    .where(
        _following.c.key_id == cursor.c.key_id,
        _following.c.seq > cursor.c.position,
        bit_of(_following.c.kind).op("&")(subscription.c.kinds) != 0,
    )
    .order_by(_following.c.seq)
    .limit(literal_column("1", type_=NUMBER))
    .correlate(cursor, subscription)
    .scalar_subquery()
)
OLDEST = (
    select(cursor.c.subscription_id, func.min(event.c.store_time_ms))
    .join(subscription, subscription.c.subscription_id == cursor.c.subscription_id)
    .join(
        message,
        and_(
            message.c.key_id == cursor.c.key_id,
            message.c.seq == case((IS_IN_ORDER, cursor.c.head_seq), else_=_next_in_order),
        ),
    )
    .join(event, and_(event.c.key_id == message.c.key_id, event.c.event_number == message.c.event_number))
    .where(IS_WAITING)
    .group_by(cursor.c.subscription_id)
)
SIDE_QUEUE = select(side_queue.c.subscription_id, func.count(), func.min(side_queue.c.create_time_ms)).group_by(
    side_queue.c.subscription_id
)
QUARANTINE = select(quarantine.c.reason, func.count()).group_by(quarantine.c.reason).order_by(quarantine.c.reason)
CHANNELS = select(channel.c.page_id, channel.c.state).order_by(channel.c.page_id)
QUEUED = (
    select(
        outbound_message.c.page_id,
        func.count(),
        func.count(outbound_message.c.key_id.distinct()),
        func.min(outbound_message.c.accept_time_ms),
    )
    .where(IS_OPEN, outbound_message.c.state == literal_column("'QUEUED'"))
    .group_by(outbound_message.c.page_id)
)
IN_DOUBT = union_all(
    # Apart, because each kind has an index of its own.
    select(outbound_message.c.page_id).where(IS_UNCERTAIN),
    select(outbound_message.c.page_id).where(IS_FINALLY_UNCERTAIN),
).subquery()
UNCERTAIN = select(IN_DOUBT.c.page_id, func.count()).group_by(IN_DOUBT.c.page_id)
MEDIA_BYTES = select(func.sum(media.c.size)).where(media.c.size.is_not(None))
PENDING_MEDIA = select(func.count()).select_from(media).where(media.c.next_try_ms.is_not(None))
LAST_STORE_TIME = select(func.max(event.c.store_time_ms))
DATABASE_BYTES: Mapping[str, str] = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
}


class StatisticsStore:
    """Reads figures; each call is a look of its own, so figures of two calls need not agree to the last message."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def subscriptions(self, now_ms: int) -> list[SubscriptionFigures]:
        """Every subscription, by name. Costs as much as the backlog is long."""
        return await self._database.read(lambda transaction: _subscriptions(transaction, now_ms))

    async def channels(self) -> list[ChannelFigures]:
        """Every channel, by page id."""
        return await self._database.read(_channels)

    async def quarantine(self) -> dict[str, int]:
        """How many entries there are of each reason."""
        return await self._database.read(lambda transaction: dict(map(tuple, transaction.execute(QUARANTINE))))

    async def storage(self) -> StorageFigures:
        """What is kept, and how much room it takes."""
        return await self._database.read(_storage)


def _subscriptions(transaction: Transaction, now_ms: int) -> list[SubscriptionFigures]:
    keys = {row[0]: row for row in transaction.execute(KEYS, {"now_ms": now_ms})}
    backlog = dict(map(tuple, transaction.execute(BACKLOG)))
    oldest = dict(map(tuple, transaction.execute(OLDEST)))
    side = {row[0]: row for row in transaction.execute(SIDE_QUEUE)}
    dead = dict(map(tuple, transaction.execute(DEAD_LETTERS)))
    found = []
    for number, name, expired, paused_until_ms in transaction.execute(SUBSCRIPTIONS):
        _, key_count, outstanding = keys.get(number, (number, 0, 0))
        _, side_count, side_ms = side.get(number, (number, 0, None))
        times = [time for time in (oldest.get(number), side_ms) if time is not None]
        found.append(
            SubscriptionFigures(
                subscription_id=number,
                name=name,
                backlog_messages=backlog.get(number, 0) + side_count,
                backlog_keys=key_count,
                outstanding_messages=int(outstanding),
                side_queue_messages=side_count,
                oldest_ms=min(times, default=None),
                expired_messages=expired,
                dead_letters=dead.get(number, 0),
                paused=paused_until_ms > now_ms,
            )
        )
    return found


def _channels(transaction: Transaction) -> list[ChannelFigures]:
    queued = {row[0]: row for row in transaction.execute(QUEUED)}
    uncertain = dict(map(tuple, transaction.execute(UNCERTAIN)))
    found = []
    for page_id, state in transaction.execute(CHANNELS):
        _, messages, lanes, oldest_ms = queued.get(page_id, (page_id, 0, 0, None))
        found.append(
            ChannelFigures(
                page_id=page_id,
                state=state,
                queued_messages=messages,
                active_lanes=lanes,
                uncertain_messages=uncertain.get(page_id, 0),
                oldest_queued_ms=oldest_ms,
            )
        )
    return found


def _storage(transaction: Transaction) -> StorageFigures:
    engine = transaction.dialect.name
    return StorageFigures(
        engine=engine,
        database_bytes=transaction.execute(text(DATABASE_BYTES[engine])).scalar_one(),
        media_bytes=int(transaction.execute(MEDIA_BYTES).scalar_one() or 0),
        pending_media=transaction.execute(PENDING_MEDIA).scalar_one(),
        last_store_time_ms=transaction.execute(LAST_STORE_TIME).scalar_one(),
    )
