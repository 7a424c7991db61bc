from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from facebook_connector.delivery.frames import Delivery, Frame, Messages, Results, Started
from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.values import EventRecord, IngestOutcome, QuarantineRecord
from facebook_connector.inbox.dispatcher import DispatcherContext
from facebook_connector.inbox.inbox import Inbox
from facebook_connector.inbox.stream import InboundStream
from facebook_connector.store.database import Database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.reading.cursors import CursorStore
from service_runtime.lifecycle import Tasks
from tests.support.failing_database import FailingDatabase
from tests.support.inbound_records import NOW_MS, add_page

PATIENCE_S = 10.0


class HandClock:
    """Stands still until it is moved; its monotonic side runs, so that the safety net polls."""

    def __init__(self) -> None:
        self._now_ms = NOW_MS

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def advance(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)


@dataclass
class OpenStream:
    """A stream and what came out of it."""

    stream: InboundStream
    frames: AsyncIterator[Frame]

    async def frame(self) -> Frame:
        async with asyncio.timeout(PATIENCE_S):
            return await anext(self.frames)

    async def deliveries(self) -> tuple[Delivery, ...]:
        """Those of the next frame that holds any."""
        while True:
            frame = await self.frame()
            if isinstance(frame, Messages):
                return frame.deliveries

    async def results(self) -> dict[str, int]:
        frame = await self.frame()
        assert isinstance(frame, Results)
        return {result.ack_id: result.outcome for result in frame.results}


@dataclass
class Room:
    """One server's inbox on a database."""

    inbox: Inbox
    database: FailingDatabase
    clock: HandClock

    async def ingest(self, *items: EventRecord | QuarantineRecord) -> list[IngestOutcome]:
        return await self.inbox.ingest.submit(items)

    async def open(self, client_id: str = "ccm-0", **changes: object) -> OpenStream:
        values: dict[str, object] = {"ack_deadline_ms": 30_000, "window": Window(), **changes}
        options = StreamOptions(client_id=client_id, **values)  # type: ignore[arg-type]
        stream = self.inbox.open_stream(await self.inbox.subscription("ccm"), options)
        opened = OpenStream(stream, stream.frames())
        assert isinstance(await opened.frame(), Started)
        return opened


MakeRoom = Callable[[str], Awaitable[Room]]


@pytest.fixture
async def make_room(database: Database) -> AsyncIterator[MakeRoom]:
    """Makes servers that share one database."""
    await add_page(database)
    async with Tasks() as tasks:

        async def make(owner: str) -> Room:
            failing, clock = FailingDatabase(database), HandClock()
            context = DispatcherContext(cursors=CursorStore(failing), clock=clock, random=lambda: 0.0, owner=owner)
            return Room(Inbox(EventStore(failing), context, tasks), failing, clock)

        yield make


@pytest.fixture
async def room(make_room: MakeRoom) -> Room:
    return await make_room("server-1")
