from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import httpx
import pytest

from messenger_sandbox import (
    MEDIA_FAULTS,
    EntryKind,
    Filter,
    MediaFetch,
    MediaFile,
    RunningSandbox,
    Sandbox,
    SandboxConfig,
    redirect_to,
)
from messenger_sandbox.media.shelf import LIFETIME_S
from tests.support.sandbox_world import PSID, Waits

IMPATIENT_S = 0.2
"""How long a client waits that expects nothing to come."""


@pytest.fixture
async def running(config: SandboxConfig) -> AsyncIterator[RunningSandbox]:
    """On a real port: only there can a connection be cut."""
    async with Sandbox(config).serve() as running:
        yield running


@pytest.fixture
async def cdn() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


async def ended(running: RunningSandbox) -> MediaFetch:
    """The first fetch, once its connection is gone."""
    await running.journal.wait_for(lambda entry: entry.kind is EntryKind.MEDIA_SERVED)
    return running.media.fetches()[0]


async def test_the_bytes_are_served_under_the_link_of_the_webhook(
    running: RunningSandbox, cdn: httpx.AsyncClient
) -> None:
    [attachment] = running.person(PSID).sends_image().events[0].item["message"]["attachments"]
    answer = await cdn.get(attachment["payload"]["url"])
    [file] = running.media.files
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/jpeg", file.head)
    assert answer.headers["content-length"] == str(file.size_bytes)


async def test_a_file_has_its_name_in_the_path_and_comes_as_a_download(
    running: RunningSandbox, cdn: httpx.AsyncClient
) -> None:
    file = running.media.put("pdf", name="счёт №5 100%+VAT #2?.pdf")
    answer = await cdn.get(file.url)
    assert (answer.status_code, answer.headers["content-disposition"]) == (200, "attachment")
    assert answer.url.path.rpartition("/")[2] == "счёт №5 100%+VAT #2?.pdf"


