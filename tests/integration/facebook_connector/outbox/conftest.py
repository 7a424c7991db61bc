from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from facebook_connector.store.database import Database
from tests.support.outbox_world import OutboxWorld, outbox_world


@pytest.fixture
async def quiet(database: Database) -> AsyncIterator[OutboxWorld]:
    """A world whose outbox the test starts itself."""
    async with outbox_world(database) as world:
        yield world


@pytest.fixture
async def world(quiet: OutboxWorld) -> AsyncIterator[OutboxWorld]:
    """A world with an outbox at work."""
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        yield quiet
