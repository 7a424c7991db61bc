"""From Facebook's webhook to the link in an agent's browser: gateway, server and media host on real ports."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.inbound_pb2 import InboundAck, InboundStart, ReceivedMessage
from expertflow.connector.v1.media_service_pb2 import (
    MediaHeader,
    ReadMediaRequest,
    WriteMediaRequest,
    WriteMediaResponse,
)
from expertflow.connector.v1.media_service_pb2_grpc import MediaServiceStub
from expertflow.connector.v1.messenger_context_pb2 import MEDIA_STATE_FAILED, MEDIA_STATE_PENDING
from facebook_connector import media_parts
from facebook_connector.app import running_server
from facebook_connector.media import downloads
from facebook_connector.media.fetch import FetchLimits
from facebook_connector.settings import ServerSettings
from facebook_gateway.app import running_gateway
from facebook_gateway.settings import GatewaySettings
from service_runtime.backoff import Backoff
from service_runtime.clock import SystemClock
from tests.support.media_host import HTML, PDF, PNG, MediaHost, running_media_host
from tests.support.webhook_bodies import PAGE, PSID, SECRET, signed, text_item, webhook

BASE = "https://chat.example.com"
NAME = "Rechnung März.pdf"


class MovedClock(SystemClock):
    """The system's clock, with a wall clock that can be set forward."""

    ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Everything between Facebook and CCM, and a browser."""

    host: MediaHost
    browser: httpx.AsyncClient
    channel: grpc.aio.Channel
    clock: MovedClock

    async def customer_sends(
        self, mid: str, *attachments: dict[str, Any], text: str | None = None, psid: str = PSID
    ) -> None:
        item = text_item(mid, text or "", psid=psid)
        item["message"]["attachments"] = list(attachments)
        if text is None:
            del item["message"]["text"]
        body = webhook(item)
        answer = await self.browser.post("/webhook", content=body, headers=signed(body))
        assert answer.status_code == 200

    async def received(self, count: int) -> list[ReceivedMessage]:
        """So many messages, each acknowledged when it comes."""
        call = ConnectorServiceStub(self.channel).StreamInbound()
        await call.write(StreamInboundRequest(start=InboundStart(subscription="ccm", client_id="test")))
        found: list[ReceivedMessage] = []
        async with asyncio.timeout(20):
            while len(found) < count:
                frame: Any = await call.read()
                for message in frame.messages.messages:
                    found.append(message)
                    await call.write(StreamInboundRequest(ack=InboundAck(ack_ids=[message.ack_id])))
        call.cancel()
        return found

    async def link_of(self, source: str, kind: str = "image") -> str:
        """Has a customer send one medium, and returns the path of its link once it is delivered."""
        await self.customer_sends(f"m_{source}", attachment(kind, source))
        (message,) = await self.received(1)
        return path_of(message.message)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.browser.get(path, headers=named)


def attachment(kind: str, url: str) -> dict[str, Any]:
    return {"type": kind, "payload": {"url": url}}


def path_of(message: CimMessage) -> str:
    content = getattr(message.body, str(message.body.WhichOneof("content")))
    link: str = content.attachment.media_url
    assert link.startswith(f"{BASE}/media/")
    return link.removeprefix(BASE)


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    monkeypatch.chdir(tmp_path)
    clock = MovedClock()
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(running_media_host())
        settings = ServerSettings.load(
            data_dir=tmp_path / "data",
            listen="127.0.0.1:0",
            media_origins=host.origin,
            public_base_url=BASE,
            # As Facebook's names would be, if they led to this machine.
            media_hosts="fbcdn.net,localhost",
            profiles=False,
        )
        server = await stack.enter_async_context(running_server(settings, clock))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(str(server.address)))
        secrets = ChannelSecrets(page_access_token="canary-token", app_secrets=[SECRET], verify_token="canary")
        await ChannelServiceStub(channel).CreateChannel(
            CreateChannelRequest(channel=Channel(page_id=PAGE, app_id="555"), secrets=secrets)
        )
        edge = GatewaySettings.load(
            gateway_listen="127.0.0.1:0", server=str(server.address), public_base_url=f"{BASE}/"
        )
        gateway = await stack.enter_async_context(running_gateway(edge))
        browser = await stack.enter_async_context(httpx.AsyncClient(base_url=gateway.url, timeout=20))
        yield Place(host=host, browser=browser, channel=channel, clock=clock)


async def test_a_text_three_images_and_a_file_are_five_messages_in_order(place: Place) -> None:
    images = [place.host.gives(f"/{number}.png", PNG + bytes([number])) for number in range(3)]
    file = place.host.gives("/v/Rechnung%20M%C3%A4rz.pdf?dl=1", PDF)
    parts = [*(attachment("image", url) for url in images), attachment("file", file)]
    await place.customer_sends("m_1", *parts, text="Here they are")

    messages = await place.received(5)
    bodies = [received.message.body.type for received in messages]
    answers = [await place.get(path_of(received.message)) for received in messages[1:]]
    assert bodies == ["PLAIN", "IMAGE", "IMAGE", "IMAGE", "FILE"]
    assert [received.context.part.index for received in messages] == [0, 1, 2, 3, 4]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer.content for answer in answers] == [*(PNG + bytes([number]) for number in range(3)), PDF]
    assert [answer.headers["content-type"] for answer in answers] == ["image/png"] * 3 + ["application/pdf"]
    assert messages[4].message.body.file.attachment.media_label == NAME
    assert len(place.host.requests) == 4


async def test_facebook_stands_nowhere_but_in_the_details(place: Place) -> None:
    source = place.host.gives("/1.png", PNG)
    await place.customer_sends("m_1", attachment("image", source))
    (received,) = await place.received(1)

    details = received.message.body.image.additional_details.text
    assert source in details
    received.message.body.image.ClearField("additional_details")
    assert place.host.origin not in str(received.message)


async def test_a_link_cannot_be_guessed_from_the_message_id(place: Place) -> None:
    await place.customer_sends("m_1", attachment("image", place.host.gives("/1.png", PNG)))
    (received,) = await place.received(1)

    assert (await place.get(f"/media/{received.message.id}")).status_code == 404


async def test_what_a_browser_may_show_is_shown_and_nothing_else(place: Place) -> None:
    image = await place.get(await place.link_of(place.host.gives("/1.png", PNG)))
    page = b"<html><script>alert(1)</script>"
    file = await place.get(await place.link_of(place.host.gives("/Seite%20%22%C3%A4%22.html", page), "file"))

    assert image.headers["content-disposition"].startswith("inline; filename=")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"] == (
        "attachment; filename=\"Seite _.html\"; filename*=UTF-8''Seite%20%C3%A4.html"
    )
    for answer in (image, file):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=10-", 10, 2999), ("bytes=-5", 2995, 2999), ("bytes=2990-9999", 2990, 2999)],
)
async def test_a_range_is_answered_with_its_part(place: Place, asked: str, first: int, last: int) -> None:
    body = PNG[:8] + bytes(range(256)) * 11 + b"x" * 176
    answer = await place.get(await place.link_of(place.host.gives("/1.png", body)), range=asked)

    assert len(body) == 3000
    assert (answer.status_code, answer.headers["content-range"]) == (206, f"bytes {first}-{last}/3000")
    assert answer.content == body[first : last + 1]


async def test_a_range_behind_the_end_is_refused(place: Place) -> None:
    answer = await place.get(await place.link_of(place.host.gives("/1.png", PNG)), range=f"bytes={len(PNG)}-")

    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(PNG)}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=9-3", "bytes=-", "nonsense"])
async def test_what_is_no_single_range_gets_all(place: Place, asked: str) -> None:
    answer = await place.get(await place.link_of(place.host.gives("/1.png", PNG)), range=asked)

    assert (answer.status_code, answer.content) == (200, PNG)


async def test_head_tells_without_bytes(place: Place) -> None:
    path = await place.link_of(place.host.gives("/1.png", PNG))
    answer = await place.browser.head(path)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(PNG))
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_copy_is_asked_about_before_it_is_shown(place: Place) -> None:
    path = await place.link_of(place.host.gives("/1.png", PNG))
    first = await place.get(path)
    second = await place.get(path, if_none_match=first.headers["etag"])
    stale = await place.get(path, range="bytes=0-1", if_range='"another"')

    assert "no-cache" in first.headers["cache-control"]
    assert (second.status_code, second.content) == (304, b"")
    assert stale.status_code == 200


async def test_a_large_medium_comes_whole(place: Place) -> None:
    body = PDF + b"x" * (24 * 1024 * 1024)
    answer = await place.get(await place.link_of(place.host.gives("/1.pdf", body), "file"))

    assert answer.content == body


SPOILT: dict[str, tuple[Callable[[MediaHost], str], str, str]] = {
    "nothing there": (lambda host: host.url("/none.png"), "image", "NOT_FOUND"),
    "a link that expired": (lambda host: host.refuses("/old.png", 403), "image", "URL_EXPIRED"),
    "30 MB, announced": (lambda host: host.gives("/1.png", PNG, announced=30_000_000), "image", "TOO_LARGE"),
    "30 MB, not announced": (lambda host: host.streams("/1.pdf", 30_000_000), "file", "TOO_LARGE"),
    "a web page as an image": (lambda host: host.gives("/1.png", HTML), "image", "TYPE_NOT_ALLOWED"),
    "a document as audio": (lambda host: host.gives("/1.mp4", PDF), "audio", "TYPE_NOT_ALLOWED"),
    "a redirect to a cloud's secrets": (
        lambda host: host.redirects("/1.png", "http://169.254.169.254/latest/meta-data/"),
        "image",
        "HOST_NOT_ALLOWED",
    ),
    "a cloud's secrets": (lambda _: "http://169.254.169.254/latest/meta-data/", "image", "HOST_NOT_ALLOWED"),
    "another host": (lambda _: "https://media.example.com/1.png", "image", "HOST_NOT_ALLOWED"),
    "plain HTTP": (lambda _: "http://scontent.xx.fbcdn.net/1.png", "image", "HOST_NOT_ALLOWED"),
    "a name that leads to this machine": (lambda _: "https://localhost/1.png", "image", "HOST_NOT_ALLOWED"),
    "a redirect to such a name": (
        lambda host: host.redirects("/1.png", "https://localhost/1.png"),
        "image",
        "HOST_NOT_ALLOWED",
    ),
}
"""What can stand behind a link: how it comes about, as what it was sent, and what is said of it."""


@pytest.mark.parametrize("case", SPOILT)
async def test_a_medium_that_cannot_be_had_is_gone_and_says_why(place: Place, case: str, tmp_path: Path) -> None:
    makes, kind, reason = SPOILT[case]
    await place.customer_sends("m_1", attachment(kind, makes(place.host)), text="Look")
    text, medium = await place.received(2)
    answer = await place.get(path_of(medium.message))

    assert text.message.body.markdown_text == "Look"
    assert (medium.context.media.state, medium.context.media.failure_reason) == (MEDIA_STATE_FAILED, reason)
    assert (answer.status_code, answer.headers["cache-control"]) == (410, "no-store")
    assert reason in answer.text
    assert [path for path in (tmp_path / "data" / "media").rglob("*") if path.is_file()] == []


async def test_a_redirect_to_a_neighbour_never_reaches_it(place: Place) -> None:
    async with running_media_host() as neighbour:
        secret = neighbour.gives("/admin.png", PNG)
        answer = await place.get(await place.link_of(place.host.redirects("/1.png", secret)))

    assert (answer.status_code, "HOST_NOT_ALLOWED" in answer.text) == (410, True)
    assert neighbour.connections == 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that gives up a silent host in a tenth of a second; to be there before the server."""
    monkeypatch.setattr(media_parts, "FetchLimits", partial(FetchLimits, read_s=0.1))
    monkeypatch.setattr(downloads, "BETWEEN_TRIES", Backoff(first=0.01, cap=0.01))
    monkeypatch.setattr(downloads, "POLL_S", 0.02)


