"""The walkable path in one process: Facebook's sandbox, gateway and server on real ports, an embedded database."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
import structlog

from connector_client import ConnectorClient, ConnectorError, EventKind, SendState, text_message
from facebook_connector.app import running_server
from facebook_connector.settings import DATABASE_FILE, ServerSettings
from facebook_gateway.app import running_gateway
from facebook_gateway.settings import GatewaySettings
from messenger_sandbox import Outcome, RunningSandbox, Sandbox
from service_runtime import logs
from tests.support.channels import (
    ANA,
    APP_SECRET,
    BEN,
    PAGE_ID,
    PAGE_TOKEN,
    VERIFY_TOKEN,
    add_channel,
    sandbox_config,
)

pytestmark = pytest.mark.e2e

CCM, GATEWAY, OPERATOR = "ccm-bearer-canary", "gateway-bearer-canary", "operator-bearer-canary"
SENDER = "SHOP"
TEXT_CANARY = "Grüße, мир 👩‍👩‍👧 text-canary"
MESSAGE = (
    b'{"object":"page","entry":[{"id":"%s","time":1794300000123,"messaging":[{"sender":{"id":"%s"},'
    b'"recipient":{"id":"%s"},"timestamp":1794300000000,"message":{"mid":"m_once","text":"once"}}]}]}'
)


@dataclass(frozen=True, slots=True)
class Place:
    facebook: RunningSandbox
    server: str
    webhook: str
    data: Path
    log: io.StringIO

    def client(self, token: str = CCM, client_id: str = "ccm-1") -> ConnectorClient:
        return ConnectorClient(self.server, token=token, client_id=client_id)

    async def post(self, body: bytes, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient() as http:
            return await http.post(self.webhook, content=body, headers=headers)

    async def post_signed(self, body: bytes, secret: str = APP_SECRET) -> httpx.Response:
        return await self.post(body, **{"X-Hub-Signature-256": signature(body, secret)})

    def quarantined(self) -> list[tuple[str, bytes]]:
        with sqlite3.connect(self.data / DATABASE_FILE) as database:
            return database.execute("SELECT reason, raw FROM quarantine ORDER BY quarantine_id").fetchall()


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
async def place(tmp_path: Path, log: io.StringIO) -> AsyncIterator[Place]:
    async with Sandbox(sandbox_config(require_proof=True)).serve() as facebook:
        server_settings = ServerSettings.load(
            listen="127.0.0.1:0",
            data_dir=tmp_path,
            graph_url=facebook.base_url,
            ccm_tokens=CCM,
            gateway_tokens=GATEWAY,
            operator_tokens=OPERATOR,
            sender_name=SENDER,
        )
        async with running_server(server_settings) as server:
            await add_channel(str(server.address), token=OPERATOR)
            gateway_settings = GatewaySettings.load(
                gateway_listen="127.0.0.1:0", server=str(server.address), server_token=GATEWAY, sender_name=SENDER
            )
            async with running_gateway(gateway_settings) as gateway:
                await facebook.handshake(f"{gateway.url}/webhook")
                yield Place(facebook, str(server.address), f"{gateway.url}/webhook", tmp_path, log)


async def test_a_customer_writes_and_ccm_answers(place: Place) -> None:
    assert await place.facebook.person(ANA).says(TEXT_CANARY) is Outcome.DELIVERED

    async with place.client() as ccm:
        received = await anext(ccm.inbound("ccm"))
        await received.ack()
        answer = await ccm.send(text_message(PAGE_ID, ANA, "It left this morning."))

    assert received.message.body.markdown_text == TEXT_CANARY
    assert received.ordering_key == f"{PAGE_ID}/{ANA}"
    assert SendState(answer.state) is SendState.SENT
    assert place.facebook.person(ANA).saw == ("It left this morning.",)


async def test_customers_and_receipts_come_under_the_name_that_is_set(place: Place) -> None:
    ana = place.facebook.person(ANA)
    async with place.client() as ccm:
        inbound = ccm.inbound("ccm")
        await ana.says("Hello")
        said = await anext(inbound)
        await said.ack()
        await ccm.send(text_message(PAGE_ID, ANA, "Hello Ana"))
        await ana.receives()
        told = await anext(inbound)
        await told.ack()

    assert [each.message.header.sender.sender_name for each in (said, told)] == [SENDER, SENDER]
    assert told.kind is EventKind.RECEIPT


async def test_a_webhook_posted_50_times_at_once_is_one_event(place: Place) -> None:
    body = MESSAGE % (PAGE_ID.encode(), ANA.encode(), PAGE_ID.encode())

    answers = await asyncio.gather(*(place.post_signed(body) for _ in range(50)))
    await place.facebook.person(BEN).says("the last")

    assert {answer.status_code for answer in answers} == {200}
    async with place.client() as ccm:
        arrived = []
        async for received in ccm.inbound("ccm"):
            arrived.append(received.message.body.markdown_text)
            await received.ack()
            if len(arrived) == 2:
                break
    assert sorted(arrived) == ["once", "the last"]


@pytest.mark.parametrize("header", ["", "sha256=" + "0" * 64, "sha1=0", signature(b"other", APP_SECRET)])
async def test_a_wrong_or_missing_signature_is_refused_without_a_hint(place: Place, header: str) -> None:
    body = MESSAGE % (PAGE_ID.encode(), ANA.encode(), PAGE_ID.encode())

    answer = await (place.post(body, **{"X-Hub-Signature-256": header}) if header else place.post(body))

    assert answer.status_code == 403
    assert signature(body, APP_SECRET)[7:] not in answer.text + place.log.getvalue()


async def test_signed_bytes_that_are_no_json_are_taken_and_quarantined(place: Place) -> None:
    answer = await place.post_signed(b"not json \xff")

    assert answer.status_code == 200
    assert place.quarantined() == [("NOT_JSON", b"not json \xff")]


async def test_an_unknown_page_is_taken_and_quarantined_with_its_raw_bytes(place: Place) -> None:
    body = MESSAGE % (b"999000111", ANA.encode(), b"999000111")

    answer = await place.post_signed(body)

    assert answer.status_code == 200
    ((reason, raw),) = place.quarantined()
    assert reason == "UNKNOWN_PAGE"
    assert b'"mid":"m_once"' in raw


async def test_a_body_beyond_the_limit_is_refused_with_an_alarm(place: Place) -> None:
    answer = await place.post_signed(b" " * (32 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert '"level": "error"' in place.log.getvalue()


async def test_without_the_server_webhooks_are_answered_503(tmp_path: Path, log: io.StringIO) -> None:
    settings = GatewaySettings.load(gateway_listen="127.0.0.1:0", server="127.0.0.1:9")
    async with running_gateway(settings) as gateway, httpx.AsyncClient() as http:
        answer = await http.post(f"{gateway.url}/webhook", content=b"{}", headers={"X-Hub-Signature-256": "sha256=0"})

    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("token", "reason", "code"),
    [
        ("", "TOKEN_MISSING", grpc.StatusCode.UNAUTHENTICATED),
        ("wrong", "TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED),
        (OPERATOR, "ROLE_REQUIRED", grpc.StatusCode.PERMISSION_DENIED),
    ],
)
async def test_a_call_needs_a_token_with_the_right_role(
    place: Place, token: str, reason: str, code: grpc.StatusCode
) -> None:
    async with place.client(token) as caller:
        with pytest.raises(ConnectorError) as refused:
            await caller.send(text_message(PAGE_ID, ANA, "hi"))

    assert (refused.value.reason, refused.value.code) == (reason, code)


async def test_no_secret_and_no_text_is_ever_written_where_it_does_not_belong(place: Place) -> None:
    await place.facebook.person(ANA).says(TEXT_CANARY)
    async with place.client() as ccm:
        received = await anext(ccm.inbound("ccm"))
        await received.ack()
        await ccm.send(text_message(PAGE_ID, ANA, "answer-canary"))
        place.facebook.script_fault("password_changed")
        await ccm.send(text_message(PAGE_ID, ANA, "answer-canary again"), wait=2)
    await place.post(b"text-canary unsigned")
    await place.post_signed(b"text-canary, no json")

    log = place.log.getvalue()
    on_disk = b"".join(path.read_bytes() for path in place.data.iterdir() if path.name.startswith(DATABASE_FILE))
    assert "message" in log, "the canaries were looked for in a log that says something"
    for canary in (PAGE_TOKEN, APP_SECRET, VERIFY_TOKEN, CCM, GATEWAY, OPERATOR):
        assert canary not in log
        assert canary.encode() not in on_disk
    assert "text-canary" not in log
    assert "answer-canary" not in log
