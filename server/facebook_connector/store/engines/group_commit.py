"""One thread that carries out transactions in groups, with one commit for each group.

The first call that waits opens a transaction; all that wait by then join it. While it commits, the next group gathers.
Under load groups grow by themselves, without a timer; alone, a call is committed at once.

Calls that ask for the same work, each for an item of its own, are carried out as one within their group: the statements
are as many as for one item, and each statement that less is saves the threads a hand-over of the interpreter's lock.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from facebook_connector.store.errors import Contended, StoreError, StoreUnavailable

T = TypeVar("T")
Item = TypeVar("Item")

GROUP_LIMIT = 256
"""Calls in one transaction; bounds how long the first of them waits for the last."""

DRIVER_ERRORS = (DBAPIError, sqlite3.Error, OverflowError, Contended)
"""What becomes a store's error: what the driver raised, by way of SQLAlchemy or straight, and what stands for it."""

Translate = Callable[[BaseException], StoreError]
Work = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Gives a result for each of its items, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    work: Work
    item: Any
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    call: _Call
    result: Any = None
    error: Exception | None = None


class _TransactionLost(Exception):  # noqa: N818 - names a state
    """SQLite itself rolled the whole transaction back, as it does when the disk is full."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class GroupCommit:
    """Owns one connection and the thread that uses it. `translate` makes the store's error of a driver's."""

    def __init__(self, connection: Connection, translate: Translate) -> None:
        self._connection = connection
        self._translate = translate
        self._waiting: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Carries `work` out in the next group; returns after the commit."""
        return await self.run_each(lambda connection, _: (work(connection),), None)

    async def run_each(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """Carries `work` out in the next group, for all items for which the group has calls with this very `work`.

        If it raises, it is carried out for each of them alone.
        """
        if self._closed:
            raise StoreUnavailable("the database is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put(_Call(work=work, item=item, future=future, loop=loop))
        return await future

    def close(self) -> None:
        """Carries out what waits, then ends the thread and the connection. Blocks."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join()
        self._connection.close()

    def _serve(self) -> None:
        while True:
            group, more = self._next_group()
            if group:
                _tell(self._commit(group))
            if not more:
                return

    def _next_group(self) -> tuple[list[_Call], bool]:
        group: list[_Call] = []
        call = self._waiting.get()
        with suppress(queue.Empty):
            while call is not None:
                group.append(call)
                if len(group) == GROUP_LIMIT:
                    return group, True
                call = self._waiting.get_nowait()
            return group, False
        return group, True

    def _commit(self, group: list[_Call]) -> list[_Outcome]:
        try:
            with self._connection.begin():
                return [outcome for calls in _alike(group) for outcome in self._attempt(calls)]
        except _TransactionLost as lost:
            failure: BaseException = lost.error
        except Exception as error:  # noqa: BLE001 - the thread outlives whatever happens; its callers are told
            failure = error
        return [_Outcome(call=call, error=self._translate(failure)) for call in group]

    def _attempt(self, calls: Sequence[_Call]) -> list[_Outcome]:
        """Carries out calls with the same work."""
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("SAVEPOINT call")
        try:
            results = calls[0].work(self._connection, [call.item for call in calls])
            outcomes = [_Outcome(call=call, result=result) for call, result in zip(calls, results, strict=True)]
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it
            if not driver.in_transaction:
                raise _TransactionLost(error) from None
            driver.execute("ROLLBACK TO call")
            outcomes = [_Outcome(call=calls[0], error=self._error_of(error))] if len(calls) == 1 else []
        driver.execute("RELEASE call")
        return outcomes or [outcome for call in calls for outcome in self._attempt([call])]

    def _error_of(self, error: Exception) -> Exception:
        return self._translate(error) if isinstance(error, DRIVER_ERRORS) else error


def _alike(group: Iterable[_Call]) -> list[list[_Call]]:
    """The calls by their work, in the order in which each was first asked for."""
    calls: dict[Work, list[_Call]] = {}
    for call in group:
        calls.setdefault(call.work, []).append(call)
    return list(calls.values())


def _tell(outcomes: list[_Outcome]) -> None:
    """Wakes each event loop once for all its calls."""
    for loop in {outcome.call.loop for outcome in outcomes}:
        with suppress(RuntimeError):  # the loop is closed, nobody waits any more
            loop.call_soon_threadsafe(_settle, [outcome for outcome in outcomes if outcome.call.loop is loop])


def _settle(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        if outcome.call.future.done():  # its caller was cancelled
            continue
        if outcome.error is not None:
            outcome.call.future.set_exception(outcome.error)
        else:
            outcome.call.future.set_result(outcome.result)