@pytest.mark.parametrize("begun", [b"", PNG])
@pytest.mark.usefixtures("impatient")
async def test_a_host_that_goes_on_hanging_is_given_up(place: Place, begun: bytes) -> None:
    answer = await place.get(await place.link_of(place.host.hangs("/1.png", begun)))

    assert (answer.status_code, "TIMEOUT" in answer.text) == (410, True)
    assert place.host.requests == ["/1.png"] * downloads.TRIES


async def test_a_medium_on_its_way_can_be_asked_for_again(place: Place, tmp_path: Path) -> None:
    await place.customer_sends("m_1", attachment("image", place.host.hangs("/1.png")))
    # Its message is not delivered yet, so that nobody but the database knows the link.
    with closing(sqlite3.connect(tmp_path / "data" / "connector.db")) as database:
        ((media_id,),) = database.execute("SELECT media_id FROM media").fetchall()
    answer = await place.get(f"/media/{media_id}")

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["cache-control"] == "no-store"


async def test_a_message_goes_out_in_time_while_its_host_hangs(place: Place) -> None:
    await place.customer_sends("m_1", attachment("image", place.host.hangs("/1.png")))
    await place.customer_sends("m_2", text="Somebody else", psid="7009")
    (other,) = await place.received(1)
    place.clock.ahead_ms += 28_000
    (late,) = await place.received(1)
    answer = await place.get(path_of(late.message))

    assert other.message.body.markdown_text == "Somebody else"
    assert late.message.body.type == "IMAGE"
    assert late.context.media.state == MEDIA_STATE_PENDING
    assert answer.status_code == 503


