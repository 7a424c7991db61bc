from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest

from facebook_connector.graph.client import (
    GRAPH_VERSION,
    Credentials,
    FilePart,
    GraphCall,
    GraphClient,
    GraphUnreachableError,
    proxy_of,
    unreachable,
)

CALL = GraphCall(method="POST", path="1/messages", credentials=Credentials(token="canary-token"), body={"text": "hi"})


async def whole_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return head + await reader.readexactly(int(length[1]) if length else 0)


@asynccontextmanager
async def raw_server(answer: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answers each connection with the bytes and closes it; None: reads the request and closes without an answer."""
    requests: list[bytes] = []
    served = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await whole_request(reader))
        if answer is not None:
            writer.write(answer)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
        served.set()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", requests
        if requests:
            await served.wait()


def form_parts(head: bytes, body: bytes) -> list[EmailMessage]:
    """The fields of a multipart form."""
    (kind,) = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-type:")]
    whole = message_from_bytes(kind + b"\r\n\r\n" + body, _class=EmailMessage, policy=policy.HTTP)
    return [part for part in whole.iter_parts() if isinstance(part, EmailMessage)]


def ok(body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)


async def call(url: str, graph_call: GraphCall = CALL) -> object:
    async with GraphClient(url) as client:
        return await client.call(graph_call)


async def test_the_version_is_pinned_and_the_token_stands_in_the_header_only() -> None:
    async with raw_server(ok()) as (url, requests):
        await call(url)
    head = requests[0].split(b"\r\n\r\n")[0].decode().lower()
    assert head.startswith(f"post /{GRAPH_VERSION}/1/messages http")
    assert "authorization: bearer canary-token" in head
    assert requests[0].count(b"canary-token") == 1


async def test_a_channel_may_name_another_version() -> None:
    async with raw_server(ok()) as (url, requests):
        await call(url, GraphCall(method="GET", path="me", credentials=CALL.credentials, version="v26.0"))
    assert requests[0].startswith(b"GET /v26.0/me HTTP")


async def test_the_proof_goes_into_the_body_of_a_post() -> None:
    credentials = Credentials(token="EAAtesttoken", app_secret="test_app_secret")
    async with raw_server(ok()) as (url, requests):
        await call(url, GraphCall(method="POST", path="1/messages", credentials=credentials, body={}))
    proof = hmac.new(b"test_app_secret", b"EAAtesttoken", hashlib.sha256).hexdigest()
    assert f'"appsecret_proof":"{proof}"'.encode() in requests[0]


async def test_of_a_get_the_proof_goes_into_the_query_and_the_token_never() -> None:
    credentials = Credentials(token="EAAtesttoken", app_secret="test_app_secret")
    async with raw_server(ok()) as (url, requests):
        await call(url, GraphCall(method="GET", path="me", credentials=credentials, query={"fields": "id"}))
    assert requests[0].startswith(f"GET /{GRAPH_VERSION}/me?fields=id&appsecret_proof={credentials.proof()} ".encode())
    assert requests[0].count(b"EAAtesttoken") == 1


async def test_a_file_goes_as_a_form_with_the_proof_and_never_the_token_in_it() -> None:
    credentials = Credentials(token="EAAtesttoken", app_secret="test_app_secret")
    part = FilePart(name="p.png", mime_type="image/png", file=io.BytesIO(b"\x89PNG..."))
    upload = GraphCall(
        method="POST", path="1/message_attachments", credentials=credentials, body={"message": {"a": 1}}, file=part
    )
    async with raw_server(ok()) as (url, requests):
        await call(url, upload)
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert b"content-type: multipart/form-data; boundary=" in head.lower()
    assert b"content-length: %d" % len(body) in head.lower()
    fields = {part.get_param("name", header="content-disposition"): part for part in form_parts(head, body)}
    assert {name: field.get_payload(decode=True) for name, field in fields.items()} == {
        "message": b'{"a":1}',
        "appsecret_proof": credentials.proof().encode(),
        "filedata": b"\x89PNG...",
    }
    assert (fields["filedata"].get_filename(), fields["filedata"].get_content_type()) == ("p.png", "image/png")
    assert b"EAAtesttoken" not in body
    await asyncio.get_running_loop().shutdown_default_executor()
    assert not part.file.closed  # the upload may be repeated


def test_the_proof_is_the_hmac_of_the_token() -> None:
    credentials = Credentials(token="EAAtesttoken", app_secret="test_app_secret")
    assert credentials.proof() == "2f6c99f265a9e1644d725e8f9c96e439fcbf40a73357d1d98ba8b98fbfe445e4"


def test_credentials_do_not_show() -> None:
    assert "canary" not in repr(Credentials(token="canary-token", app_secret="canary-secret"))


async def test_a_refused_connection_left_no_byte() -> None:
    async with raw_server(ok()) as (url, _):
        pass
    with pytest.raises(GraphUnreachableError) as raised:
        await call(url)
    assert (raised.value.bytes_left, raised.value.cause) == (False, "CONNECT_ERROR")


async def test_a_connection_closed_without_an_answer_may_have_been_a_send() -> None:
    async with raw_server(None) as (url, _):
        with pytest.raises(GraphUnreachableError) as raised:
            await call(url)
    assert raised.value.bytes_left


async def test_an_answer_cut_short_may_have_been_a_send() -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{") as (url, _):
        with pytest.raises(GraphUnreachableError) as raised:
            await call(url)
    assert raised.value.bytes_left


async def test_an_answer_with_a_long_header_is_read() -> None:
    long = b"HTTP/1.1 200 OK\r\nx-business-use-case-usage: %s\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
    async with raw_server(long % (b'{"1":[],"2":"' + b"x" * 60_000 + b'"}')) as (url, _), GraphClient(url) as client:
        assert (await client.call(CALL)).ok


async def test_no_answer_in_time_may_have_been_a_send() -> None:
    hung_up = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(GraphUnreachableError) as raised:
            await call(
                url, GraphCall(method="POST", path="1/messages", credentials=CALL.credentials, body={}, timeout_s=0.1)
            )
        await hung_up.wait()
    assert (raised.value.bytes_left, raised.value.cause) == (True, "READ_TIMEOUT")


def test_whatever_the_http_client_raises_is_an_ending() -> None:
    kinds = [kind for kind in vars(aiohttp.client_exceptions).values() if isinstance(kind, type)]
    errors = [kind.__new__(kind) for kind in kinds if issubclass(kind, Exception)]
    assert len(errors) > 20
    assert all(unreachable(error).cause for error in errors if isinstance(error, aiohttp.ClientError | OSError))


@pytest.mark.parametrize("kind", [aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorDNSError])
def test_who_was_not_reached_got_nothing(kind: type[Exception]) -> None:
    assert not unreachable(kind.__new__(kind)).bytes_left


@pytest.mark.parametrize("kind", [aiohttp.ClientOSError, aiohttp.SocketTimeoutError, ConnectionResetError])
def test_a_connection_that_broke_may_have_been_a_send(kind: type[Exception]) -> None:
    assert unreachable(kind.__new__(kind)).bytes_left


async def test_a_redirect_is_not_followed() -> None:
    redirect = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n"
    async with raw_server(redirect) as (url, requests), GraphClient(url) as client:
        assert (await client.call(CALL)).status == 302
    assert len(requests) == 1


async def test_no_failure_tells_the_token() -> None:
    async with raw_server(None) as (url, _):
        with pytest.raises(GraphUnreachableError) as raised:
            await call(url)
    assert "canary" not in repr(raised.value) + str(raised.value)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no proxy yet."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


async def test_a_call_goes_by_way_of_the_proxy_that_the_environment_names(environment: pytest.MonkeyPatch) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}") as (origin, requests):
        environment.setenv("http_proxy", origin.replace("//", "//user:secret@"))
        async with GraphClient("http://graph.test") as graph:
            assert (await graph.call(CALL)).ok
    head = requests[0].lower()
    assert head.startswith(b"post http://graph.test/")
    assert b"proxy-authorization: basic dxnlcjpzzwnyzxq=" in head
    assert b"authorization: bearer canary-token" in head


async def test_a_netrc_file_does_not_stand_in_for_the_token(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    environment.setenv("NETRC", str(netrc))
    async with raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}") as (origin, requests):
        environment.setenv("http_proxy", origin)
        async with GraphClient("http://graph.test") as graph:
            assert (await graph.call(CALL)).ok
    assert b"authorization: bearer canary-token" in requests[0].lower()


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://graph.facebook.com", "http://proxy.test:3128"),
        ("http://graph.facebook.com", None),
        ("https://inside.test", None),
        ("https://127.0.0.1:9000", None),
        ("https://localhost", None),
        ("https://[::1]:9000", None),
    ],
)
def test_the_environment_says_which_hosts_have_a_proxy(
    environment: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    environment.setenv("https_proxy", "http://proxy.test:3128")
    environment.setenv("no_proxy", "inside.test")
    assert proxy_of(url) == proxy
