"""The database goes away under load and comes back: nobody gets a 200 for what is not kept, and nothing needs a hand.

`OUTAGE_SECONDS` makes the outages longer than a test run has time for.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from connector_client import ConnectorClient
from facebook_connector.channels.seal import Keyring
from facebook_connector.store.database import open_database
from facebook_connector.store.migrate import migrate
from messenger_sandbox import EntryKind, Filter, Outcome, RunningSandbox, Sandbox
from tests.support.channels import ANA, BEN, add_channel, sandbox_config
from tests.support.databases import PostgresqlServer
from tests.support.processes import Connector, connector_processes

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

OUTAGE_S = float(os.environ.get("OUTAGE_SECONDS", "2.5"))
PATIENCE_S = 60.0
SMALLER_THAN_THE_LOG_OF_SQLITE = 64 * 1024

Fault = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Place:
    facebook: RunningSandbox
    connector: Connector
    fault: Fault

    def answers(self, after: int = 0) -> list[int | None]:
        """The statuses that Facebook has got for its webhooks since an entry of its journal."""
        posted = self.facebook.journal.entries(Filter(after=after, kind=EntryKind.WEBHOOK_POSTED))
        return [entry.details["status"] for entry in posted]

    async def refusal(self, after: int) -> None:
        """Returns when a webhook was answered 503. SQLite waits 2 s for a lock before it gives up."""
        async with asyncio.timeout(PATIENCE_S):
            while httpx.codes.SERVICE_UNAVAILABLE not in self.answers(after):  # noqa: ASYNC110 - a journal to read
                await asyncio.sleep(0.02)

    def now(self) -> int:
        entries = self.facebook.journal.entries()
        return entries[-1].seq if entries else 0


@dataclass(slots=True)
class Ccm:
    """Acknowledges everything, on one call of its client for as long as the test runs."""

    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """In the order of their first delivery, by ordering key."""
    attempts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By message id."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, address: str) -> None:
        async with ConnectorClient(address, client_id="ccm-1") as client:
            async for received in client.inbound("ccm"):
                if received.message.id not in self.attempts:
                    self.texts[received.ordering_key].append(received.message.body.markdown_text)
                self.attempts[received.message.id].append(received.delivery_attempt)
                await received.ack()
                self.changed.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.attempts) < count:
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def a_place(folder: Path, fault: Fault, **settings: str) -> AsyncIterator[Place]:
    async with (
        Sandbox(sandbox_config()).serve() as facebook,
        connector_processes(folder, facebook.base_url, **settings) as connector,
    ):
        await add_channel(connector.server_address)
        await facebook.handshake(connector.webhook_url)
        yield Place(facebook, connector, fault)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process has the database for itself."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(process: Callable[[], int]) -> Iterator[None]:
    """The server's files cannot grow: as a full disk, but within the rights of everybody."""
    _, hard = resource.prlimit(process(), resource.RLIMIT_FSIZE)
    resource.prlimit(process(), resource.RLIMIT_FSIZE, (SMALLER_THAN_THE_LOG_OF_SQLITE, hard))
    yield
    resource.prlimit(process(), resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def stopped(server: PostgresqlServer) -> Iterator[None]:
    server.crash()
    yield
    server.start_again()


@pytest.fixture(params=["locked", "full", "stopped"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "stopped":
        server: PostgresqlServer = request.getfixturevalue("fragile_postgresql")
        url = server.url("postgres")
        async with open_database(url) as database:
            await migrate(database)
        keys = Keyring.generate().text()
        async with a_place(tmp_path, lambda: stopped(server), database_url=url, secret_keys=keys) as place:
            yield place
        return

    def process() -> int:
        assert place.connector.server.process is not None
        return place.connector.server.process.pid

    faults: dict[str, Fault] = {
        "locked": lambda: locked(tmp_path / "data" / "connector.db"),
        "full": lambda: full(process),
    }
    async with a_place(tmp_path, faults[request.param]) as place:
        yield place


async def talk(place: Place, psid: str, texts: list[str]) -> None:
    """Says one after the other, each when Facebook has got its 200 for the one before."""
    for text in texts:
        assert await place.facebook.person(psid).says(text) is Outcome.DELIVERED


async def test_an_outage_of_the_database_costs_time_and_nothing_else(place: Place) -> None:
    before, during, after = ([f"{when} {number}" for number in range(5)] for when in ("before", "during", "after"))
    ccm = Ccm()
    receiving = asyncio.create_task(ccm.run(place.connector.server_address))
    await asyncio.gather(*(talk(place, psid, before) for psid in (ANA, BEN)))

    seen = place.now()
    with place.fault():
        talking = [asyncio.create_task(talk(place, psid, during)) for psid in (ANA, BEN)]
        await asyncio.sleep(OUTAGE_S)
        await place.refusal(after=seen)
        answers = set(place.answers(after=seen))
    await asyncio.gather(*talking)
    await asyncio.gather(*(talk(place, psid, after) for psid in (ANA, BEN)))
    await ccm.until(30)
    receiving.cancel()
    await asyncio.gather(receiving, return_exceptions=True)

    assert answers == {httpx.codes.SERVICE_UNAVAILABLE}
    assert list(ccm.texts.values()) == [[*before, *during, *after]] * 2
    assert all(attempts == sorted(set(attempts)) for attempts in ccm.attempts.values())


async def test_a_server_whose_database_is_gone_ends_in_time(
    tmp_path: Path, fragile_postgresql: PostgresqlServer
) -> None:
    url = fragile_postgresql.url("postgres")
    async with open_database(url) as database:
        await migrate(database)
    keys = Keyring.generate().text()
    async with a_place(tmp_path, lambda: stopped(fragile_postgresql), database_url=url, secret_keys=keys) as place:
        ccm = Ccm()
        receiving = asyncio.create_task(ccm.run(place.connector.server_address))
        await talk(place, ANA, ["hello"])
        await ccm.until(1)
        with place.fault():
            assert await asyncio.wait_for(place.connector.server.stop(), 10) == 0
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)
