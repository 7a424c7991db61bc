"""A database that tells how long its transactions take and how they fail; see `database.Database`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self, TypeVar

from facebook_connector import telemetry
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import StoreError
from facebook_connector.store.notices import Notice
from service_runtime.metrics import Metrics

T = TypeVar("T")
Item = TypeVar("Item")


class MeasuredDatabase:
    """Passes everything on to `database`."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    @property
    def exclusive(self) -> bool:
        """See `Database.exclusive`."""
        return self._database.exclusive

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """See `Database.write`."""
        with self._measured("write"):
            return await self._database.write(work)

    async def write_each(self, work: Callable[[Transaction, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """See `Database.write_each`."""
        with self._measured("write"):
            return await self._database.write_each(work, item)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """See `Database.read`."""
        with self._measured("read"):
            return await self._database.read(work)

    async def scrub(self) -> None:
        """See `Database.scrub`."""
        await self._database.scrub()

    async def listen(self, hear: Callable[[Notice], None]) -> None:
        """See `Database.listen`."""
        await self._database.listen(hear)

    async def close(self) -> None:
        """See `Database.close`."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @contextmanager
    def _measured(self, operation: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        except StoreError as error:
            self._metrics.count(telemetry.STORE_ERRORS, error=type(error).__qualname__)
            raise
        finally:
            self._metrics.observe(telemetry.STORE_SECONDS, time.perf_counter() - begun, operation=operation)