@pytest.mark.parametrize("media_id", ["x", "A" * 32, "..%2f..%2fetc", "%00", "a" * 65])
async def test_an_unknown_medium_is_not_found(place: Place, media_id: str) -> None:
    assert (await place.get(f"/media/{media_id}")).status_code == 404


async def test_a_service_without_http_reads_from_an_offset(place: Place) -> None:
    path = await place.link_of(place.host.gives("/1.png", PNG))
    media = MediaServiceStub(place.channel)
    frames: list[Any] = [
        frame async for frame in media.ReadMedia(ReadMediaRequest(id=path.rpartition("/")[2], offset=10))
    ]

    assert frames[0].info.size == len(PNG)
    assert b"".join(frame.chunk for frame in frames[1:]) == PNG[10:]


@pytest.mark.parametrize(
    ("request_", "code", "reason"),
    [
        ({"id": "unknown"}, grpc.StatusCode.NOT_FOUND, b"MEDIA_NOT_FOUND"),
        ({"offset": 10**9}, grpc.StatusCode.OUT_OF_RANGE, b"MEDIA_OFFSET_OUT_OF_RANGE"),
        ({"offset": -1}, grpc.StatusCode.OUT_OF_RANGE, b"MEDIA_OFFSET_OUT_OF_RANGE"),
        ({"length": -1}, grpc.StatusCode.INVALID_ARGUMENT, b"INVALID_FIELD"),
    ],
)
async def test_a_wrong_read_is_refused(
    place: Place, request_: dict[str, Any], code: grpc.StatusCode, reason: bytes
) -> None:
    path = await place.link_of(place.host.gives("/1.png", PNG))
    named = {"id": path.rpartition("/")[2], **request_}
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        async for _ in MediaServiceStub(place.channel).ReadMedia(ReadMediaRequest(**named)):
            pass

    details = dict(raised.value.trailing_metadata() or ())
    assert raised.value.code() == code
    assert reason in bytes(details["grpc-status-details-bin"])


