from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from pathlib import Path

import pytest

from facebook_connector.errors import ConnectorError
from facebook_connector.media.folder import open_media_store
from facebook_connector.media.keep import Medium
from facebook_connector.media.kept import KeptMedia
from facebook_connector.store.database import Database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaResult
from tests.support.inbound_records import NOW_MS, PAGE, add_page
from tests.support.kept_media import is_kept
from tests.support.media_records import a_medium_event

DAY_MS = 24 * 3600 * 1000
BODY = b"bytes"
STORED = MediaResult(mime_type="image/png", name="1.png", size=len(BODY), sha256="ab" * 32)
FAILED = MediaResult(reason="TOO_LARGE")
MEDIUM = "medium-m_1-0"


class SetClock:
    """A clock that stands."""

    at_ms = NOW_MS

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic(self) -> float:
        return self.at_ms / 1000


class World:
    """A medium in the log, and what keeps it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.log = MediaLog(database)
        self.events = EventStore(database)
        self.store = open_media_store("", folder)
        self.clock = SetClock()
        self.announced: list[Collection[int]] = []
        self.kept = KeptMedia(self.log, self.store, self.clock, self.announced.append)

    async def has(self, result: MediaResult) -> None:
        (download,) = await self.log.claim("server", now_ms=NOW_MS, until_ms=NOW_MS + 1000, limit=1)
        if not result.reason:
            await self.store.put(Medium(media_id=MEDIUM), _body())
        await self.log.settle(download, result, lambda *content: content, now_ms=NOW_MS, expire_time_ms=NOW_MS + DAY_MS)

    async def refusal(self) -> ConnectorError:
        with pytest.raises(ConnectorError) as raised:
            await self.kept.look(MEDIUM)
        return raised.value

    async def cleaned(self) -> None:
        """Returns when the bytes are gone."""
        cleaning = asyncio.create_task(self.kept.run())
        async with asyncio.timeout(10):
            while await is_kept(self.store, MEDIUM):  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)
            while await self.log.bytes_to_go(now_ms=self.clock.now_ms(), limit=1):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        cleaning.cancel()
        await asyncio.gather(cleaning, return_exceptions=True)


async def _body() -> AsyncIterator[bytes]:
    yield BODY


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    await add_page(database)
    made = World(database, tmp_path / "media")
    await made.events.ingest([a_medium_event("m_1", "https://cdn.fbsbx.com/1")], NOW_MS)
    return made


async def test_a_stored_medium_can_be_read(world: World) -> None:
    await world.has(STORED)
    row = await world.kept.look(MEDIUM)

    assert (row.size, row.mime_type) == (5, "image/png")
    assert [chunk async for chunk in world.kept.read(row, 1, 3)] == [b"yte"]


async def test_one_on_its_way_says_when_to_come_again(world: World) -> None:
    error = await world.refusal()

    assert error.reason == "MEDIA_PENDING"
    assert error.retry_delay_ms


async def test_a_failed_one_says_why(world: World) -> None:
    await world.has(FAILED)
    error = await world.refusal()

    assert (error.reason, error.metadata["cause"]) == ("MEDIA_FAILED", "TOO_LARGE")


async def test_what_was_taken_back_answers_so_and_its_bytes_go(world: World) -> None:
    await world.has(STORED)
    await world.kept.forget(PAGE, ["cim-m_1-0"])
    await world.cleaned()
    error = await world.refusal()

    assert (error.reason, error.metadata["cause"]) == ("MEDIA_FAILED", "DELETED")


async def test_forgetting_what_is_not_there_does_nothing(world: World) -> None:
    await world.kept.forget(PAGE, ["cim-unknown"])

    assert (await world.refusal()).reason == "MEDIA_PENDING"


async def test_after_its_time_a_medium_is_unknown_and_its_bytes_go(world: World) -> None:
    await world.has(STORED)
    world.clock.at_ms += DAY_MS
    assert (await world.refusal()).reason == "MEDIA_NOT_FOUND"
    await world.cleaned()

    assert await world.log.find(MEDIUM) is None


async def test_bytes_that_somebody_removed_are_unknown(world: World) -> None:
    await world.has(STORED)
    row = await world.kept.look(MEDIUM)
    await world.store.delete(MEDIUM)
    with pytest.raises(ConnectorError) as raised:
        [chunk async for chunk in world.kept.read(row, 0, 5)]

    assert raised.value.reason == "MEDIA_NOT_FOUND"
