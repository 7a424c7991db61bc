"""A callback on a real port that notes what it gets and answers as it is told: where the sandbox's webhooks end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from messenger_sandbox.serving import listening


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    body: bytes
    signature: str | None

    @property
    def items(self) -> list[dict[str, Any]]:
        return [item for entry in orjson.loads(self.body)["entry"] for item in entry["messaging"]]


class WebhookReceiver:
    """`statuses` are given out one by one, then 200 for ever; `silent` keeps every POST waiting until it is cleared."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []
        self.statuses: list[int] = []
        self.verify_token = "verify-me"
        self.challenge_suffix = ""
        self._grown = asyncio.Event()
        self.speaks = asyncio.Event()
        self.speaks.set()

    @property
    def texts(self) -> list[str]:
        return [item["message"]["text"] for got in self.received for item in got.items if "message" in item]

    def answers(self, statuses: Iterable[int]) -> None:
        self.statuses = list(statuses)

    async def has_received(self, count: int) -> None:
        """Returns once so many bodies came in; raises TimeoutError after 10 s."""
        async with asyncio.timeout(10):
            while len(self.received) < count:
                self._grown.clear()
                await self._grown.wait()

    async def post(self, request: Request) -> Response:
        body = await request.body()
        self.received.append(Received(body=body, signature=request.headers.get("X-Hub-Signature-256")))
        self._grown.set()
        await self.speaks.wait()
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def verify(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("hub.mode") != "subscribe" or asked.get("hub.verify_token") != self.verify_token:
            return Response(status_code=403)
        return Response(asked["hub.challenge"] + self.challenge_suffix)


@asynccontextmanager
async def webhook_receiver() -> AsyncIterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    routes = [
        Route("/webhook", receiver.post, methods=["POST"]),
        Route("/webhook", receiver.verify, methods=["GET"]),
    ]
    async with listening(Starlette(routes=routes), host="127.0.0.1", port=0) as base_url:
        receiver.url = f"{base_url}/webhook"
        try:
            yield receiver
        finally:
            receiver.speaks.set()
