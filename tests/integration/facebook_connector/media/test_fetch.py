from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from facebook_connector.media.fetch import Fetcher
from tests.support.fetching import QUICK, failure, fetched, named, rules_for
from tests.support.media_host import PDF, MediaHost, running_media_host

MEBIBYTE = 1024 * 1024


@pytest.fixture
async def host() -> AsyncIterator[MediaHost]:
    async with running_media_host() as running:
        yield running


async def test_bytes_come_as_they_are(host: MediaHost) -> None:
    assert await fetched(host, host.gives("/a.pdf?oh=1&dl=1", PDF)) == PDF


async def test_no_credential_goes_along(host: MediaHost) -> None:
    await fetched(host, host.gives("/a", PDF))

    names = {line.split(b":")[0].lower() for line in host.headers[0].splitlines()[1:] if line}
    assert names == {b"host", b"accept", b"accept-encoding", b"user-agent"}


async def test_what_a_redirect_sets_is_not_sent_on(host: MediaHost) -> None:
    async def look_up(_name: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    host.gives("/b", PDF)
    host.refuses("/a", 302, "set-cookie: canary=1; path=/\r\nlocation: /b")
    await fetched(host, *named(host, "/a"), look_up)

    assert host.requests == ["/a", "/b"]
    assert b"canary" not in host.headers[1]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("/v/a%2Fb%41~!.pdf?oh=00_%2B+&efg=e30%3D%3d%2C", "/v/a%2Fb%41~!.pdf?oh=00_%2B+&efg=e30%3D%3d%2C"),
        ("/Küche plan.pdf#page=2", "/K%C3%BCche%20plan.pdf"),
        ("/a HTTP/1.1\r\nx-canary: 1", "/a%20HTTP/1.1%0D%0Ax-canary:%201"),
    ],
)
async def test_an_address_is_asked_for_as_it_is_written(host: MediaHost, written: str, asked: str) -> None:
    host.gives(asked, PDF)

    assert await fetched(host, host.url(written)) == PDF
    assert host.requests == [asked]


async def test_a_redirect_within_the_rules_is_followed(host: MediaHost) -> None:
    host.gives("/b", PDF)

    assert await fetched(host, host.redirects("/a", "/b")) == PDF


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "https://evil.example/",
        "file:///etc/passwd",
        "gopher://cdn.fbsbx.com/",
        "https://user:secret@cdn.fbsbx.com/",
        "http://[::1]/",
        "//localhost/",
    ],
)
async def test_a_redirect_elsewhere_is_not(host: MediaHost, location: str) -> None:
    asked: list[str] = []

    async def look_up(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    error = await failure(host, host.redirects("/a", location), look_up=look_up)

    assert (error.reason, error.final) == ("HOST_NOT_ALLOWED", True)
    assert (asked, host.connections) == ([], 1)


async def test_redirects_end(host: MediaHost) -> None:
    error = await failure(host, host.redirects("/a", "/a"))

    assert error.reason == "HTTP_STATUS"
    assert len(host.requests) == 4


@pytest.mark.parametrize(
    ("status", "reason", "final"),
    [
        (403, "URL_EXPIRED", True),
        (404, "NOT_FOUND", True),
        (410, "NOT_FOUND", True),
        (429, "HTTP_STATUS", False),
        (500, "HTTP_STATUS", False),
        (204, "HTTP_STATUS", False),
    ],
)
async def test_a_refusal_has_a_reason(host: MediaHost, status: int, reason: str, *, final: bool) -> None:
    error = await failure(host, host.refuses("/a", status))

    assert (error.reason, error.final) == (reason, final)


async def test_long_headers_are_read(host: MediaHost) -> None:
    policy = "content-security-policy: default-src " + "https://*.facebook.com " * 1000

    assert (await failure(host, host.refuses("/a", 404, policy))).reason == "NOT_FOUND"


async def test_what_is_announced_too_large_is_not_read(host: MediaHost) -> None:
    error = await failure(host, host.gives("/a", b"", announced=30 * MEBIBYTE))

    assert (error.reason, error.final) == ("TOO_LARGE", True)


async def test_what_turns_out_too_large_is_cut_off(host: MediaHost) -> None:
    error = await failure(host, host.streams("/a", 30 * MEBIBYTE))

    assert (error.reason, error.final) == ("TOO_LARGE", True)


@pytest.mark.parametrize("begun", [b"", PDF])
async def test_a_host_that_hangs_is_left(host: MediaHost, begun: bytes) -> None:
    error = await failure(host, host.hangs("/a", begun))

    assert (error.reason, error.final) == ("TIMEOUT", False)


async def test_a_body_shorter_than_announced_is_incomplete(host: MediaHost) -> None:
    error = await failure(host, host.gives("/a", PDF, announced=len(PDF) + 1))

    assert (error.reason, error.final) == ("INCOMPLETE", False)


async def test_a_compressed_answer_to_a_plain_request_is_refused(host: MediaHost) -> None:
    error = await failure(host, host.refuses("/a", 200, "content-encoding: gzip"))

    assert error.reason == "CONTENT_ENCODING"


async def test_an_answer_that_is_no_http_is_incomplete(host: MediaHost) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    host.answers["/a"] = answer

    assert (await failure(host, host.url("/a"))).reason == "INCOMPLETE"


async def test_what_its_reader_raises_is_none_of_its_failures(host: MediaHost) -> None:
    host.gives("/a", PDF)
    async with Fetcher(rules_for(host), limits=QUICK) as fetcher:
        with pytest.raises(TimeoutError):
            async with fetcher.open(host.url("/a")):
                raise TimeoutError


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "https://",
        "https://cdn.fbsbx.com:99999/",
        "https://[::1",
        "\x00",
        "https://cdn.fbsbx.com\\@evil.example/",
        "https://cdn.fbsbx.com:x/",
        "https://@cdn.fbsbx.com./",
        "https:cdn.fbsbx.com/a",
        "//cdn.fbsbx.com/a",
        "https://cdn.fbsbx.com/\udcff",
    ],
)
async def test_what_is_no_address_is_refused(host: MediaHost, url: str) -> None:
    assert (await failure(host, url)).reason == "HOST_NOT_ALLOWED"
