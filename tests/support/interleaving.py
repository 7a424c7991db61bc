"""Two transactions on one PostgreSQL, interleaved on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Self, TypeVar

from sqlalchemy import text
from sqlalchemy.util import await_only

from facebook_connector.store.database import Database, Transaction

T = TypeVar("T")

LOCK_WAITS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class _Undone(Exception):  # noqa: N818 - no error: it undoes a transaction
    pass


class Held(Generic[T]):
    """A transaction that has done all its work when the block begins, and ends when it is told, or with the block."""

    def __init__(self, database: Database, work: Callable[[Transaction], T]) -> None:
        self._done = asyncio.Event()
        self._end = asyncio.Event()
        self._undo = False

        def and_wait(transaction: Transaction) -> T:
            result = work(transaction)
            self._done.set()
            await_only(self._end.wait())
            if self._undo:
                raise _Undone
            return result

        self._task = asyncio.create_task(database.write(and_wait), name="held transaction")

    async def commit(self) -> T:
        self._end.set()
        return await self._task

    async def undo(self) -> None:
        self._undo = True
        self._end.set()
        with suppress(_Undone):
            await self._task

    async def __aenter__(self) -> Self:
        await asyncio.wait_for(self._done.wait(), 10)
        return self

    async def __aexit__(self, *_: object) -> None:
        # A database does not close while a transaction is open.
        await self.undo()


async def waits_for_a_lock(database: Database, task: asyncio.Task[T]) -> None:
    """Returns when the database says that somebody waits, and that is the task."""
    while not await database.read(lambda transaction: transaction.execute(LOCK_WAITS).scalar_one()):
        assert not task.done()
        await asyncio.sleep(0.01)
    assert not task.done()
