"""A lookup that ends while another message of the person is stored, interleaved on PostgreSQL; and two servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from facebook_connector.delivery.profiles import Names
from facebook_connector.store.database import Database, open_database
from facebook_connector.store.log.events import EventStore, ingest
from facebook_connector.store.profiles.log import ProfileLog, claim, settle
from facebook_connector.store.profiles.values import LookupEnd
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, an_event
from tests.support.interleaving import Held, waits_for_a_lock

END = LookupEnd(names=Names(first="Ali"), fresh_until_ms=NOW_MS + 1_000)


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


@pytest.fixture
async def other(postgresql_url: str) -> AsyncIterator[Database]:
    """The same database as another server sees it."""
    async with open_database(postgresql_url) as opened:
        yield opened


@pytest.fixture
async def log(log: Log) -> Log:
    return replace(log, events=EventStore(log.database, profiles=True))


async def test_what_is_stored_after_a_lookup_ended_is_not_held_back(log: Log, other: Database) -> None:
    await log.ingest(an_event("m_1"))
    (lookup,) = await ProfileLog(other).claim("server-1", now_ms=NOW_MS, until_ms=NOW_MS + 60_000, limit=1)
    async with Held(other, lambda transaction: settle(transaction, lookup, END, NOW_MS)) as held:
        storing = asyncio.create_task(log.ingest(an_event("m_2")))
        await waits_for_a_lock(log.database, storing)
        await held.commit()

    await storing
    (first,) = await log.claim()
    (outcome,) = await log.acknowledge([first])
    assert outcome.next_head is not None
    assert outcome.next_head.cim_id == "cim-m_2-0"


async def test_what_is_stored_while_a_lookup_ends_does_not_wait_for_it(log: Log, other: Database) -> None:
    await log.ingest(an_event("m_1"))
    profiles = ProfileLog(log.database)
    (lookup,) = await profiles.claim("server-1", now_ms=NOW_MS, until_ms=NOW_MS + 60_000, limit=1)
    storing = Held(other, lambda transaction: ingest(transaction, [an_event("m_2")], NOW_MS, profiles=True))
    async with storing as held:
        settling = asyncio.create_task(profiles.settle(lookup, END, now_ms=NOW_MS))
        await waits_for_a_lock(log.database, settling)
        await held.commit()

    assert await settling == frozenset({log.subscription_id})
    (first,) = await log.claim()
    (outcome,) = await log.acknowledge([first])
    assert outcome.next_head is not None
    assert outcome.next_head.cim_id == "cim-m_2-0"


async def test_two_servers_that_store_messages_of_one_person_ask_once(log: Log, other: Database) -> None:
    storing = Held(other, lambda transaction: ingest(transaction, [an_event("m_1")], NOW_MS, profiles=True))
    async with storing as held:
        second = asyncio.create_task(log.ingest(an_event("m_2")))
        await waits_for_a_lock(log.database, second)
        first = await held.commit()

    assert (first.wants_profiles, (await second).wants_profiles) == (True, False)
    claims = [
        await ProfileLog(database).claim(owner, now_ms=NOW_MS, until_ms=NOW_MS + 60_000, limit=10)
        for owner, database in (("server-1", log.database), ("server-2", other))
    ]
    assert list(map(len, claims)) == [1, 0]


async def test_what_another_server_is_claiming_is_left_to_it(log: Log, other: Database) -> None:
    await log.ingest(*(an_event(f"m_{number}", psid=f"P{number}") for number in range(20)))
    claiming = Held(other, lambda transaction: claim(transaction, "server-2", NOW_MS, NOW_MS + 1_000, 10))
    async with claiming as held:
        first = await ProfileLog(log.database).claim("server-1", now_ms=NOW_MS, until_ms=NOW_MS + 1_000, limit=20)
        second = await held.commit()

    assert (len(first), len(second)) == (10, 10)
    assert not {lookup.psid for lookup in first} & {lookup.psid for lookup in second}
