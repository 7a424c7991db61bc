from __future__ import annotations

import pytest

from facebook_connector.store.database import Database
from tests.support.outbound_queue import OutboundQueue


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    """A queue with one message of two parts, whose page is owned."""
    queue = OutboundQueue(database)
    await queue.accept(parts=2)
    await queue.own()
    return queue
