from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.file_host import FileHost, file_host
from tests.support.outbox_world import OutboxWorld


@pytest.fixture
async def files(quiet: OutboxWorld) -> AsyncIterator[FileHost]:
    async with file_host() as host:
        quiet.media_origins.add(host.base_url)
        yield host


@pytest.fixture
async def world(files: FileHost, quiet: OutboxWorld) -> AsyncIterator[OutboxWorld]:
    """A world with an outbox that may fetch from the file host."""
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        yield quiet
