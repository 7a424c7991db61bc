"""Media of customers on their way into the File Engine, on both engines of the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from expertflow.connector.v1.messenger_context_pb2 import (
    MEDIA_STATE_FAILED,
    MEDIA_STATE_PENDING,
    MEDIA_STATE_STORED,
)
from facebook_connector.media import downloads
from facebook_connector.media.file_engine.engine import PROBE_NAME, PROBE_TAG, FileEngine, FileEngineOptions
from facebook_connector.media.file_engine.names import FileEngineLinks, tag_of
from facebook_connector.media.folder import open_media_store
from facebook_connector.media.kept import KeptMedia
from facebook_connector.media.notice import notice_under
from facebook_connector.media.places import MediaPlaces
from facebook_connector.media.sniff import Kind
from facebook_connector.store.database import Database
from facebook_connector.store.media.values import MediaState
from tests.support.download_world import QUICK, CountingStore, DownloadWorld, download_world, read
from tests.support.file_engine import FileEngineStandIn, running_file_engine
from tests.support.inbound_records import PAGE
from tests.support.media_host import PDF, PNG
from tests.support.media_records import a_medium_event

MAX_BYTES = 5_000_000
LIMITS = replace(QUICK, max_bytes=MAX_BYTES)
HOLD_MS = 30_000
TAG = tag_of("medium-m_1-0")


class World:
    """A world of downloads whose place for new media is a File Engine."""

    def __init__(self, downloads: DownloadWorld, engine: FileEngineStandIn) -> None:
        self.downloads = downloads
        self.engine = engine


@pytest.fixture
async def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(download_world(database, tmp_path / "media", monkeypatch))
        stand_in = await stack.enter_async_context(running_file_engine())
        links = FileEngineLinks(url=stand_in.url, public_url=stand_in.public_url)
        options = FileEngineOptions(links=links, max_bytes=MAX_BYTES, put_s=2.0)
        engine = await stack.enter_async_context(FileEngine(options))
        own = open_media_store("", made.folder)
        made.store = CountingStore(MediaPlaces(own=own, file_engine=engine, new_in_file_engine=True))
        made.notice = notice_under(MAX_BYTES)
        yield World(made, stand_in)


async def test_a_medium_goes_there_and_its_message_has_its_link(world: World) -> None:
    await world.downloads.ingest(
        a_medium_event("m_1", world.downloads.host.gives("/v/Plan%20K%C3%BCche.pdf", PDF), kind=Kind.FILE)
    )
    async with world.downloads.server(limits=LIMITS):
        row = await world.downloads.settled()

    (head,) = await world.downloads.delivered()
    message, context = read(head)
    attachment = message.body.file.attachment
    stored = f"{TAG}_file.pdf"
    assert world.engine.files[stored].data == PDF
    assert attachment.media_url == f"{world.engine.public_url}/api/downloadFileStream?filename={stored}"
    assert (attachment.media_name, attachment.mime_type, attachment.size) == (stored, "application/pdf", len(PDF))
    assert context.media.state == MEDIA_STATE_STORED
    assert await world.downloads.bytes_of(row) == PDF
    assert world.downloads.kept() == []


@pytest.mark.parametrize(("body", "mime_type"), [(PDF, "application/pdf"), (b"\x00\x01\x02", "model/stl")])
async def test_its_word_on_the_type_counts_where_the_bytes_say_none(world: World, body: bytes, mime_type: str) -> None:
    world.engine.told_type = "model/stl"
    await world.downloads.ingest(a_medium_event("m_1", world.downloads.host.gives("/a", body), kind=Kind.FILE))
    async with world.downloads.server(limits=LIMITS):
        row = await world.downloads.settled()

    (head,) = await world.downloads.delivered()
    assert row.mime_type == read(head)[0].body.file.attachment.mime_type == mime_type


@pytest.mark.parametrize("announced", [True, False])
async def test_a_larger_one_is_told_at_once_with_its_size(world: World, announced: bool) -> None:
    host, total = world.downloads.host, 12_345_678
    source = host.gives("/a", PDF, announced=total) if announced else host.streams("/a", total)
    await world.downloads.ingest(a_medium_event("m_1", source, kind=Kind.FILE))
    async with world.downloads.server(limits=LIMITS):
        row = await world.downloads.settled()

    (head,) = await world.downloads.delivered()
    message, context = read(head)
    size = "12.4 MB; at most 5 MB" if announced else "more than 5 MB"
    assert (row.state, row.reason) == (MediaState.FAILED, "TOO_LARGE")
    assert message.body.type == "PLAIN"
    assert message.body.markdown_text == f"The customer sent a file ({size} can be kept)."
    assert (context.media.state, context.media.failure_reason) == (MEDIA_STATE_FAILED, "TOO_LARGE")
    assert (len(host.requests), world.engine.offers) == (1, 0)


async def test_one_that_is_refused_is_told_after_some_tries(world: World) -> None:
    world.engine.refused_endings = frozenset({"pdf"})
    await world.downloads.ingest(a_medium_event("m_1", world.downloads.host.gives("/a", PDF), kind=Kind.FILE))
    async with world.downloads.server(limits=LIMITS):
        row = await world.downloads.settled()

    (head,) = await world.downloads.delivered()
    message, _ = read(head)
    assert (row.state, row.reason) == (MediaState.FAILED, "STORE_REFUSED")
    assert message.body.markdown_text.endswith("It cannot be shown: the file store does not take it.")
    assert world.engine.uploads == [f"{PROBE_TAG}_{PROBE_NAME}"] * downloads.TRIES


@pytest.mark.parametrize("trouble", [401, 404, 500, 503])
async def test_while_it_is_in_trouble_nothing_is_given_up(world: World, trouble: int) -> None:
    world.engine.trouble = trouble
    await world.downloads.ingest(a_medium_event("m_1", world.downloads.host.gives("/a", PNG)))
    async with world.downloads.server(limits=LIMITS):
        while world.engine.offers <= 3 * downloads.TRIES:  # noqa: ASYNC110 - nobody else sees what it is offered
            await asyncio.sleep(0.01)
        world.engine.trouble = None
        row = await world.downloads.settled()

    assert row.state is MediaState.STORED
    assert world.engine.uploads[-1] == f"{TAG}_image.png"


async def test_meanwhile_the_message_goes_in_time_with_our_own_link(world: World) -> None:
    world.engine.trouble = 503
    await world.downloads.ingest(a_medium_event("m_1", world.downloads.host.gives("/a", PNG)))
    async with world.downloads.server(limits=LIMITS):
        assert await world.downloads.delivered() == []
        world.downloads.clock.shift_ms = HOLD_MS
        (head,) = await world.downloads.delivered()
        world.engine.trouble = None
        await world.downloads.settled()

    message, context = read(head)
    assert context.media.state == MEDIA_STATE_PENDING
    assert message.body.image.attachment.media_url == "https://chat.example.com/media/medium-m_1-0"


async def test_after_a_day_without_it_the_medium_is_given_up(world: World) -> None:
    world.engine.trouble = 503
    await world.downloads.ingest(a_medium_event("m_1", world.downloads.host.gives("/a", PNG)))
    world.downloads.clock.shift_ms = downloads.GIVE_UP_MS
    async with world.downloads.server(limits=LIMITS):
        row = await world.downloads.settled()

    (head,) = await world.downloads.delivered()
    assert (row.state, row.reason) == (MediaState.FAILED, "STORE")
    assert "could not be reached for a day" in read(head)[0].body.markdown_text


async def test_a_server_killed_after_the_upload_uploads_again_under_the_same_name(world: World) -> None:
    settle = world.downloads.log.settle
    stopped = asyncio.Event()

    async def never(*_: object, **__: object) -> None:
        stopped.set()
        await asyncio.Event().wait()

    world.downloads.log.settle = never  # type: ignore[method-assign]
    await world.downloads.ingest(a_medium_event("m_1", world.downloads.host.gives("/a", PNG)))
    async with world.downloads.server("first", LIMITS):
        await stopped.wait()
    world.downloads.log.settle = settle  # type: ignore[method-assign]
    async with world.downloads.server("second", LIMITS):
        row = await world.downloads.settled()

    assert row.state is MediaState.STORED
    assert world.engine.uploads == [f"{TAG}_image.png"] * 2
    assert list(world.engine.files) == [f"{TAG}_image.png"]


async def test_what_was_kept_before_is_still_read_and_deleted_in_its_own_place(world: World) -> None:
    there = world.downloads.store
    world.downloads.store = CountingStore(open_media_store("", world.downloads.folder))
    await world.downloads.ingest(a_medium_event("m_1", world.downloads.host.gives("/a", PNG)))
    async with world.downloads.server(limits=LIMITS):
        row = await world.downloads.settled()
    world.downloads.store = there
    kept = KeptMedia(world.downloads.log, there, world.downloads.clock, lambda _: None)

    assert await world.downloads.bytes_of(row) == PNG
    await kept.forget(PAGE, ["cim-m_1-0"])
    await kept.clean_now()
    assert world.downloads.kept() == []


async def test_what_was_taken_back_has_no_link_of_ours_but_stays_there(world: World) -> None:
    await world.downloads.ingest(a_medium_event("m_1", world.downloads.host.gives("/a", PNG)))
    async with world.downloads.server(limits=LIMITS):
        await world.downloads.settled()
    kept = KeptMedia(world.downloads.log, world.downloads.store, world.downloads.clock, lambda _: None)
    await kept.forget(PAGE, ["cim-m_1-0"])
    await kept.clean_now()

    row = await world.downloads.log.find("medium-m_1-0")
    assert row is not None
    assert row.reason == "DELETED"
    assert await world.downloads.log.bytes_to_go(now_ms=world.downloads.clock.now_ms(), limit=1) == {}
    assert list(world.engine.files) == [f"{TAG}_image.png"]
