"""A real database that a test can take away for a while, and that counts the transactions it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Self, TypeVar

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.notices import Notice

T = TypeVar("T")
Item = TypeVar("Item")


class FailingDatabase:
    """Passes everything on to `database`, except while it is taken away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._away = False
        self.writes = 0
        self.missed = asyncio.Event()
        """Set when somebody asked in vain."""

    def take_away(self) -> None:
        self._away = True

    def give_back(self) -> None:
        self._away = False

    @property
    def exclusive(self) -> bool:
        return self._database.exclusive

    async def write(self, work: Callable[[Transaction], T]) -> T:
        self._require_up()
        self.writes += 1
        return await self._database.write(work)

    async def write_each(self, work: Callable[[Transaction, Sequence[Item]], Sequence[T]], item: Item) -> T:
        self._require_up()
        self.writes += 1
        return await self._database.write_each(work, item)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        self._require_up()
        return await self._database.read(work)

    async def listen(self, hear: Callable[[Notice], None]) -> None:
        await self._database.listen(hear)

    async def scrub(self) -> None:
        self._require_up()
        await self._database.scrub()

    async def close(self) -> None:
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _require_up(self) -> None:
        if self._away:
            self.missed.set()
            raise StoreUnavailable("taken away by the test")
