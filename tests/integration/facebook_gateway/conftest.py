from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from facebook_gateway.app import RunningGateway, running_gateway
from facebook_gateway.key_cache import Learn
from facebook_gateway.settings import GatewaySettings
from tests.support.ingest_recorder import IngestRecorder, recording_server
from tests.support.webhook_bodies import PAGE, SECRET, signed

VERIFY_TOKEN = "canary-verify-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A gateway and the recording server behind it, both on real ports."""

    gateway: RunningGateway
    recorder: IngestRecorder
    client: httpx.AsyncClient

    async def post(self, body: bytes, headers: dict[str, str] | None = None, path: str = "/webhook") -> httpx.Response:
        return await self.client.post(path, content=body, headers=signed(body) if headers is None else headers)

    async def until_readiness(self, status: int) -> None:
        async with asyncio.timeout(10):
            while (await self.client.get("/readyz")).status_code != status:  # noqa: ASYNC110 - HTTP has no event to wait for
                await asyncio.sleep(0.01)


class Edges:
    """Starts gateways; everything it started ends with the test."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def start(self, recorder: IngestRecorder, learn: Learn | None = None, **settings: Any) -> Edge:
        address = await self._stack.enter_async_context(recording_server(recorder))
        return await self.start_gateway(recorder, learn, server=address, **settings)

    async def start_gateway(self, recorder: IngestRecorder, learn: Learn | None = None, **settings: Any) -> Edge:
        loaded = GatewaySettings.load(gateway_listen="127.0.0.1:0", **settings)
        gateway = await self._stack.enter_async_context(running_gateway(loaded, learn=learn))
        client = await self._stack.enter_async_context(httpx.AsyncClient(base_url=gateway.url, timeout=20))
        return Edge(gateway=gateway, recorder=recorder, client=client)


@pytest.fixture
async def edges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Edges]:
    monkeypatch.chdir(tmp_path)
    async with AsyncExitStack() as stack:
        yield Edges(stack)


@pytest.fixture
def recorder() -> IngestRecorder:
    """Knows one app with one page."""
    recorder = IngestRecorder()
    recorder.add_app("555000111222333", [PAGE], secrets=[SECRET], tokens={PAGE: VERIFY_TOKEN})
    return recorder


@pytest.fixture
async def edge(edges: Edges, recorder: IngestRecorder) -> Edge:
    return await edges.start(recorder)
