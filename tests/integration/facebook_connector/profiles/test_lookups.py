"""Lookups between a database of each engine and the sandbox's profiles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Select, func, select

from facebook_connector.delivery.profiles import HOLD_MS
from facebook_connector.graph.client import CONNECT_TIMEOUT_S, POOL_TIMEOUT_S, GraphClient
from facebook_connector.graph.profile import TIMEOUT_S, ProfileApi
from facebook_connector.profiles.lookups import CALLS, CLAIM_MS, LookupContext, Lookups
from facebook_connector.sending.values import SendingChannel
from facebook_connector.store.database import Database, open_database
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.profiles.log import ProfileLog
from facebook_connector.store.profiles.schema import profile
from messenger_sandbox.app import RunningSandbox, Sandbox
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.world import Person
from service_runtime.clock import SystemClock
from tests.support.channels import PAGE_ID, sandbox_config, sending_channel
from tests.support.inbound_records import add_page, an_event

PEOPLE = [str(7_000 + number) for number in range(CALLS * 2)]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - Facebook tells nobody
            await asyncio.sleep(0.01)


@dataclass
class Gate:
    """Facebook's slow answers come when it opens."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0

    async def __call__(self, _seconds: float) -> None:
        self.waiting += 1
        await self.opened.wait()


@dataclass
class World:
    """A database, Facebook, and servers that come and go."""

    database: Database
    facebook: RunningSandbox
    gate: Gate
    clock: SystemClock = field(default_factory=SystemClock)
    holds_over: asyncio.Event = field(default_factory=asyncio.Event)
    outages: int = 0
    """How often the channel cannot be read from now on."""

    async def writes(self, *psids: str, ago_ms: int = 0) -> None:
        events = [an_event(f"m_{psid}", page_id=PAGE_ID, psid=psid) for psid in psids]
        await EventStore(self.database, profiles=True).ingest(events, self.clock.now_ms() - ago_ms)

    async def known(self, count: int) -> None:
        """Returns when so many people have a name."""
        await self._until(select(func.count() >= count).where(profile.c.first_name != ""))

    async def settled(self) -> None:
        """Returns when nobody is to be asked about."""
        await self._until(select(func.count() == 0).where(profile.c.next_try_ms.is_not(None)))

    async def _until(self, statement: Select[Any]) -> None:
        async with asyncio.timeout(20):
            while not await self.database.read(lambda transaction: transaction.execute(statement).scalar_one()):  # noqa: ASYNC110 - a database tells nobody
                await asyncio.sleep(0.02)

    async def open_channel(self, _page_id: str) -> SendingChannel:
        if self.outages:
            self.outages -= 1
            raise StoreUnavailable("canary")
        return sending_channel()

    @asynccontextmanager
    async def server(self, owner: str = "server", database: Database | None = None) -> AsyncIterator[asyncio.Event]:
        """Runs lookups; what it gives is to be set when somebody wrote."""
        wanted = asyncio.Event()
        async with GraphClient(self.facebook.base_url) as graph:
            context = LookupContext(
                log=ProfileLog(database or self.database),
                open_channel=self.open_channel,
                api=ProfileApi(graph),
                clock=self.clock,
                random=lambda: 0.0,
                owner=owner,
                announce=lambda _: None,
                hold_over=self.holds_over.set,
            )
            task = asyncio.create_task(Lookups(context, wanted).run())
            try:
                yield wanted
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    await add_page(database, PAGE_ID)
    gate = Gate()
    people = tuple(Person(psid=psid, page_id=PAGE_ID) for psid in PEOPLE)
    async with Sandbox(sandbox_config(people=people, sleep=gate)).serve() as facebook:
        yield World(database=database, facebook=facebook, gate=gate)
        gate.opened.set()


async def test_no_more_than_so_many_at_a_time(world: World) -> None:
    world.facebook.script_fault("profile_slow", times=len(PEOPLE))
    await world.writes(*PEOPLE)
    async with world.server() as wanted:
        await until(lambda: world.gate.waiting == CALLS)
        for _ in range(20):
            wanted.set()
            await asyncio.sleep(0.01)
        most = world.gate.waiting
        world.gate.opened.set()
        await world.known(len(PEOPLE))

    assert most == CALLS
    assert {world.facebook.state.profiles.count(psid) for psid in PEOPLE} == {1}


async def test_an_answer_in_time_ends_the_hold_before_it_is_over(world: World) -> None:
    await world.writes(PEOPLE[0])
    async with world.server():
        await world.known(1)

    assert not world.holds_over.is_set()


async def test_a_hold_that_is_over_is_told_while_facebook_still_thinks(world: World) -> None:
    world.facebook.script_fault("profile_slow")
    await world.writes(PEOPLE[0], ago_ms=HOLD_MS - 100)
    async with world.server():
        async with asyncio.timeout(10):
            await world.holds_over.wait()
        assert not world.gate.opened.is_set()
        world.gate.opened.set()
        await world.known(1)


async def test_a_database_that_is_away_for_a_moment_costs_no_names(world: World) -> None:
    world.outages = 2
    await world.writes(PEOPLE[0])
    async with world.server():
        await world.known(1)

    assert world.facebook.state.profiles.count(PEOPLE[0]) == 1


async def test_who_cannot_be_a_person_is_not_asked_about(world: World) -> None:
    await world.writes(f"{PAGE_ID}/subscribed_apps", PEOPLE[0])
    async with world.server():
        await world.known(1)
        await world.settled()

    assert len(world.facebook.journal.entries(Filter(kind=EntryKind.GRAPH_ANSWERED))) == 1


async def test_what_a_stopped_server_asked_for_is_asked_for_again(world: World) -> None:
    world.facebook.script_fault("profile_slow")
    await world.writes(PEOPLE[0])
    async with world.server("first"):
        await until(lambda: world.gate.waiting == 1)
    await ProfileLog(world.database).end_earlier_claims("second", now_ms=world.clock.now_ms())
    async with world.server("second"):
        await world.known(1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_servers_on_one_database_ask_once_for_each_person(world: World, postgresql_url: str) -> None:
    world.facebook.script_fault("profile_slow", times=len(PEOPLE))
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(open_database(postgresql_url))
        servers = [
            await stack.enter_async_context(world.server(owner, database))
            for owner, database in (("first", world.database), ("second", other))
        ]
        for psid in PEOPLE:
            await world.writes(psid)
            for wanted in servers:
                wanted.set()
        await until(lambda: world.gate.waiting == len(PEOPLE))
        world.gate.opened.set()
        await world.known(len(PEOPLE))

    assert {world.facebook.state.profiles.count(psid) for psid in PEOPLE} == {1}


def test_a_claim_outlives_its_call() -> None:
    assert CLAIM_MS > (CONNECT_TIMEOUT_S + POOL_TIMEOUT_S + TIMEOUT_S) * 1000
