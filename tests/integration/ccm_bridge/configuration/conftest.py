from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from ccm_bridge.calls import Admission
from ccm_bridge.configuration.channels import ConfiguredChannels
from ccm_bridge.configuration.routes import PATH, ConfigurationRoute
from ccm_bridge.telemetry import new_metrics
from connector_client import Connection
from expertflow.connector.v1.channel_pb2 import Channel, ChannelState
from facebook_connector.app import RunningServer, running_server
from facebook_connector.settings import ServerSettings
from messenger_sandbox import Page, Person, RunningSandbox, Sandbox, SandboxConfig
from service_runtime import logs
from service_runtime.bodies import BodyReader
from service_runtime.http_server import bound, served
from service_runtime.lifecycle import Tasks
from service_runtime.listen import Address
from service_runtime.metrics import Metrics
from tests.support.ccm_stand_in import push
from tests.support.sandbox_world import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, PSID, VERIFY_TOKEN

MAX_BODY = 100_000
EVERYTHING = {
    "FACEBOOK-HOST-URL": "https://graph.facebook.com/v15.0/",
    "FACEBOOK-API-KEY": PAGE_TOKEN,
    "FACEBOOK-PAGE-ACCESS-TOKEN": VERIFY_TOKEN,
    "FACEBOOK-APP-SECRET": APP_SECRET,
    "FACEBOOK-APP-ID": APP_ID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A route on a real port, and the server behind it."""

    http: httpx.AsyncClient
    channels: ConfiguredChannels
    metrics: Metrics

    async def push(self, values: dict[str, Any], page_id: str = PAGE_ID, **headers: str) -> httpx.Response:
        return await self.http.post(PATH, json=push(page_id, values), headers=headers)

    async def channel(self, page_id: str = PAGE_ID) -> Channel:
        found = await self.channels.find(page_id)
        assert found is not None
        return found

    async def until_state(self, state: str) -> Channel:
        async with asyncio.timeout(20):
            while ChannelState.Name((await self.channel()).state) != f"CHANNEL_STATE_{state}":  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(0.02)
        return await self.channel()


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """Everything that is logged; no secret may ever stand in it."""
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    assert "canary" not in stream.getvalue()


@pytest.fixture
async def facebook() -> AsyncIterator[RunningSandbox]:
    config = SandboxConfig(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        pages=(Page(page_id=PAGE_ID, token=PAGE_TOKEN),),
        people=(Person(psid=PSID, page_id=PAGE_ID),),
    )
    async with Sandbox(config).serve() as running:
        yield running


@pytest.fixture
async def server(
    facebook: RunningSandbox, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningServer]:
    monkeypatch.chdir(tmp_path)
    settings = ServerSettings.load(
        listen="127.0.0.1:0",
        data_dir=tmp_path / "data",
        database_url=database_url,
        secret_keys="k1:" + "A" * 43 + "=",
        graph_url=facebook.base_url,
    )
    async with running_server(settings) as running:
        yield running


@pytest.fixture
async def place(server: RunningServer) -> AsyncIterator[Place]:
    async with served_place(str(server.address)) as opened:
        yield opened


@asynccontextmanager
async def served_place(
    address: str, *, allow_unsigned: bool = False, token: str = "", asking_for: str = ""
) -> AsyncIterator[Place]:
    connection = Connection.open(address, token=token)
    channels = ConfiguredChannels(connection, allow_unsigned=allow_unsigned)
    metrics = new_metrics()
    admission = Admission(bodies=BodyReader(limit_bytes=MAX_BODY), token=SecretStr(asking_for))
    route = ConfigurationRoute(channels=channels, admission=admission, metrics=metrics)
    app = Starlette(routes=[Route(PATH, route.receive, methods=["POST"])])
    with bound(Address(host="127.0.0.1", port=0), setting="TEST") as listener:
        async with Tasks() as tasks, served(app, listener, tasks, grace_s=1):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                yield Place(http=http, channels=channels, metrics=metrics)
    await connection.close()
