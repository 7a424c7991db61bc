"""Retention beside settling on one PostgreSQL, interleaved on purpose: what is settled under its eyes stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.util import await_only

from facebook_connector.delivery.retention import DAY_MS, Cutoffs, cutoffs
from facebook_connector.store.database import Database, open_database
from facebook_connector.store.keeping.retention import drop_events
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.log.reference_schema import waiting_event
from facebook_connector.store.schema import event
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS
from tests.support.references import a_reaction, an_edit
from tests.support.statements import Ran, watched

NOW_OF_RETENTION_MS = NOW_MS + 30 * DAY_MS

STATEMENTS = 9
"""Two for the readers, the old events, three that make one needed, unread, read late, and what goes of it."""


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


@pytest.fixture
async def other(postgresql_url: str) -> AsyncIterator[Database]:
    """The same database as another server sees it."""
    async with open_database(postgresql_url) as opened:
        yield opened


class Interruption:
    """Makes something else happen in the middle of a transaction: before its statement of a number, from 0."""

    def __init__(self, number: int, happens: Callable[[], Coroutine[Any, Any, object]]) -> None:
        self._number = number
        self._happens = happens
        self._happening = False
        self.statements = 0

    def __call__(self, _ran: Ran) -> None:
        if self._happening:
            return
        self.statements += 1
        if self.statements == self._number + 1:
            self._happening = True
            await_only(asyncio.wait_for(self._happens(), 10))
            self._happening = False


async def waits(log: Log) -> bool:
    return bool(await log.database.read(lambda transaction: transaction.execute(select(waiting_event)).all()))


@pytest.mark.parametrize("number", range(STATEMENTS))
@pytest.mark.parametrize("about", [a_reaction, lambda target: an_edit(target, 1)])
async def test_what_is_settled_while_retention_looks_is_not_deleted_unread(
    log: Log, other: Database, about: Any, number: int
) -> None:
    await log.ingest(about("m_never_seen"))
    assert await waits(log)
    cut: Cutoffs = cutoffs(NOW_OF_RETENTION_MS)

    async def settle() -> None:
        await EventStore(other).settle_due(NOW_OF_RETENTION_MS)

    settling = Interruption(number, settle)
    with watched(log.database, settling):
        progress = await log.database.write(lambda transaction: drop_events(transaction, cut, None))
    assert settling.statements == STATEMENTS, "every place between two questions is tried"
    assert progress.removed == 0
    assert not await waits(log)
    assert await log.database.read(lambda transaction: transaction.execute(select(event)).all())
    assert len(await log.claim(now_ms=NOW_OF_RETENTION_MS)) == 1
