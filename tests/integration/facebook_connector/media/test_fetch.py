from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from facebook_connector.media.addresses import AddressRules, normal_origin
from facebook_connector.media.connect import Resolve, resolve
from facebook_connector.media.fetch import Fetcher, FetchError, FetchLimits
from tests.support.certificates import self_signed
from tests.support.media_host import PDF, MediaHost, running_media_host

MEBIBYTE = 1024 * 1024
QUICK = FetchLimits(connect_s=1, read_s=0.2, whole_s=5)


@pytest.fixture
async def host() -> AsyncIterator[MediaHost]:
    async with running_media_host() as running:
        yield running


def rules_for(host: MediaHost) -> AddressRules:
    return AddressRules(origins=frozenset({normal_origin(host.origin)}))


async def fetched(
    host: MediaHost, url: str, rules: AddressRules | None = None, resolve: Resolve | None = None
) -> bytes:
    options = {} if resolve is None else {"resolve": resolve}
    async with Fetcher(rules or rules_for(host), limits=QUICK, **options) as fetcher, fetcher.open(url) as chunks:  # type: ignore[arg-type]
        return b"".join([chunk async for chunk in chunks])


async def failure(
    host: MediaHost, url: str, rules: AddressRules | None = None, look_up: Resolve = resolve
) -> FetchError:
    with pytest.raises(FetchError) as raised:
        await fetched(host, url, rules, look_up)
    return raised.value


async def test_bytes_come_as_they_are(host: MediaHost) -> None:
    assert await fetched(host, host.gives("/a.pdf?oh=1&dl=1", PDF)) == PDF


async def test_no_credential_goes_along(host: MediaHost) -> None:
    await fetched(host, host.gives("/a", PDF))

    names = {line.split(b":")[0].lower() for line in host.headers[0].splitlines()[1:] if line}
    assert names == {b"host", b"accept", b"accept-encoding", b"user-agent"}


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
    assert asked == ["127.0.0.1"]


async def test_redirects_end(host: MediaHost) -> None:
    error = await failure(host, host.redirects("/a", "/a"))

    assert error.reason == "HTTP_STATUS"
    assert len(host.requests) == 4


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
async def test_a_name_that_leads_to_a_local_address_is_not_called(host: MediaHost, address: str) -> None:
    async def look_up(_name: str, _port: int) -> list[str]:
        return ["157.240.20.1", address]

    error = await failure(host, "https://cdn.fbsbx.com/a", AddressRules(), look_up)

    assert (error.reason, error.final) == ("HOST_NOT_ALLOWED", True)


async def test_the_connection_goes_to_the_address_that_was_checked(host: MediaHost) -> None:
    port = urlsplit(host.origin).port
    answers = iter([["127.0.0.1"], ["10.255.255.1"]])

    async def look_up(_name: str, _port: int) -> list[str]:
        return next(answers)

    url = f"http://media.test:{port}/a"
    host.gives("/a", PDF)
    rules = AddressRules(origins=frozenset({normal_origin(f"http://media.test:{port}")}))

    assert await fetched(host, url, rules, look_up) == PDF
    assert f"Host: media.test:{port}".encode() in host.headers[0]


async def test_tls_asks_for_the_certificate_of_the_name(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    asked: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)

    async def look_up(_name: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    async with running_media_host(server) as host:
        port = urlsplit(host.origin).port
        host.gives("/a", PDF)
        names = ["localhost", "elsewhere.test"]
        rules = AddressRules(origins=frozenset(normal_origin(f"https://{name}:{port}") for name in names))
        client = ssl.create_default_context(cafile=str(made.certificate))
        outcomes: list[bytes | str] = []
        async with Fetcher(rules, limits=QUICK, resolve=look_up, tls=client) as fetcher:
            for name in names:
                try:
                    async with fetcher.open(f"https://{name}:{port}/a") as chunks:
                        outcomes.append(b"".join([chunk async for chunk in chunks]))
                except FetchError as error:
                    outcomes.append(error.reason)

    assert outcomes == [PDF, "TLS"]
    assert asked == names


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


async def test_a_closed_port_cannot_be_reached(host: MediaHost) -> None:
    error = await failure(host, "http://127.0.0.1:1/a", AddressRules(origins=frozenset({"http://127.0.0.1:1"})))

    assert (error.reason, error.final) == ("CONNECT", False)


async def test_a_name_without_an_address_cannot_be_reached(host: MediaHost) -> None:
    async def look_up(_name: str, _port: int) -> list[str]:
        raise OSError

    assert (await failure(host, "https://cdn.fbsbx.com/", AddressRules(), look_up)).reason == "CONNECT"


@pytest.mark.parametrize("url", ["", "nonsense", "https://", "https://cdn.fbsbx.com:99999/", "https://[::1", "\x00"])
async def test_what_is_no_address_is_refused(host: MediaHost, url: str) -> None:
    assert (await failure(host, url)).reason == "HOST_NOT_ALLOWED"
