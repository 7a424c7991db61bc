"""Everything between Facebook and an agent's browser: gateway, server and media host on real ports."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import grpc
import httpx

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.inbound_pb2 import InboundAck, InboundStart, ReceivedMessage
from service_runtime.clock import SystemClock
from tests.support.media_host import MediaHost
from tests.support.webhook_bodies import PSID, signed, text_item, webhook

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