async def test_a_large_file_comes_whole(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("mp4", size_bytes=40_000_000)
    size = 0
    async with cdn.stream("GET", file.url) as answer:
        async for chunk in answer.aiter_raw():
            size += len(chunk)
    assert size == 40_000_000
    assert (await ended(running)).complete


async def test_a_link_expires_by_the_sandboxs_clock(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("jpeg")
    running.advance_clock(LIFETIME_S)
    answer = await cdn.get(file.url)
    assert (answer.status_code, answer.text) == (403, "URL signature expired")


async def test_a_link_may_live_shorter(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("jpeg", lifetime_s=60)
    statuses = []
    for seconds in (59, 1):
        running.advance_clock(seconds)
        statuses.append((await cdn.get(file.url)).status_code)
    assert statuses == [200, 403]


async def test_a_link_without_its_signature_leads_nowhere(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    answer = await cdn.get(running.media.put("jpeg").url.partition("?")[0])
    assert (answer.status_code, answer.text) == (403, "Bad URL hash")


async def test_what_is_not_there_is_not_found_but_counted(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    answer = await cdn.get(f"{running.base_url}/v/t1.15752-9/nothing_n.jpg")
    assert (answer.status_code, running.media.fetches()[0].asset) == (404, None)


async def test_fetches_are_counted_by_file_with_their_headers(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    first, second = running.media.put("jpeg"), running.media.put("jpeg")
    for file in (first, second, first):
        await cdn.get(file.url, headers={"X-Seen": file.asset})
    assert (len(running.media.fetches(first)), len(running.media.fetches(second))) == (2, 1)
    assert {fetch.headers["x-seen"] for fetch in running.media.fetches(first)} == {first.asset}
    assert not any(fetch.has_credential for fetch in running.media.fetches())


async def test_the_journal_tells_of_a_credential_and_never_repeats_it(
    running: RunningSandbox, cdn: httpx.AsyncClient
) -> None:
    await cdn.get(running.media.put("jpeg").url, headers={"Authorization": "Bearer canary-token"})
    [entry] = running.journal.entries(Filter(kind=EntryKind.MEDIA_SERVED))
    assert entry.details["has_credential"] is True
    assert "canary" not in str(entry)


async def test_links_point_to_another_origin_if_told(config: SandboxConfig) -> None:
    settings = dataclasses.replace(config, media_origin="https://scontent.cdn.example")
    async with Sandbox(settings).serve() as running:
        assert running.media.put("jpeg").url.startswith("https://scontent.cdn.example/v/")


ANSWERS: dict[str, tuple[int, str | None, bytes | None]] = {
    "not_found": (404, None, b"Content not found"),
    "gone": (410, None, b""),
    "forbidden": (403, None, b"Forbidden"),
    "too_many_requests": (429, None, b""),
    "server_error": (500, None, b""),
    "unavailable": (503, None, b""),
    "mislabelled": (200, "text/html; charset=utf-8", None),
    "no_type": (200, None, None),
    "no_length": (200, "image/jpeg", None),
    "empty": (200, "image/jpeg", b""),
    "to_cloud_metadata": (302, None, b""),
    "to_loopback": (302, None, b""),
    "to_another_site": (301, None, b""),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_fault_answers_as_its_row_says(running: RunningSandbox, cdn: httpx.AsyncClient, name: str) -> None:
    file = running.media.put("jpeg", size_bytes=1_000)
    running.media.spoil(file, name)
    answer = await cdn.get(file.url)
    status, content_type, content = ANSWERS[name]
    assert answer.status_code == status
    assert answer.content == (b"".join(file.chunks()) if content is None else content)
    if status == 200:
        assert answer.headers.get("content-type") == content_type
    assert ("content-length" in answer.headers) is (name != "no_length")


async def test_a_page_to_log_in_may_come_instead(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("jpeg")
    running.media.spoil(file, "wrong_type")
    answer = await cdn.get(file.url)
    assert (answer.headers["content-type"], answer.text[:9]) == ("text/html; charset=utf-8", "<!DOCTYPE")


async def test_a_redirect_leads_to_any_address(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("jpeg")
    running.media.spoil(file, redirect_to("http://[::1]:22/", status=307))
    answer = await cdn.get(file.url)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://[::1]:22/")


async def fetch_into(got: bytearray, cdn: httpx.AsyncClient, file: MediaFile) -> None:
    async with cdn.stream("GET", file.url) as answer:
        async for chunk in answer.aiter_raw():
            got.extend(chunk)


async def test_a_body_may_end_too_early(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("jpeg", size_bytes=200_000)
    running.media.spoil(file, "truncated")
    got = bytearray()
    with pytest.raises(httpx.RemoteProtocolError):
        await fetch_into(got, cdn, file)
    assert got == b"".join(file.chunks(100_000))
    fetch = await ended(running)
    assert (fetch.status, fetch.sent_bytes, fetch.complete) == (200, 100_000, False)


async def test_a_connection_may_end_after_the_headers(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("jpeg")
    running.media.spoil(file, "cut_after_headers")
    with pytest.raises(httpx.RemoteProtocolError):
        await cdn.get(file.url)
    assert ((await ended(running)).status, running.media.fetches()[0].sent_bytes) == (200, 0)


async def test_nothing_may_come_at_all(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("jpeg")
    running.media.spoil(file, "hanging")
    with pytest.raises(httpx.ReadTimeout):
        await cdn.get(file.url, timeout=IMPATIENT_S)
    fetch = await ended(running)
    assert (fetch.status, fetch.sent_bytes, fetch.complete) == (None, 0, False)


async def test_a_body_may_stop_and_leave_one_waiting(running: RunningSandbox, cdn: httpx.AsyncClient) -> None:
    file = running.media.put("jpeg", size_bytes=1_000)
    running.media.spoil(file, "stalled")
    with pytest.raises(httpx.ReadTimeout):
        await cdn.get(file.url, timeout=IMPATIENT_S)
    fetch = await ended(running)
    assert (fetch.status, fetch.sent_bytes, fetch.complete) == (200, 500, False)


@pytest.mark.parametrize("size_bytes", [1_000, 2_000_000])
async def test_a_slow_body_is_spread_over_its_time(
    running: RunningSandbox, cdn: httpx.AsyncClient, waits: Waits, size_bytes: int
) -> None:
    file = running.media.put("jpeg", size_bytes=size_bytes)
    running.media.spoil(file, "slow")
    assert len((await cdn.get(file.url)).content) == size_bytes
    assert sum(waits.seconds) == pytest.approx(10)
    assert len(waits.seconds) >= 10


TRIED_ALONE = {"wrong_type", "truncated", "cut_after_headers", "hanging", "stalled", "slow"}


def test_every_fault_is_tried() -> None:
    assert set(MEDIA_FAULTS) == TRIED_ALONE | set(ANSWERS)


async def test_a_hanging_fetch_does_not_keep_the_sandbox_from_closing(
    config: SandboxConfig, cdn: httpx.AsyncClient
) -> None:
    async with asyncio.timeout(10), Sandbox(dataclasses.replace(config, grace_s=0)).serve() as running:
        file = running.media.put("jpeg")
        running.media.spoil(file, "hanging")
        fetching = asyncio.create_task(cdn.get(file.url))
        while not running.media.fetches():  # noqa: ASYNC110 - the shelf only counts
            await asyncio.sleep(0.005)
    with pytest.raises(httpx.RemoteProtocolError):
        await fetching
