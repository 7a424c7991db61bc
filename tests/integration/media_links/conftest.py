from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import httpx
import pytest

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from facebook_gateway.app import running_gateway
from facebook_gateway.settings import GatewaySettings
from tests.integration.media_links.place import BASE, MovedClock, Place
from tests.support.media_host import running_media_host
from tests.support.webhook_bodies import PAGE, SECRET


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
