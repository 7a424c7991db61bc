"""Notifications of messages that were given up: taken from where their ends left them, as events of the inbound log.

Whoever ends a message holds its lock, and the ordering key's comes before that. So the end only leaves a row, and the
event is made a moment later, in a transaction that locks the key first.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, select

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from facebook_connector.delivery.notifications import GivenUp, NotificationSender, failure_notification
from facebook_connector.delivery.values import EventRecord
from facebook_connector.store.batch import TEXT, Batch, Query
from facebook_connector.store.database import Transaction
from facebook_connector.store.outbound.schema import outbound_message, outbound_news
from facebook_connector.store.schema import ordering_key

AT_ONCE = 500

HAS_NEWS = select(exists().where(outbound_news.c.news_id > 0))

TAKE = (
    delete(outbound_news)
    .where(
        outbound_news.c.news_id.in_(select(outbound_news.c.news_id).order_by(outbound_news.c.news_id).limit(AT_ONCE))
    )
    .returning(outbound_news)
)

_named = Batch(page_id=TEXT, cim_id=TEXT)

PERSONS = Query(
    select(outbound_message.c.page_id, outbound_message.c.cim_id, ordering_key.c.psid)
    .join(
        _named.rows,
        (outbound_message.c.page_id == _named.rows.c.page_id) & (outbound_message.c.cim_id == _named.rows.c.cim_id),
    )
    .join(ordering_key, ordering_key.c.key_id == outbound_message.c.key_id),
    _named,
)


def has_news(transaction: Transaction) -> bool:
    """Whether anything waits."""
    return bool(transaction.execute(HAS_NEWS).scalar())


def take_news(transaction: Transaction, sender: NotificationSender) -> list[EventRecord]:
    """The oldest of what waits, as events; it waits no longer. Another server waits here and then finds the rest."""
    rows = sorted(transaction.execute(TAKE).all(), key=lambda row: row.news_id)
    if not rows:
        return []
    found = PERSONS.fetch(transaction, {(row.page_id, row.cim_id) for row in rows})
    psid_of = {(page_id, cim_id): psid for page_id, cim_id, psid in found}
    return [
        _event(
            GivenUp(
                page_id=row.page_id,
                psid=psid_of[row.page_id, row.cim_id],
                cim_id=row.cim_id,
                reason=row.reason,
                detail=row.detail,
                time_ms=row.time_ms,
                times_queued=row.queued,
            ),
            sender,
        )
        for row in rows
    ]


def _event(news: GivenUp, sender: NotificationSender) -> EventRecord:
    return EventRecord(
        page_id=news.page_id,
        psid=news.psid,
        kind=inbound_pb2.EVENT_KIND_RECEIPT,
        # No event of Facebook's has a key that begins so. The time, because ids of messages are forgotten sooner than
        # keys, and may then be used again.
        dedupe_key=f"outbound/failed/{news.time_ms}/{news.times_queued}/{news.cim_id}",
        mid="",
        event_time_ms=news.time_ms,
        opens_window=False,
        messages=(failure_notification(news, sender),),
        # Facebook sent nothing.
        raw=b"{}",
        source=inbound_event_pb2.INGEST_SOURCE_LIVE,
        translator_version=0,
    )
