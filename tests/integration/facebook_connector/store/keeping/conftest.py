"""A log through which time passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from facebook_connector.delivery.retention import HOUR_MS
from facebook_connector.delivery.values import Head
from facebook_connector.operations.retention import Retention
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.reading.readers import add_subscription
from facebook_connector.store.reading.side_queue import ReplayChoice, replay
from facebook_connector.store.reading.subscriptions import SubscriptionRow, close_gate
from facebook_connector.store.schema import (
    event,
)
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, an_event

OTHER = 2
"""The subscription beside `ccm`."""


@dataclass
class Time:
    """A clock that stands until it is moved."""

    now: int = field(default=NOW_MS)

    def now_ms(self) -> int:
        return self.now

    def monotonic(self) -> float:
        return self.now / 1000


@dataclass
class Years:
    """A log through which time passes; retention is at work twice a day."""

    log: Log
    time: Time
    retention: Retention

    @property
    def database(self) -> Database:
        return self.log.database

    async def passes(self, milliseconds: int, *, step_ms: int = 12 * HOUR_MS) -> None:
        end_ms = self.time.now + milliseconds
        while self.time.now < end_ms:
            self.time.now = min(self.time.now + step_ms, end_ms)
            await self.retention.sweep()

    async def says(self, *names: str, **changes: Any) -> None:
        events = [an_event(name, **{"event_time_ms": self.time.now, **changes}) for name in names]
        await self.log.ingest(*events, now_ms=self.time.now)

    async def reads(self, subscription_id: int | None = None) -> list[str]:
        """Claims and acknowledges everything that is ready; the ids."""
        changes = {} if subscription_id is None else {"subscription_id": subscription_id}
        read: list[str] = []
        while heads := await self.log.claim(now_ms=self.time.now, **changes):
            while heads:
                read += [head.cim_id for head in heads]
                outcomes = await self.log.acknowledge(heads, now_ms=self.time.now)
                heads = [outcome.next_head for outcome in outcomes if outcome.next_head]
        return read

    async def acknowledged(self, head: Head) -> int:
        """What becomes of the acknowledgement of a claimed message."""
        (outcome,) = await self.log.acknowledge([head], now_ms=self.time.now)
        return outcome.result

    async def count(self, table: Table) -> int:
        return int(await self.database.read(lambda transaction: _count(transaction, table)))

    async def raw(self) -> list[bytes]:
        statement = select(event.c.raw).order_by(event.c.event_number)
        return list(await self.database.read(lambda transaction: transaction.execute(statement).scalars().all()))

    async def replays(self, subscription_id: int) -> None:
        """Everything that is kept, once more."""
        now_ms = self.time.now
        choice = ReplayChoice(start_ms=0, end_ms=now_ms + 1, kinds=0b1110)
        await self.database.write(lambda transaction: replay(transaction, subscription_id, choice, now_ms))

    async def add_subscription(self) -> None:
        row = SubscriptionRow(
            subscription_id=OTHER,
            name="archive",
            kinds=0b1110,
            create_time_ms=NOW_MS,
            start_point=2,
            start_time_ms=None,
        )

        def work(transaction: Transaction) -> None:
            close_gate(transaction)
            add_subscription(transaction, row, since_ms=None)

        await self.database.write(work)


def _count(transaction: Transaction, table: Table) -> int:
    return int(transaction.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def years(log: Log) -> Years:
    time = Time()
    return Years(log=log, time=time, retention=Retention(log.database, time))