# Writing


async def write(place: Place, *frames: WriteMediaRequest) -> WriteMediaResponse:
    return await MediaServiceStub(place.channel).WriteMedia(iter(frames))


HEADER = WriteMediaRequest(header=MediaHeader(file_name=NAME))


async def test_what_a_service_writes_opens_in_a_browser(place: Place) -> None:
    chunks = [WriteMediaRequest(chunk=PDF[:1000]), WriteMediaRequest(chunk=PDF[1000:])]
    written = await write(place, HEADER, *chunks)
    assert (written.info.mime_type, written.info.size, written.info.file_name) == ("application/pdf", len(PDF), NAME)
    assert written.media_url == f"{BASE}/media/{written.info.id}"
    assert (await place.get(written.media_url.removeprefix(BASE))).content == PDF
    assert (await write(place, HEADER, *chunks)).media_url == written.media_url


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([], "STREAM_START_MISSING"),
        ([WriteMediaRequest(chunk=b"x"), HEADER], "STREAM_START_MISSING"),
        ([HEADER, WriteMediaRequest(chunk=b"x"), HEADER], "STREAM_STARTED_TWICE"),
        ([HEADER, WriteMediaRequest()], "FRAME_EMPTY"),
        ([HEADER, WriteMediaRequest(chunk=bytes(1024 * 1024 + 1))], "INVALID_FIELD"),
        ([HEADER], "INVALID_FIELD"),
    ],
)
async def test_a_misused_write_says_how(place: Place, frames: list[WriteMediaRequest], reason: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await write(place, *frames)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert reason in str(raised.value.trailing_metadata())
