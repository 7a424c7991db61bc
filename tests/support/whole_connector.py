"""Gateway, server and database on real ports in this process, with pages set up; a test is Facebook and CCM."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
from sqlalchemy import select

from connector_client import ConnectorClient, Received
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from facebook_connector.app import running_server
from facebook_connector.settings import ServerSettings
from facebook_connector.store.database import open_database
from facebook_connector.store.schema import dedupe, event, quarantine
from facebook_gateway.app import running_gateway
from facebook_gateway.settings import GatewaySettings
from tests.support.webhook_bodies import SECRET, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeConnector:
    """Where it listens."""

    server: str
    webhook: str

    async def post(self, body: bytes) -> int:
        async with httpx.AsyncClient(timeout=30) as facebook:
            return (await facebook.post(self.webhook, content=body, headers=signed(body))).status_code

    async def received(self, count: int) -> list[Received]:
        """So many messages, acknowledged."""
        found = []
        async with ConnectorClient(self.server) as ccm:
            async for received in ccm.inbound("ccm"):
                found.append(received)
                acknowledged = received.ack()
                if len(found) == count:
                    await acknowledged
                    return found
        raise AssertionError("the stream ended")


@asynccontextmanager
async def whole_connector(database_url: str, folder: Path, pages: Iterable[str]) -> AsyncIterator[WholeConnector]:
    settings = ServerSettings.load(
        listen="127.0.0.1:0", data_dir=folder, database_url=database_url, secret_keys="k1:" + "A" * 43 + "="
    )
    async with running_server(settings) as server:
        await _add_pages(str(server.address), pages)
        edge = GatewaySettings.load(gateway_listen="127.0.0.1:0", server=str(server.address))
        async with running_gateway(edge) as gateway:
            yield WholeConnector(server=str(server.address), webhook=f"{gateway.url}/webhook")


async def _add_pages(server: str, pages: Iterable[str]) -> None:
    secrets = ChannelSecrets(page_access_token="canary-token", app_secrets=[SECRET], verify_token="canary")
    async with grpc.aio.insecure_channel(server) as channel:
        for page in pages:
            # With a request id it is no error that a kept database has the page.
            request = CreateChannelRequest(
                channel=Channel(page_id=page, app_id="555"), secrets=secrets, request_id=f"add {page}"
            )
            await ChannelServiceStub(channel).CreateChannel(request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a database holds of all that was posted."""

    events: list[bytes]
    dedupe_keys: set[tuple[str, str]]
    """By page."""
    quarantined: list[bytes]


async def kept(database_url: str) -> Kept:
    """Looks into the database; the server must not run, for an embedded one belongs to it alone."""
    async with open_database(database_url) as database:
        seen = await database.read(
            lambda transaction: transaction.execute(select(dedupe.c.page_id, dedupe.c.dedupe_key)).all()
        )
        events = await database.read(lambda transaction: transaction.execute(select(event.c.raw)).scalars().all())
        refused = await database.read(lambda transaction: transaction.execute(select(quarantine.c.raw)).scalars().all())
    return Kept(events=list(events), dedupe_keys={(row[0], row[1]) for row in seen}, quarantined=list(refused))
