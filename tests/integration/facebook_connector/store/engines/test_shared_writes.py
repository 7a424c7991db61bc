"""Calls with the same work, which PostgreSQL carries out together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.util import await_

from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.engines import postgresql, shared_writes
from facebook_connector.store.errors import Contended, RowRefused, StoreUnavailable
from facebook_connector.store.notices import TRANSACTION_NUMBER
from tests.support import interleaving

ADD = text("INSERT INTO dedupe VALUES ('1', :key, 0)")
KEYS = text("SELECT dedupe_key FROM dedupe ORDER BY dedupe_key")
RAISE = text("UPDATE dedupe SET first_seen_ms = first_seen_ms + 1 WHERE dedupe_key = :key")
KILL = text("SELECT pg_terminate_backend(pg_backend_pid())")

Work = Callable[[Transaction, Sequence[str]], Sequence[int]]


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


def add(transaction: Transaction, keys: Sequence[str]) -> list[int]:
    """Gives each the number of the transaction."""
    transaction.execute(ADD, [{"key": key} for key in keys])
    return [int(transaction.execute(TRANSACTION_NUMBER).scalar_one())] * len(keys)


async def added(database: Database) -> list[str]:
    return list(await database.read(lambda transaction: transaction.execute(KEYS).scalars().all()))


class Held:
    """A work whose first transaction waits until told to go on, so that the calls after the first wait for it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._begun, self._go_on = asyncio.Event(), asyncio.Event()
        self.groups: list[list[str]] = []

    def __call__(self, transaction: Transaction, keys: Sequence[str]) -> Sequence[int]:
        self.groups.append(list(keys))
        if len(self.groups) == 1:
            self._begun.set()
            await_(self._go_on.wait())
        return self._work(transaction, keys)

    async def calls(self, database: Database, keys: str) -> list[asyncio.Task[int]]:
        """The calls, of which the first is under way and the others wait."""
        first = [asyncio.create_task(database.write_each(self, keys[0]))]
        await self._begun.wait()
        others = [asyncio.create_task(database.write_each(self, key)) for key in keys[1:]]
        await asyncio.sleep(0)
        return first + others

    def go_on(self) -> None:
        self._go_on.set()


async def ended(calls: Sequence[asyncio.Task[int]]) -> list[int | BaseException]:
    return await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 20)


async def test_one_call_goes_alone_and_at_once(database: Database) -> None:
    work = Held(add)
    work.go_on()
    await database.write_each(work, "a")
    await database.write_each(work, "b")
    assert work.groups == [["a"], ["b"]]


async def test_what_waits_goes_together_and_each_gets_its_own_result(database: Database) -> None:
    def numbered(transaction: Transaction, keys: Sequence[str]) -> list[int]:
        add(transaction, keys)
        return list(map(ord, keys))

    work = Held(numbered)
    calls = await work.calls(database, "abcd")
    work.go_on()
    assert await ended(calls) == list(map(ord, "abcd"))
    assert work.groups == [["a"], ["b", "c", "d"]]
    assert await added(database) == list("abcd")


async def test_what_goes_together_is_one_transaction(database: Database) -> None:
    work = Held(add)
    calls = await work.calls(database, "abc")
    work.go_on()
    first, second, third = await ended(calls)
    assert first != second == third


async def test_a_group_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_writes, "GROUP_LIMIT", 2)
    work = Held(add)
    calls = await work.calls(database, "abcd")
    work.go_on()
    await ended(calls)
    assert work.groups == [["a"], ["b", "c"], ["d"]]


async def test_other_works_do_not_wait(database: Database) -> None:
    work = Held(add)
    calls = await work.calls(database, "a")
    await asyncio.wait_for(database.write_each(add, "b"), 10)
    assert await added(database) == ["b"]
    work.go_on()
    await ended(calls)


@pytest.mark.parametrize("bad", ["b", "c", "d"])
async def test_an_item_that_is_refused_takes_no_other_with_it(database: Database, bad: str) -> None:
    def refuses(transaction: Transaction, keys: Sequence[str]) -> list[int]:
        return add(transaction, [f"{key}\0" if key == bad else key for key in keys])

    work = Held(refuses)
    calls = await work.calls(database, "abcd")
    work.go_on()
    outcomes = await ended(calls)
    assert [key for key, outcome in zip("abcd", outcomes, strict=True) if isinstance(outcome, RowRefused)] == [bad]
    assert await added(database) == [key for key in "abcd" if key != bad]


async def test_an_item_on_which_the_work_itself_fails_takes_no_other_with_it(database: Database) -> None:
    def fails(transaction: Transaction, keys: Sequence[str]) -> list[int]:
        numbers = add(transaction, keys)
        if "c" in keys:
            raise ValueError("of its own")
        return numbers

    work = Held(fails)
    calls = await work.calls(database, "abcd")
    work.go_on()
    outcomes = await ended(calls)
    assert [type(outcome) for outcome in outcomes] == [int, int, ValueError, int]
    assert await added(database) == list("abd")


async def test_items_in_the_way_of_one_another_are_done_one_after_the_other(database: Database) -> None:
    def contends(transaction: Transaction, keys: Sequence[str]) -> list[int]:
        if len(keys) > 1:
            raise Contended
        return add(transaction, keys)

    work = Held(contends)
    calls = await work.calls(database, "abc")
    work.go_on()
    assert len(set(await ended(calls))) == 3
    assert work.groups == [["a"], ["b", "c"], ["b"], ["c"]]


