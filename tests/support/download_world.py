"""Servers that fetch media and keep them, and the database and the media host around them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext
from facebook_connector.delivery.values import ClaimRequest, EventRecord, Head
from facebook_connector.media import downloads
from facebook_connector.media.addresses import AddressRules, normal_origin
from facebook_connector.media.downloads import DownloadContext, Downloads
from facebook_connector.media.fetch import Fetcher, FetchLimits
from facebook_connector.media.folder import open_media_store
from facebook_connector.media.keep import KeepError, Kept, MediaStore, Medium
from facebook_connector.media.notice import Notice
from facebook_connector.store.database import Database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaRow, MediaState
from facebook_connector.store.reading.cursors import CursorStore
from service_runtime.backoff import Backoff
from tests.support.inbound_records import add_page
from tests.support.media_host import MediaHost, running_media_host
from tests.support.outbox_world import ShiftedClock

DAY_MS = 24 * 3600 * 1000
QUICK = FetchLimits(connect_s=1, read_s=0.1, whole_s=3)


@dataclass
class CountingStore:
    """Counts what is put into another store."""

    inner: MediaStore
    puts: Counter[str] = field(default_factory=Counter)
    failures: int = 0
    """How many puts fail from now on."""

    async def put(self, medium: Medium, chunks: AsyncIterator[bytes]) -> Kept:
        if self.failures:
            self.failures -= 1
            raise KeepError("the disk is full")
        kept = await self.inner.put(medium, chunks)
        self.puts[medium.media_id] += 1
        return kept

    def get(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        return self.inner.get(key, offset, length)

    async def delete(self, key: str) -> None:
        await self.inner.delete(key)


@dataclass
class DownloadWorld:
    """A database, a media host, and servers that come and go."""

    database: Database
    host: MediaHost
    store: CountingStore
    log: MediaLog
    folder: Path
    clock: ShiftedClock = field(default_factory=ShiftedClock)
    announced: list[frozenset[int]] = field(default_factory=list)
    rules: AddressRules = field(default_factory=AddressRules)
    notice: Notice | None = None

    async def ingest(self, *events: EventRecord) -> None:
        await EventStore(self.database).ingest(events, self.clock.now_ms())

    @asynccontextmanager
    async def server(
        self, owner: str = "server", limits: FetchLimits = QUICK, stop: asyncio.Event | None = None
    ) -> AsyncIterator[Downloads]:
        def announce(subscription_ids: Collection[int]) -> None:
            self.announced.append(frozenset(subscription_ids))

        await self.log.end_earlier_claims(owner, now_ms=self.clock.now_ms())
        async with Fetcher(self.rules, limits=limits) as fetcher:
            context = DownloadContext(
                log=self.log,
                fetcher=fetcher,
                store=self.store,
                clock=self.clock,
                random=lambda: 0.0,
                owner=owner,
                announce=announce,
                retention_ms=DAY_MS,
                notice=self.notice,
                workers=8,
            )
            running = Downloads(context)
            task = asyncio.create_task(running.run(stop or asyncio.Event()))
            try:
                yield running
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def settled(self, name: str = "m_1-0") -> MediaRow:
        return await self.until(name, lambda row: row.state is not MediaState.PENDING)

    async def until(self, name: str, holds: Callable[[MediaRow], bool]) -> MediaRow:
        async with asyncio.timeout(60):
            while True:
                row = await self.log.find(f"medium-{name}")
                if row is not None and holds(row):
                    return row
                await asyncio.sleep(0.02)

    async def bytes_of(self, row: MediaRow) -> bytes:
        return b"".join([chunk async for chunk in self.store.get(row.key, 0, row.size or 0)])

    async def delivered(self) -> list[Head]:
        cursors = CursorStore(self.database)
        subscription = await cursors.subscription("ccm")
        assert subscription is not None
        now_ms = self.clock.now_ms()
        request = ClaimRequest(
            subscription_id=subscription.subscription_id,
            owner="server",
            client_id="ccm",
            now_ms=now_ms,
            until_ms=now_ms + 30_000,
            limit=10,
        )
        return (await cursors.claim(request)).heads

    def kept(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@asynccontextmanager
async def download_world(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DownloadWorld]:
    """One whose servers wait next to nothing between tries, and keep media in a folder."""
    monkeypatch.setattr(downloads, "BETWEEN_TRIES", Backoff(first=0.01, cap=0.01))
    monkeypatch.setattr(downloads, "BETWEEN_PUTS", Backoff(first=0.01, cap=0.01))
    monkeypatch.setattr(downloads, "POLL_S", 0.02)
    await add_page(database)
    async with running_media_host() as host:
        yield DownloadWorld(
            database=database,
            host=host,
            store=CountingStore(open_media_store("", folder)),
            log=MediaLog(database),
            folder=folder,
            rules=AddressRules(origins=frozenset({normal_origin(host.origin)})),
        )


def read(head: Head) -> tuple[CimMessage, MessengerContext]:
    return CimMessage.FromString(head.message), MessengerContext.FromString(head.context)
