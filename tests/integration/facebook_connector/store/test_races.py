"""Two servers on one PostgreSQL, with their transactions interleaved on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.util import await_only

from expertflow.connector.v1 import inbound_pb2, ingest_service_pb2
from facebook_connector.delivery.values import ClaimRequest, Extension, Head
from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.engines import postgresql
from facebook_connector.store.log.events import EventStore, ingest
from facebook_connector.store.reading.acknowledgements import acknowledge, extend
from facebook_connector.store.reading.claims import claim
from facebook_connector.store.reading.cursors import CursorStore
from tests.integration.facebook_connector.store.conftest import LEASE_MS, Log
from tests.support.inbound_records import NOW_MS, PAGE, add_page, an_event

T = TypeVar("T")

STORED = ingest_service_pb2.INGEST_OUTCOME_STORED
DUPLICATE = ingest_service_pb2.INGEST_OUTCOME_DUPLICATE
OK = inbound_pb2.ACK_OUTCOME_OK

LOCK_WAITS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
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


class Held(Generic[T]):
    """A transaction that has done all its work and waits with its commit."""

    def __init__(self, database: Database, work: Callable[[Transaction], T]) -> None:
        self._done = asyncio.Event()
        self._commit = asyncio.Event()

        def and_wait(transaction: Transaction) -> T:
            result = work(transaction)
            self._done.set()
            await_only(self._commit.wait())
            return result

        self._task = asyncio.create_task(database.write(and_wait))

    async def ready(self) -> None:
        await asyncio.wait_for(self._done.wait(), 10)

    async def commit(self) -> T:
        self.let_go()
        return await self._task

    def let_go(self) -> None:
        self._commit.set()


class Holder(Protocol):
    """Begins a transaction that is held until told to commit, or until the test ends."""

    def __call__(self, database: Database, work: Callable[[Transaction], T]) -> Held[T]: ...


@pytest.fixture
def hold() -> Iterator[Holder]:
    held: list[Held[Any]] = []

    def begin(database: Database, work: Callable[[Transaction], T]) -> Held[T]:
        held.append(Held(database, work))
        return held[-1]

    yield begin
    for transaction in held:
        transaction.let_go()


async def wait_for_locks(database: Database, *tasks: asyncio.Task[Any]) -> None:
    """Returns when the database says that so many transactions wait for a lock."""
    while await database.read(lambda transaction: transaction.execute(LOCK_WAITS).scalar_one()) < len(tasks):
        assert not any(task.done() for task in tasks)
        await asyncio.sleep(0.01)


def claiming(log: Log, *, limit: int = 100) -> ClaimRequest:
    return ClaimRequest(
        subscription_id=log.subscription_id,
        owner="server-2",
        client_id="ccm-1",
        now_ms=NOW_MS,
        until_ms=NOW_MS + LEASE_MS,
        limit=limit,
    )


async def test_who_takes_numbers_first_but_commits_last_is_not_skipped(log: Log, other: Database, hold: Holder) -> None:
    first = hold(log.database, lambda transaction: ingest(transaction, [an_event("a1", psid="A")], NOW_MS))
    await first.ready()
    await EventStore(other).ingest([an_event("b1", psid="B")], NOW_MS)
    assert [head.cim_id for head in await log.claim()] == ["cim-b1-0"]
    await first.commit()
    assert [head.cim_id for head in await log.claim()] == ["cim-a1-0"]


async def test_numbers_of_one_conversation_become_visible_in_their_order(
    log: Log, other: Database, hold: Holder
) -> None:
    first = hold(log.database, lambda transaction: ingest(transaction, [an_event("a1")], NOW_MS))
    await first.ready()
    second = asyncio.create_task(EventStore(other).ingest([an_event("a2")], NOW_MS))
    await wait_for_locks(log.database, second)
    await first.commit()
    await second
    assert [(head.token.seq, head.cim_id) for head in await log.drain()] == [(1, "cim-a1-0"), (2, "cim-a2-0")]


async def test_an_event_that_two_servers_store_at_once_is_stored_once(log: Log, other: Database, hold: Holder) -> None:
    first = hold(log.database, lambda transaction: ingest(transaction, [an_event("m_1")], NOW_MS))
    await first.ready()
    second = asyncio.create_task(EventStore(other).ingest([an_event("m_1"), an_event("m_2")], NOW_MS))
    await wait_for_locks(log.database, second)
    report = await first.commit()
    assert [outcome.outcome for outcome in report.outcomes] == [STORED]
    assert [outcome.outcome for outcome in (await second).outcomes] == [DUPLICATE, STORED]
    assert [head.token.seq for head in await log.drain()] == [1, 2]


async def test_an_acknowledgement_that_waited_for_an_ingest_finds_its_message(
    log: Log, other: Database, hold: Holder
) -> None:
    await log.ingest(an_event("m_1"))
    (head,) = await log.claim()
    storing = hold(other, lambda transaction: ingest(transaction, [an_event("m_2")], NOW_MS))
    await storing.ready()
    acking = asyncio.create_task(log.acknowledge([head]))
    await wait_for_locks(log.database, acking)
    await storing.commit()
    (outcome,) = await acking
    assert outcome.next_head is not None
    assert outcome.next_head.cim_id == "cim-m_2-0"


async def test_an_ingest_that_waited_for_the_last_acknowledgement_makes_the_key_ready(
    log: Log, other: Database, hold: Holder
) -> None:
    await log.ingest(an_event("m_1"))
    (head,) = await log.claim()
    acking = hold(
        log.database, lambda transaction: acknowledge(transaction, [head.token], owner="server-1", until_ms=NOW_MS)
    )
    await acking.ready()
    storing = asyncio.create_task(EventStore(other).ingest([an_event("m_2")], NOW_MS))
    await wait_for_locks(log.database, storing)
    (outcome,) = await acking.commit()
    assert (outcome.result, outcome.next_head) == (OK, None)
    assert (await storing).ready_subscriptions == {log.subscription_id}
    assert [head.cim_id for head in await log.claim()] == ["cim-m_2-0"]


async def test_a_server_passes_over_the_keys_that_another_is_claiming(log: Log, other: Database, hold: Holder) -> None:
    await log.ingest(*(an_event(f"m_{number}", psid=f"P{number}") for number in range(6)))
    first = hold(log.database, lambda transaction: claim(transaction, claiming(log, limit=4), ""))
    await first.ready()
    rest = await asyncio.wait_for(CursorStore(other).claim(claiming(log)), 10)
    heads = (await first.commit()).heads
    assert (len(heads), len(rest.heads)) == (4, 2)
    assert len({head.token.key_id for head in [*heads, *rest.heads]}) == 6


async def test_a_claim_that_finds_its_keys_taken_takes_the_next_ones(log: Log, other: Database, hold: Holder) -> None:
    await log.ingest(*(an_event(f"m_{number}", psid=f"P{number}") for number in range(8)))
    first = hold(log.database, lambda transaction: claim(transaction, claiming(log, limit=4), ""))
    await first.ready()
    second = await asyncio.wait_for(CursorStore(other).claim(claiming(log, limit=4)), 10)
    heads = (await first.commit()).heads
    assert len({head.token.key_id for head in [*heads, *second.heads]}) == 8
    assert not second.contended


async def test_a_claim_that_gets_nothing_says_that_others_had_it_in_hand(
    log: Log, other: Database, hold: Holder
) -> None:
    await log.ingest(an_event("m_1"))
    first = hold(log.database, lambda transaction: claim(transaction, claiming(log), ""))
    await first.ready()
    competing = await asyncio.wait_for(CursorStore(other).claim(claiming(log)), 10)
    await first.commit()
    after = await CursorStore(other).claim(claiming(log))
    assert (competing.heads, competing.contended) == ([], True)
    assert (after.heads, after.contended) == ([], False)


async def test_of_two_acknowledgements_of_one_message_one_counts(log: Log, other: Database, hold: Holder) -> None:
    await log.ingest(an_event("m_1"))
    heads = await log.claim()
    tokens = [head.token for head in heads]
    first = hold(log.database, lambda transaction: acknowledge(transaction, tokens, owner="server-1", until_ms=NOW_MS))
    await first.ready()
    second = asyncio.create_task(CursorStore(other).acknowledge(tokens, owner="server-2", until_ms=NOW_MS))
    await wait_for_locks(log.database, second)
    await first.commit()
    assert [outcome.result for outcome in await second] == [inbound_pb2.ACK_OUTCOME_STALE]


async def test_an_ingest_and_an_acknowledgement_of_many_keys_do_not_lock_crosswise(
    log: Log, other: Database, hold: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A deadlock is answered by running the transaction again; with one try it shows.
    monkeypatch.setattr(postgresql, "TRIES", 1)
    await log.ingest(*(an_event(f"a{number}", psid=f"P{number}") for number in range(8)))
    heads = await log.claim()
    between = [Extension(token=heads[3].token, until_ms=NOW_MS)]
    middle = hold(log.database, lambda transaction: extend(transaction, between))
    await middle.ready()
    backwards = [an_event(f"b{number}", psid=f"P{number}") for number in reversed(range(8))]
    storing = asyncio.create_task(EventStore(other).ingest(backwards, NOW_MS))
    acking = asyncio.create_task(log.acknowledge(heads))
    await wait_for_locks(log.database, storing, acking)
    await middle.commit()
    await storing
    assert {outcome.result for outcome in await acking} == {OK}


async def test_servers_that_store_and_read_the_same_conversations_never_deadlock(
    log: Log, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A deadlock is answered by running the transaction again; with one try it shows.
    monkeypatch.setattr(postgresql, "TRIES", 1)
    await add_page(log.database, "999")
    keys = [(page_id, f"P{number}") for page_id in ("999", PAGE) for number in range(8)]
    delivered: list[Head] = []

    async def store(database: Database, name: str, order: list[tuple[str, str]]) -> None:
        batch = [an_event(f"{name}-{page_id}-{psid}", page_id=page_id, psid=psid) for page_id, psid in order]
        await EventStore(database).ingest(batch, NOW_MS)

    async def read(database: Database) -> None:
        cursors = CursorStore(database)
        heads = (await cursors.claim(claiming(log))).heads
        while heads:
            delivered.extend(heads)
            tokens = [head.token for head in reversed(heads)]
            outcomes = await cursors.acknowledge(tokens, owner="server-2", until_ms=NOW_MS + LEASE_MS)
            assert {outcome.result for outcome in outcomes} == {OK}
            heads = [outcome.next_head for outcome in outcomes if outcome.next_head]
            heads = heads or (await cursors.claim(claiming(log))).heads

    storing = [store(log.database, f"x{n}", keys) for n in range(6)] + [
        store(other, f"y{n}", keys[::-1]) for n in range(6)
    ]
    await asyncio.gather(*storing, read(log.database), read(other))
    await read(other)
    for page_id, psid in keys:
        read_of_key = [head.token.seq for head in delivered if head.ordering_key == f"{page_id}/{psid}"]
        assert read_of_key == list(range(1, 13))