async def test_a_group_whose_connection_breaks_is_not_run_again(database: Database) -> None:
    """It may have been committed."""

    def breaks(transaction: Transaction, keys: Sequence[str]) -> list[int]:
        numbers = add(transaction, keys)
        if "b" in keys:
            transaction.execute(KILL)
        return numbers

    work = Held(breaks)
    calls = await work.calls(database, "abc")
    work.go_on()
    outcomes = await ended(calls)
    assert [type(outcome) for outcome in outcomes] == [int, StoreUnavailable, StoreUnavailable]
    assert outcomes[1] is not outcomes[2], "each has a traceback of its own"
    assert work.groups == [["a"], ["b", "c"]]
    assert await added(database) == ["a"]


async def test_a_row_that_stays_locked_holds_up_its_own_item_alone(database: Database, postgresql_url: str) -> None:
    await database.write(lambda transaction: add(transaction, "b"))

    def impatient(transaction: Transaction, keys: Sequence[str]) -> list[int]:
        transaction.execute(text("SET LOCAL lock_timeout = '50ms'"))
        transaction.execute(RAISE, [{"key": key} for key in keys])
        return add(transaction, [key.upper() for key in keys])

    async with open_database(postgresql_url) as other:
        work = Held(impatient)
        calls = await work.calls(database, "abc")
        async with interleaving.Held(other, lambda transaction: transaction.execute(RAISE, {"key": "b"})):
            work.go_on()
            outcomes = await ended(calls)
    assert [type(outcome) for outcome in outcomes] == [int, StoreUnavailable, int]
    assert await added(database) == ["A", "C", "b"]


async def test_groups_of_two_servers_that_lock_one_another_out_are_run_again(
    database: Database, postgresql_url: str
) -> None:
    await database.write(lambda transaction: add(transaction, "ab"))
    meet = asyncio.Barrier(2)

    def crossing() -> tuple[Work, list[int]]:
        tries: list[int] = []

        def work(transaction: Transaction, keys: Sequence[str]) -> list[int]:
            tries.append(len(keys))
            if len(keys) == 1:
                return [0]
            transaction.execute(RAISE, {"key": keys[0]})
            if tries.count(2) == 1:
                await_(meet.wait())
            transaction.execute(RAISE, {"key": keys[1]})
            return [0, 0]

        return work, tries

    async with open_database(postgresql_url) as other:
        (ours, our_tries), (theirs, their_tries) = crossing(), crossing()
        our, their = Held(ours), Held(theirs)
        calls = await our.calls(database, "xab") + await their.calls(other, "xba")
        our.go_on()
        their.go_on()
        assert await ended(calls) == [0] * 6
    assert sorted([our_tries, their_tries]) == [[1, 2], [1, 2, 2]]
    times = text("SELECT first_seen_ms FROM dedupe")
    assert await database.read(lambda transaction: transaction.execute(times).scalars().all()) == [2, 2]


async def test_the_end_leaves_nobody_waiting_while_items_are_done_one_by_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "CLOSE_WITHIN_S", 0.1)
    one_by_one = asyncio.Event()

    def hangs(transaction: Transaction, keys: Sequence[str]) -> list[int]:
        if len(keys) > 1:
            raise Contended
        if keys == ["b"]:
            one_by_one.set()
            await_(asyncio.Event().wait())
        return add(transaction, keys)

    work = Held(hangs)
    calls = await work.calls(database, "abc")
    work.go_on()
    await asyncio.wait_for(one_by_one.wait(), 10)
    await asyncio.wait_for(database.close(), 10)
    outcomes = await ended(calls)
    assert [type(outcome) for outcome in outcomes] == [int, asyncio.CancelledError, asyncio.CancelledError]


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_a_cancelled_caller_stops_neither_its_call_nor_the_others(database: Database, cancelled: int) -> None:
    work = Held(add)
    calls = await work.calls(database, "abc")
    calls[cancelled].cancel()
    await asyncio.wait([calls[cancelled]])
    work.go_on()
    outcomes = await ended(calls)
    assert [isinstance(outcome, int) for outcome in outcomes] == [number != cancelled for number in range(3)]
    assert await added(database) == list("abc")


async def test_the_end_carries_out_what_waits(database: Database, postgresql_url: str) -> None:
    work = Held(add)
    calls = await work.calls(database, "abc")
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    work.go_on()
    await closing
    assert all(isinstance(outcome, int) for outcome in await ended(calls))
    async with open_database(postgresql_url) as again:
        assert await added(again) == list("abc")


async def test_the_end_does_not_wait_for_a_group_that_hangs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "CLOSE_WITHIN_S", 0.1)
    work = Held(add)
    calls = await work.calls(database, "abc")
    await asyncio.wait_for(database.close(), 10)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in await ended(calls))


async def test_what_the_database_has_no_more_use_for_is_forgotten(database: Database) -> None:
    work = Held(add)
    calls = await work.calls(database, "ab")
    work.go_on()
    await ended(calls)
    assert isinstance(database, postgresql.PostgresqlDatabase)
    await asyncio.sleep(0)
    assert not database._shared._waiting
