"""Nothing is called that only this machine can reach, by whatever name or address it is asked for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from yarl import URL

from facebook_connector.media.addresses import AddressRules, normal_origin
from facebook_connector.media.fetch import Fetcher, FetchError, FetchLimits
from tests.support.certificates import self_signed
from tests.support.fetching import QUICK, failure, fetched, named
from tests.support.media_host import PDF, MediaHost, running_media_host


@pytest.fixture
async def host() -> AsyncIterator[MediaHost]:
    async with running_media_host() as running:
        yield running


async def test_no_proxy_of_the_environment_is_asked(host: MediaHost, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_media_host() as proxy:
        monkeypatch.setenv("http_proxy", proxy.origin)
        assert await fetched(host, host.gives("/a", PDF)) == PDF

    assert proxy.connections == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
async def test_a_name_that_leads_to_a_local_address_is_not_called(host: MediaHost, address: str) -> None:
    async def look_up(_name: str, _port: int) -> list[str]:
        return ["157.240.20.1", address]

    error = await failure(host, "https://cdn.fbsbx.com/a", AddressRules(), look_up)

    assert (error.reason, error.final) == ("HOST_NOT_ALLOWED", True)


async def test_one_forbidden_address_among_several_is_as_bad(host: MediaHost) -> None:
    host.gives("/a", PDF)

    async def look_up(_name: str, _port: int) -> list[str]:
        return ["127.0.0.1", "169.254.169.254"]

    error = await failure(host, *named(host, "/a"), look_up)

    assert (error.reason, error.final, host.connections) == ("HOST_NOT_ALLOWED", True, 0)


@pytest.mark.parametrize(
    "literal",
    [
        "127.0.0.1",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fd00::1]",
        "2130706433",
        "127.1",
        "0177.0.0.1",
        "0x7f000001",
        "0x7f.1",
    ],
)
async def test_a_local_address_in_place_of_a_name_is_not_called(host: MediaHost, literal: str) -> None:
    url = f"https://{literal}/a"
    rules = AddressRules(hosts=(URL(url).raw_host or "",))

    async with Fetcher(rules, limits=QUICK) as fetcher:
        assert fetcher.may_fetch(url)  # as far as its text tells: what is tried here is the connection
    error = await failure(host, url, rules)

    assert (error.reason, error.final) == ("HOST_NOT_ALLOWED", True)


@pytest.mark.parametrize("literal", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"])
async def test_a_link_local_address_is_not_even_called_where_local_ones_may_be(host: MediaHost, literal: str) -> None:
    url = f"http://{literal}/latest/meta-data/"
    rules = AddressRules(origins=frozenset({f"http://{URL(url).raw_host}:80"}))

    error = await failure(host, url, rules)

    assert (error.reason, error.final) == ("HOST_NOT_ALLOWED", True)


async def test_a_name_is_judged_anew_for_each_connection(host: MediaHost) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])

    async def look_up(_name: str, _port: int) -> list[str]:
        return next(answers)

    host.redirects("/a", "/b")
    error = await failure(host, *named(host, "/a"), look_up)

    assert (error.reason, host.requests) == ("HOST_NOT_ALLOWED", ["/a"])


async def test_the_connection_goes_to_the_address_that_was_checked(host: MediaHost) -> None:
    answers = iter([["127.0.0.1"], ["10.255.255.1"]])

    async def look_up(_name: str, _port: int) -> list[str]:
        return next(answers)

    host.gives("/a", PDF)
    url, rules = named(host, "/a")

    assert await fetched(host, url, rules, look_up) == PDF
    assert f"Host: {urlsplit(url).netloc}".encode() in host.headers[0]


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


async def test_a_name_that_is_not_resolved_in_time_is_a_time_out(host: MediaHost) -> None:
    async def look_up(_name: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async with Fetcher(AddressRules(), limits=FetchLimits(connect_s=0.05, whole_s=3600), resolve=look_up) as fetcher:
        with pytest.raises(FetchError, match="TIMEOUT"):
            async with fetcher.open("https://cdn.fbsbx.com/a"):
                pass


async def test_a_closed_port_cannot_be_reached(host: MediaHost) -> None:
    error = await failure(host, "http://127.0.0.1:1/a", AddressRules(origins=frozenset({"http://127.0.0.1:1"})))

    assert (error.reason, error.final) == ("CONNECT", False)


@pytest.mark.parametrize("error", [OSError(), UnicodeError(), None])
async def test_a_name_without_an_address_cannot_be_reached(host: MediaHost, error: Exception | None) -> None:
    async def look_up(_name: str, _port: int) -> list[str]:
        if error is not None:
            raise error
        return []

    assert (await failure(host, "https://cdn.fbsbx.com/", AddressRules(), look_up)).reason == "CONNECT"
