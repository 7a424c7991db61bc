from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from expertflow.connector.v1.messenger_context_pb2 import MEDIA_STATE_FAILED, MEDIA_STATE_STORED
from facebook_connector.media import downloads
from facebook_connector.media.fetch import FetchLimits
from facebook_connector.media.keep import Kept, Medium
from facebook_connector.media.sniff import Kind
from facebook_connector.store.database import Database
from facebook_connector.store.media.values import MediaState
from tests.support.download_world import DownloadWorld, download_world, read
from tests.support.inbound_records import PAGE
from tests.support.media_host import HTML, JPEG, MP4, PDF, PNG, MediaHost
from tests.support.media_records import a_medium_event

MEBIBYTE = 1024 * 1024


@pytest.fixture
async def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DownloadWorld]:
    async with download_world(database, tmp_path / "media", monkeypatch) as made:
        yield made


async def test_a_medium_is_stored_and_its_message_says_so(world: DownloadWorld) -> None:
    await world.ingest(a_medium_event("m_1", world.host.gives("/p/photo.png", PNG)))
    async with world.server():
        row = await world.settled()

    (head,) = await world.delivered()
    message, context = read(head)
    attachment = message.body.image.attachment
    assert (row.state, row.mime_type, row.size) == (MediaState.STORED, "image/png", len(PNG))
    assert await world.bytes_of(row) == PNG
    assert (attachment.mime_type, attachment.size) == ("image/png", len(PNG))
    assert attachment.media_url.endswith(row.media_id)
    assert attachment.media_name == attachment.media_label == row.name
    assert context.media.state == MEDIA_STATE_STORED
    assert len(world.announced) == 1


@pytest.mark.parametrize(
    ("kind", "body", "mime_type"),
    [
        (Kind.IMAGE, JPEG, "image/jpeg"),
        (Kind.AUDIO, MP4, "audio/mp4"),
        (Kind.VIDEO, MP4, "video/mp4"),
        (Kind.FILE, PDF, "application/pdf"),
        (Kind.FILE, HTML, "application/octet-stream"),
        (Kind.STICKER, PNG, "image/png"),
    ],
)
async def test_every_kind_is_stored_under_the_type_of_its_bytes(
    world: DownloadWorld, kind: Kind, body: bytes, mime_type: str
) -> None:
    await world.ingest(a_medium_event("m_1", world.host.gives("/a", body), kind=kind))
    async with world.server():
        row = await world.settled()

    assert (row.state, row.mime_type) == (MediaState.STORED, mime_type)


async def test_a_stop_lets_the_download_under_way_end_and_begins_no_other(world: DownloadWorld) -> None:
    url, let_go = world.host.holds("/a", PNG)
    await world.ingest(a_medium_event("m_1", url))
    stop = asyncio.Event()
    async with world.server(stop=stop, limits=FetchLimits()) as downloads:
        while not world.host.requests:  # noqa: ASYNC110 - the host only notes what it is asked
            await asyncio.sleep(0.01)
        stop.set()
        await world.ingest(a_medium_event("m_2", world.host.gives("/b", PNG)))
        downloads.wake()
        let_go.set()
        row = await world.settled()

    assert row.state is MediaState.STORED
    assert world.host.requests == ["/a"]


