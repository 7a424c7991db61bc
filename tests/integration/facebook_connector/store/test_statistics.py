from __future__ import annotations

import pytest
from sqlalchemy import update

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.values import QuarantineRecord
from facebook_connector.store.database import Transaction
from facebook_connector.store.media.schema import media
from facebook_connector.store.reading.dead_letters import DeadLetterNote, note_dead_letters
from facebook_connector.store.reading.side_queue import ReplayChoice, replay
from facebook_connector.store.reading.subscriptions import bits_of, note_pause
from facebook_connector.store.schema import subscription
from facebook_connector.store.statistics import ChannelFigures, StatisticsStore, SubscriptionFigures
from tests.integration.facebook_connector.store.conftest import LEASE_MS, Log
from tests.support.inbound_records import NOW_MS, PAGE, add_page, an_event
from tests.support.media_records import a_medium_event
from tests.support.outbound_queue import OutboundQueue


async def ccm(log: Log, *, now_ms: int = NOW_MS) -> SubscriptionFigures:
    (figures,) = await StatisticsStore(log.database).subscriptions(now_ms)
    return figures


async def test_nothing_waits_at_first(log: Log) -> None:
    assert await ccm(log) == SubscriptionFigures(subscription_id=log.subscription_id, name="ccm")


async def test_a_backlog_counts_messages_of_the_subscription_s_kinds(log: Log) -> None:
    await log.ingest(an_event("m_1", parts=2), an_event("m_2", psid="2"), now_ms=NOW_MS - 5000)
    await log.ingest(
        an_event("m_3"),
        an_event("m_4", kind=inbound_pb2.EVENT_KIND_CUSTOMER_EVENT),
        an_event("m_5", psid="3", kind=inbound_pb2.EVENT_KIND_CUSTOMER_EVENT),
    )
    figures = await ccm(log)
    assert (figures.backlog_messages, figures.backlog_keys, figures.oldest_ms) == (4, 2, NOW_MS - 5000)


async def test_what_is_acknowledged_no_longer_counts(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    (outcome,) = await log.acknowledge(await log.claim())
    figures = await ccm(log)
    assert (figures.backlog_messages, figures.backlog_keys) == (1, 1)
    assert outcome.next_head is not None
    await log.acknowledge([outcome.next_head])
    assert (await ccm(log)).oldest_ms is None


async def test_a_claim_is_outstanding_until_its_lease_ends(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2", psid="2"))
    await log.claim(limit=1)
    assert (await ccm(log)).outstanding_messages == 1
    assert (await ccm(log, now_ms=NOW_MS + LEASE_MS)).outstanding_messages == 0


async def test_dead_letters_and_a_pause_are_told(log: Log) -> None:
    await log.ingest(an_event("m_1"))
    (head,) = await log.claim()

    def give_up(transaction: Transaction) -> None:
        note = DeadLetterNote(
            subscription_id=log.subscription_id,
            key_id=head.token.key_id,
            seq=head.token.seq,
            attempts=10,
            failures=10,
            last_detail="refused",
            last_client_id="ccm-0",
        )
        note_dead_letters(transaction, [note], NOW_MS)
        note_pause(transaction, log.subscription_id, NOW_MS + 1000, "all refused")

    await log.database.write(give_up)
    figures, later = await ccm(log), await ccm(log, now_ms=NOW_MS + 1000)
    assert (figures.dead_letters, figures.paused, later.paused) == (1, True, False)


async def replay_all(log: Log, *, now_ms: int) -> None:
    choice = ReplayChoice(start_ms=0, end_ms=now_ms, kinds=bits_of([inbound_pb2.EVENT_KIND_MESSAGE]))
    await log.database.write(lambda transaction: replay(transaction, log.subscription_id, choice, now_ms))


async def test_the_side_queue_is_part_of_the_backlog(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    await log.drain()
    await replay_all(log, now_ms=NOW_MS + 7)
    figures = await ccm(log)
    assert (figures.side_queue_messages, figures.backlog_messages, figures.oldest_ms) == (2, 2, NOW_MS + 7)
    await log.acknowledge(await log.claim(now_ms=NOW_MS + 7))
    assert (await ccm(log)).backlog_messages == 1


async def test_what_waits_behind_the_side_queue_is_part_of_the_backlog(log: Log) -> None:
    await log.ingest(an_event("m_1"), an_event("m_2"))
    await log.drain()
    await log.ingest(an_event("m_3", kind=inbound_pb2.EVENT_KIND_CUSTOMER_EVENT), now_ms=NOW_MS + 1)
    await log.ingest(an_event("m_4"), now_ms=NOW_MS + 2)
    await replay_all(log, now_ms=NOW_MS + 3)
    figures = await ccm(log)
    assert (figures.side_queue_messages, figures.backlog_messages, figures.oldest_ms) == (3, 4, NOW_MS + 2)


async def test_what_a_subscription_lost_is_counted_for_good(log: Log) -> None:
    await log.database.write(lambda transaction: transaction.execute(update(subscription).values(expired_messages=7)))
    assert (await ccm(log)).expired_messages == 7


async def test_the_quarantine_is_counted_by_reason(log: Log) -> None:
    items = [
        QuarantineRecord(reason=reason, detail="", page_id=PAGE, raw=raw)
        for reason, raw in (("NOT_JSON", b"1"), ("NOT_JSON", b"2"), ("NOT_AN_EVENT", b"3"), ("NOT_AN_EVENT", b"3"))
    ]
    await log.ingest(*items)
    assert await StatisticsStore(log.database).quarantine() == {"NOT_AN_EVENT": 1, "NOT_JSON": 2}


async def test_channels_tell_what_waits_to_be_sent(log: Log) -> None:
    await add_page(log.database, "200")
    queue = OutboundQueue(log.database)
    await queue.accept("out-1")
    await queue.accept("out-2", accept_time_ms=NOW_MS + 1)
    await queue.accept("out-3", psid="2", accept_time_ms=NOW_MS + 2)
    waiting = ChannelFigures(page_id=PAGE, state="ACTIVE", queued_messages=3, active_lanes=2, oldest_queued_ms=NOW_MS)
    assert await StatisticsStore(log.database).channels() == [waiting, ChannelFigures(page_id="200", state="ACTIVE")]


async def test_storage_tells_what_is_kept(log: Log) -> None:
    statistics = StatisticsStore(log.database)
    assert (await statistics.storage()).last_store_time_ms is None
    await log.ingest(a_medium_event("a", "https://cdn.example/a", "https://cdn.example/b"))

    def store_one(transaction: Transaction) -> None:
        transaction.execute(
            update(media)
            .where(media.c.media_id == "medium-a-0")
            .values(state="STORED", size=500, sha256="0" * 64, next_try_ms=None, expire_time_ms=NOW_MS)
        )

    await log.database.write(store_one)
    storage = await statistics.storage()
    assert (storage.media_bytes, storage.pending_media, storage.last_store_time_ms) == (500, 1, NOW_MS)
    assert storage.database_bytes > 100_000
    assert storage.engine in type(log.database).__name__.lower()


@pytest.mark.parametrize("settled", [False, True])
async def test_uncertain_messages_count_settled_or_not(log: Log, *, settled: bool) -> None:
    queue = OutboundQueue(log.database)
    await queue.in_doubt()
    if settled:
        await queue.close()
    (figures,) = await StatisticsStore(log.database).channels()
    assert (figures.uncertain_messages, figures.queued_messages) == (1, 0)
