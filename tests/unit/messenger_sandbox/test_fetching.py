from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from messenger_sandbox.errors import RefusedError
from messenger_sandbox.fetching import DEFAULT_DEADLINES, FetchDeadlines, FileFetcher, is_loopback
from tests.support.file_host import FileHost, file_host


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with file_host() as host:
        yield host


@pytest.fixture
async def fetcher() -> AsyncIterator[FileFetcher]:
    fetcher = FileFetcher()
    yield fetcher
    await fetcher.close()


async def subcode(fetcher: FileFetcher, url: str, kind: str = "file") -> int | None:
    with pytest.raises(RefusedError) as refused:
        await fetcher.fetch(url, kind)
    return refused.value.error.subcode


async def test_a_file_arrives_with_its_name_and_type(host: FileHost, fetcher: FileFetcher) -> None:
    url = host.put("an invoice.pdf", b"%PDF-1.4", "application/pdf; charset=binary")
    content = await fetcher.fetch(url, "file")
    assert (content.data, content.name, content.mime_type) == (b"%PDF-1.4", "an invoice.pdf", "application/pdf")


async def test_a_missing_file_is_not_fetched(host: FileHost, fetcher: FileFetcher) -> None:
    assert await subcode(fetcher, host.base_url + "/files/none") == 2018008


async def test_a_redirect_is_not_followed(host: FileHost, fetcher: FileFetcher) -> None:
    assert await subcode(fetcher, host.base_url + "/redirect") == 2018008
    assert host.asked == []


async def test_nobody_at_home_is_told(fetcher: FileFetcher) -> None:
    assert await subcode(fetcher, "http://127.0.0.1:1/p.jpg") == 2018008


async def test_a_picture_over_its_limit_is_not_read_to_the_end(host: FileHost, fetcher: FileFetcher) -> None:
    url = host.put("p.png", bytes(8_000_001), "image/png")
    assert await subcode(fetcher, url, "image") == 2018109


@pytest.mark.parametrize(("kind", "expected"), [("video", 2018294), ("image", 2018008)])
async def test_too_slow_is_told_by_kind(host: FileHost, kind: str, expected: int) -> None:
    hasty = FileFetcher(FetchDeadlines(video_s=0.2, other_s=0.2))
    assert await subcode(hasty, host.base_url + "/hang", kind) == expected
    await hasty.close()


def test_facebook_waits_longer_for_films() -> None:
    assert (DEFAULT_DEADLINES.of("video"), DEFAULT_DEADLINES.of("image")) == (75, 10)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/p.jpg", "http://127.9.9.9/", "http://[::1]/p.jpg"])
def test_this_machine_may_be_asked(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://cc.example/p.jpg",
        "http://localhost/p.jpg",
        "http://127.0.0.1.cc.example/p.jpg",
        "http://127.0.0.1@cc.example/p.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/p.jpg",
        "https://127.0.0.1/p.jpg",
        "file:///etc/hosts",
        "http://[::1",
        "",
    ],
)
async def test_nobody_else_is_asked(fetcher: FileFetcher, url: str) -> None:
    assert not is_loopback(url)
    with pytest.raises(RefusedError, match="fetches from loopback addresses only"):
        await fetcher.fetch(url, "file")
