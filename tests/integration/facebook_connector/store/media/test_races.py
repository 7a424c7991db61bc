"""A download that ends and an acknowledgement that makes its message the head, interleaved on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.log.holds import MEDIA, end_hold
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.reading.acknowledgements import acknowledge
from tests.integration.facebook_connector.store.conftest import LEASE_MS, Log
from tests.support.inbound_records import NOW_MS
from tests.support.interleaving import Held, waits_for_a_lock
from tests.support.media_records import TEXT, a_medium_event

SOURCE = "https://cdn.fbsbx.com/1"


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


@pytest.fixture
async def other(postgresql_url: str) -> AsyncIterator[Database]:
    """The same database as another server sees it."""
    async with open_database(postgresql_url) as opened:
        yield opened


async def test_the_acknowledgement_comes_first(log: Log, other: Database) -> None:
    await log.ingest(a_medium_event("m_1", TEXT, SOURCE))
    (text,) = await log.claim()
    acknowledged = Held(
        other,
        lambda transaction: acknowledge(transaction, [text.token], owner="server-1", until_ms=NOW_MS + LEASE_MS),
    )
    async with acknowledged as held:
        ending = asyncio.create_task(log.database.write(ended(text.token.key_id)))
        await waits_for_a_lock(log.database, ending)
        await held.commit()

    assert await ending == {log.subscription_id}
    assert [head.cim_id for head in await log.claim()] == ["cim-m_1-1"]


async def test_the_end_of_the_hold_comes_first(log: Log, other: Database) -> None:
    await log.ingest(a_medium_event("m_1", TEXT, SOURCE))
    (text,) = await log.claim()
    async with Held(other, ended(text.token.key_id)) as held:
        acknowledging = asyncio.create_task(log.acknowledge([text]))
        await waits_for_a_lock(log.database, acknowledging)
        await held.commit()

    (outcome,) = await acknowledging
    assert outcome.next_head is not None
    assert outcome.next_head.cim_id == "cim-m_1-1"


async def test_two_servers_claim_different_downloads(log: Log, other: Database) -> None:
    await log.ingest(*(a_medium_event(f"m_{number}", SOURCE) for number in range(20)))
    claims = await asyncio.gather(
        *(
            MediaLog(database).claim(owner, now_ms=NOW_MS, until_ms=NOW_MS + 1000, limit=10)
            for owner, database in (("server-1", log.database), ("server-2", other))
        )
    )
    rest = await MediaLog(other).claim("server-3", now_ms=NOW_MS, until_ms=NOW_MS + 1000, limit=20)

    taken = [download.media_id for claimed in (*claims, rest) for download in claimed]
    assert len(taken) == len(set(taken)) == 20


def ended(key_id: int) -> Callable[[Transaction], frozenset[int]]:
    def work(transaction: Transaction) -> frozenset[int]:
        return end_hold(transaction, (key_id, 2), MEDIA, NOW_MS)

    return work
