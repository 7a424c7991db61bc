"""Operators' calls beside ingest and acknowledgements on one PostgreSQL, interleaved on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from expertflow.connector.v1 import inbound_pb2, operations_pb2
from facebook_connector.delivery.values import Head
from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.log.events import EventStore, ingest
from facebook_connector.store.reading.acknowledgements import acknowledge
from facebook_connector.store.reading.readers import add_subscription, remove_subscription
from facebook_connector.store.reading.side_queue import ReplayChoice, replay
from facebook_connector.store.reading.subscriptions import (
    SubscriptionRow,
    bits_of,
    close_gate,
    find_subscription,
    next_subscription_id,
)
from tests.integration.facebook_connector.store.conftest import LEASE_MS, Log
from tests.support.inbound_records import NOW_MS, an_event
from tests.support.interleaving import Held, waits_for_a_lock

EVERYTHING = ReplayChoice(start_ms=0, end_ms=NOW_MS + 1, kinds=bits_of([inbound_pb2.EVENT_KIND_MESSAGE]))


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


@pytest.fixture
async def other(postgresql_url: str) -> AsyncIterator[Database]:
    """The same database as another server sees it."""
    async with open_database(postgresql_url) as opened:
        yield opened


def make(transaction: Transaction) -> int:
    close_gate(transaction)
    row = SubscriptionRow(
        subscription_id=next_subscription_id(transaction),
        name="archive",
        kinds=bits_of([inbound_pb2.EVENT_KIND_MESSAGE]),
        create_time_ms=NOW_MS,
        start_point=operations_pb2.START_POINT_EARLIEST,
        start_time_ms=None,
    )
    add_subscription(transaction, row, since_ms=0)
    return row.subscription_id


async def everything(log: Log, subscription_id: int) -> list[str]:
    reader = Log(database=log.database, events=log.events, cursors=log.cursors, subscription_id=subscription_id)
    return [head.cim_id for head in await reader.drain()]


async def test_an_event_stored_while_a_subscription_is_made_is_not_missed(log: Log, other: Database) -> None:
    async with Held(log.database, lambda transaction: ingest(transaction, [an_event("m_1")], NOW_MS)) as storing:
        making = asyncio.create_task(other.write(make))
        await waits_for_a_lock(log.database, making)
        await storing.commit()
    assert await everything(log, await making) == ["cim-m_1-0"]


async def test_an_event_that_waits_for_a_subscription_to_be_made_is_for_it_too(log: Log, other: Database) -> None:
    async with Held(log.database, make) as making:
        storing = asyncio.create_task(EventStore(other).ingest([an_event("m_1")], NOW_MS))
        await waits_for_a_lock(log.database, storing)
        number = await making.commit()
    await storing
    assert await everything(log, number) == ["cim-m_1-0"]


async def test_an_event_stored_while_a_subscription_is_deleted_is_stored(log: Log, other: Database) -> None:
    number = await log.database.write(make)

    def remove(transaction: Transaction) -> int:
        assert find_subscription(transaction, "archive", locked=True) is not None
        return remove_subscription(transaction, number)

    async with Held(log.database, remove) as deleting:
        storing = asyncio.create_task(EventStore(other).ingest([an_event("m_1")], NOW_MS))
        await waits_for_a_lock(log.database, storing)
        await deleting.commit()
    await storing
    assert await everything(log, log.subscription_id) == ["cim-m_1-0"]


async def test_what_is_replayed_while_the_last_message_is_acknowledged_is_not_stuck(log: Log, other: Database) -> None:
    await log.ingest(an_event("m_1"))
    heads = await log.claim()
    number = log.subscription_id
    async with Held(other, lambda transaction: replay(transaction, number, EVERYTHING, NOW_MS)) as replaying:
        acknowledging = asyncio.create_task(log.acknowledge(heads))
        await waits_for_a_lock(log.database, acknowledging)
        await replaying.commit()
    [outcome] = await acknowledging
    assert outcome.next_head is not None
    assert outcome.next_head.origin == inbound_pb2.DELIVERY_ORIGIN_REPLAY


async def test_what_is_replayed_behind_an_acknowledgement_under_way_is_not_stuck(log: Log, other: Database) -> None:
    await log.ingest(an_event("m_1"))
    heads: list[Head] = await log.claim()

    def done(transaction: Transaction) -> object:
        tokens = [head.token for head in heads]
        return acknowledge(transaction, tokens, owner="server-1", until_ms=NOW_MS + LEASE_MS)

    async with Held(log.database, done) as acknowledging:
        replaying = asyncio.create_task(
            other.write(lambda transaction: replay(transaction, log.subscription_id, EVERYTHING, NOW_MS))
        )
        await waits_for_a_lock(log.database, replaying)
        await acknowledging.commit()
    assert await replaying == 1
    assert [head.origin for head in await log.claim()] == [inbound_pb2.DELIVERY_ORIGIN_REPLAY]
