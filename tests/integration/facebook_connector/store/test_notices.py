from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from facebook_connector.delivery.values import AdoptRequest
from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.notices import VALUES_AT_ONCE, Notice, Topic, read, tell, tell_of
from facebook_connector.store.outbound.queue import OutboundStore
from facebook_connector.store.reading.cursors import CursorStore
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, PAGE, an_event
from tests.support.outbound_queue import a_record, an_offer

MISSED = Notice(topic=Topic.MISSED)
END_LISTENERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ILIKE 'LISTEN%'"
)


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


@pytest.fixture
async def other(postgresql_url: str) -> AsyncIterator[Database]:
    """The same database as another server sees it."""
    async with open_database(postgresql_url) as opened:
        yield opened


class Ear:
    """What a server has heard, one after another."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[Notice] = asyncio.Queue()
        self.hear = self._heard.put_nowait

    async def next(self) -> Notice:
        return await asyncio.wait_for(self._heard.get(), 10)


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[Ear]:
    ear = Ear()
    task = asyncio.create_task(database.listen(ear.hear))
    try:
        assert await ear.next() == MISSED
        yield ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_was_stored_is_told_to_other_servers_and_not_to_the_own(log: Log, other: Database) -> None:
    async with listening(log.database) as own, listening(other) as ear:
        await log.ingest(an_event("m_1"))
        assert await ear.next() == Notice(topic=Topic.READY, values=(str(log.subscription_id),))
        await EventStore(other).ingest([an_event("m_2")], NOW_MS)
        # Had it heard itself, that would have come first.
        assert await own.next() == Notice(topic=Topic.READY, values=(str(log.subscription_id),))


async def test_nothing_is_told_of_what_was_not_committed(log: Log, other: Database) -> None:
    def fails(transaction: Transaction) -> None:
        tell(transaction, Topic.CHANNEL, ["undone"])
        raise ValueError("undone")

    async with listening(other) as ear:
        with pytest.raises(ValueError, match="undone"):
            await log.database.write(fails)
        await log.ingest(an_event("m_1"))
        assert (await ear.next()).topic is Topic.READY


async def test_a_message_that_another_server_may_have_to_send_is_told(log: Log, other: Database) -> None:
    store = OutboundStore(log.database)
    async with listening(other) as ear:
        await store.accept(an_offer(a_record("kept to ourselves", psid="1")))
        await store.accept(an_offer(a_record("told", psid="2"), elsewhere=True))
        assert await ear.next() == Notice(topic=Topic.SEND, values=(PAGE, "2"))


async def test_a_stream_is_told_with_a_generation_that_grows(log: Log, other: Database) -> None:
    request = AdoptRequest(
        subscription_id=log.subscription_id, owner="s", client_id="ccm-1", held=(), now_ms=NOW_MS, until_ms=NOW_MS
    )
    async with listening(other) as ear:
        first, second = await log.cursors.adopt(request), await CursorStore(other).adopt(request)
        notice = await ear.next()
    assert second.generation > first.generation > 0
    assert notice == Notice(topic=Topic.STREAM, values=(str(log.subscription_id), "ccm-1", str(first.generation)))


async def test_many_values_are_told_in_several_notices(log: Log, other: Database) -> None:
    names = {f"{number:016}" for number in range(VALUES_AT_ONCE + 1)}
    async with listening(other) as ear:
        await log.database.write(lambda transaction: tell(transaction, Topic.CHANNEL, names))
        first, second = await ear.next(), await ear.next()
    assert {*first.values, *second.values} == names


async def test_a_lost_connection_is_made_anew_and_what_was_missed_is_looked_for(log: Log, other: Database) -> None:
    async with listening(other) as ear:
        await log.database.write(lambda transaction: transaction.execute(END_LISTENERS).all())
        assert await ear.next() == MISSED
        await log.ingest(an_event("m_1"))
        assert (await ear.next()).topic is Topic.READY


def test_what_a_newer_release_says_is_passed_over() -> None:
    assert read('["somebody","unheard-of","1"]', "me") is None


async def test_where_there_is_one_server_nothing_is_said(sqlite_url: str) -> None:
    ear = Ear()
    async with open_database(sqlite_url) as database:
        listening_to_nobody = asyncio.create_task(database.listen(ear.hear))
        await database.write(lambda transaction: tell_of(transaction, Topic.MEDIA))
        assert not listening_to_nobody.done()
        listening_to_nobody.cancel()
    assert ear._heard.empty()