FAULTS: dict[str, tuple[Callable[[MediaHost], str], str, int]] = {
    "hanging": (lambda host: host.hangs("/a"), "TIMEOUT", 5),
    "hanging halfway": (lambda host: host.hangs("/a", PNG), "TIMEOUT", 5),
    "missing": (lambda host: host.url("/a"), "NOT_FOUND", 1),
    "expired": (lambda host: host.refuses("/a", 403), "URL_EXPIRED", 1),
    "failing": (lambda host: host.refuses("/a", 502), "HTTP_STATUS", 5),
    "too large": (lambda host: host.gives("/a", PNG, announced=30 * MEBIBYTE), "TOO_LARGE", 1),
    "of another type": (lambda host: host.gives("/a", HTML), "TYPE_NOT_ALLOWED", 1),
    "truncated": (lambda host: host.gives("/a", PNG, announced=len(PNG) + 1), "INCOMPLETE", 5),
    "empty": (lambda host: host.gives("/a", b""), "EMPTY", 5),
    "redirecting to the cloud": (
        lambda host: host.redirects("/a", "http://169.254.169.254/latest"),
        "HOST_NOT_ALLOWED",
        1,
    ),
    "elsewhere": (lambda _host: "https://127.0.0.1/a", "HOST_NOT_ALLOWED", 0),
    "without address": (lambda _host: "", "HOST_NOT_ALLOWED", 0),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_medium_that_cannot_be_had_fails_with_its_reason(world: DownloadWorld, fault: str) -> None:
    prepare, reason, requests = FAULTS[fault]
    await world.ingest(a_medium_event("m_1", prepare(world.host)))
    async with world.server():
        row = await world.settled()

    (head,) = await world.delivered()
    message, context = read(head)
    assert (row.state, row.reason) == (MediaState.FAILED, reason)
    assert len(world.host.requests) == requests
    assert world.kept() == []
    assert (context.media.state, context.media.failure_reason) == (MEDIA_STATE_FAILED, reason)
    assert message.body.image.attachment.media_url.endswith(row.media_id)


async def test_a_large_medium_without_announcement_is_cut_off_and_not_kept(world: DownloadWorld) -> None:
    await world.ingest(a_medium_event("m_1", world.host.streams("/a", 30 * MEBIBYTE), kind=Kind.FILE))
    async with world.server(limits=FetchLimits()):
        row = await world.settled()

    assert (row.state, row.reason) == (MediaState.FAILED, "TOO_LARGE")
    assert world.kept() == []


async def test_a_failure_that_passes_is_forgotten(world: DownloadWorld) -> None:
    source = world.host.refuses("/a", 503)
    refuse = world.host.answers["/a"]

    async def refuse_once(writer: asyncio.StreamWriter) -> None:
        await refuse(writer)
        world.host.gives("/a", PNG)

    world.host.answers["/a"] = refuse_once
    await world.ingest(a_medium_event("m_1", source))
    async with world.server():
        row = await world.settled()

    assert row.state is MediaState.STORED
    assert world.host.requests == ["/a", "/a"]


async def test_a_place_that_is_full_costs_no_medium(world: DownloadWorld) -> None:
    world.store.failures = 7
    await world.ingest(a_medium_event("m_1", world.host.gives("/a", PNG)))
    async with world.server():
        row = await world.settled()

    assert row.state is MediaState.STORED


async def test_a_place_that_hangs_costs_no_medium_either(world: DownloadWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    put = world.store.put

    async def hangs(medium: Medium, chunks: AsyncIterator[bytes]) -> Kept:
        kept = await put(medium, chunks)
        if world.store.puts.total() <= downloads.TRIES:
            await asyncio.Event().wait()
        return kept

    monkeypatch.setattr(downloads, "PUT_S", 0.1)
    monkeypatch.setattr(world.store, "put", hangs)
    await world.ingest(a_medium_event("m_1", world.host.gives("/a", PNG)))
    async with world.server():
        row = await world.settled()

    assert row.state is MediaState.STORED


async def test_a_place_may_take_longer_than_fetching_may(world: DownloadWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = FetchLimits(whole_s=1.0)
    put = world.store.put

    async def slow(medium: Medium, chunks: AsyncIterator[bytes]) -> Kept:
        kept = await put(medium, chunks)
        await asyncio.sleep(1.5 * limits.whole_s)
        return kept

    monkeypatch.setattr(world.store, "put", slow)
    await world.ingest(a_medium_event("m_1", world.host.gives("/a", PNG)))
    async with world.server(limits=limits):
        row = await world.settled()

    assert row.state is MediaState.STORED


async def test_a_restart_in_the_middle_finishes_all_and_stores_none_twice(world: DownloadWorld) -> None:
    gate = asyncio.Event()
    names = [f"m_{number}" for number in range(200)]
    events = []
    for number, name in enumerate(names):
        body = PNG + str(number).encode()
        source = world.host.gives(f"/{number}", body, after=gate if number % 2 else None)
        events.append(a_medium_event(name, source, psid=str(7000 + number)))
    await world.ingest(*events)
    patient = FetchLimits(read_s=30, whole_s=60)
    async with world.server("first", patient):
        await world.until("m_0-0", lambda row: row.state is MediaState.STORED)
        while len(world.host.serving) < 8:  # noqa: ASYNC110 - every worker is in the middle of a download
            await asyncio.sleep(0.01)
    before = set(world.store.puts)
    gate.set()
    async with world.server("second", patient):
        rows = [await world.settled(f"{name}-0") for name in names]

    assert 0 < len(before) < 200
    assert {row.state for row in rows} == {MediaState.STORED}
    assert [await world.bytes_of(row) for row in rows] == [PNG + str(number).encode() for number in range(200)]
    assert set(world.store.puts.values()) == {1}
    assert len(world.kept()) == 200


async def test_no_more_than_so_many_at_a_time(world: DownloadWorld) -> None:
    gate = asyncio.Event()
    most = 0
    for number in range(20):
        world.host.gives(f"/{number}", PNG, after=gate)
    await world.ingest(*(a_medium_event(f"m_{n}", world.host.url(f"/{n}"), psid=str(n)) for n in range(20)))
    async with world.server(limits=FetchLimits(read_s=30)):
        for _ in range(30):
            await asyncio.sleep(0.01)
            most = max(most, len(world.host.serving))
        gate.set()
        for number in range(20):
            await world.settled(f"m_{number}-0")

    assert most == 8


async def test_a_message_taken_back_in_the_middle_leaves_no_bytes(world: DownloadWorld) -> None:
    gate = asyncio.Event()
    await world.ingest(a_medium_event("m_1", world.host.gives("/a", PNG, after=gate)))
    async with world.server(limits=FetchLimits(read_s=30)):
        while not world.host.serving:  # noqa: ASYNC110 - what the host sees is not told to anybody
            await asyncio.sleep(0.01)
        await world.log.forget(PAGE, ["cim-m_1-0"], now_ms=world.clock.now_ms())
        gate.set()
        while not world.store.puts:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
        while world.kept():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)

    row = await world.log.find("medium-m_1-0")
    assert row is not None
    assert row.reason == "DELETED"
