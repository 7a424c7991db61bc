"""A whole server of either engine, with its neighbours: operators, a gateway and a contact centre, over its port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from pydantic import SecretStr

from connector_client import ConnectorClient, Received
from expertflow.connector.v1.channel_pb2 import Channel
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest
from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent, QuarantinedItem
from expertflow.connector.v1.ingest_service_pb2 import IngestInboundRequest, IngestItem, IngestOutcome
from expertflow.connector.v1.ingest_service_pb2_grpc import IngestServiceStub
from expertflow.connector.v1.operations_service_pb2 import ListAuditEventsRequest
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceStub
from facebook_connector.app import running_server
from facebook_connector.channels.seal import Keyring
from facebook_connector.services.status import DETAILS_KEY
from facebook_connector.settings import ServerSettings
from service_runtime.clock import Clock
from tests.support.inbound_records import PAGE

if TYPE_CHECKING:
    from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceAsyncStub
    from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceAsyncStub
    from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceAsyncStub

Metadata = tuple[tuple[str, str], ...]

ANNA: Metadata = (("authorization", "Bearer anna-token"),)
BEN: Metadata = (("authorization", "Bearer ben-token"),)
GATEWAY: Metadata = (("authorization", "Bearer gateway-token"),)
CCM: Metadata = (("authorization", "Bearer ccm-token"),)

PATIENCE_S = 10.0
"""How long a test waits for what must come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operators:
    """What `anna` and `ben`, who have tokens of the role operator, can call; and the server's other neighbours."""

    address: str
    channel: grpc.aio.Channel
    operations: OperationsServiceAsyncStub
    channels: ChannelServiceAsyncStub
    connector: ConnectorServiceAsyncStub

    async def add_channel(self, page_id: str = PAGE) -> None:
        await self.channels.CreateChannel(CreateChannelRequest(channel=Channel(page_id=page_id)), metadata=ANNA)

    async def ingest(self, *items: InboundEvent | QuarantinedItem) -> list[str]:
        """What became of each item."""
        request = IngestInboundRequest(
            items=[
                IngestItem(event=item) if isinstance(item, InboundEvent) else IngestItem(quarantined=item)
                for item in items
            ]
        )
        response = await IngestServiceStub(self.channel).IngestInbound(request, metadata=GATEWAY)
        names = [IngestOutcome.Name(result.outcome) for result in response.results]
        return [name.removeprefix("INGEST_OUTCOME_") for name in names]

    async def received(self, count: int, subscription: str = "ccm") -> list[Received]:
        """Reads and acknowledges so many messages, as a contact centre does."""
        found: list[Received] = []
        async with ConnectorClient(self.address, token="ccm-token") as ccm, asyncio.timeout(PATIENCE_S):
            async for message in ccm.inbound(subscription):
                found.append(message)
                await message.ack()
                if len(found) == count:
                    break
        return found

    async def audited(self) -> list[tuple[str, str, str]]:
        """Who did what, oldest first: actor, action, detail."""
        found = await self.operations.ListAuditEvents(ListAuditEventsRequest(), metadata=ANNA)
        return [(event.actor, event.action, event.detail) for event in reversed(found.audit_events)]


@asynccontextmanager
async def running_operators(
    folder: Path, database_url: str, clock: Clock | None = None, **changes: Any
) -> AsyncIterator[Operators]:
    """A server on the database with its other data in `folder`; `changes` are settings."""
    settings = ServerSettings.load(
        data_dir=folder,
        database_url=SecretStr(database_url),
        secret_keys=SecretStr(Keyring.generate().text()),
        operator_tokens=SecretStr("anna:anna-token,ben:ben-token"),
        gateway_tokens=SecretStr("gateway-token"),
        ccm_tokens=SecretStr("ccm-token"),
        listen="127.0.0.1:0",
        **{"graph_url": "http://127.0.0.1:1", **changes},
    )
    async with (
        running_server(settings, clock) as server,
        grpc.aio.insecure_channel(str(server.address)) as channel,
    ):
        yield Operators(
            address=str(server.address),
            channel=channel,
            operations=OperationsServiceStub(channel),
            channels=ChannelServiceStub(channel),
            connector=ConnectorServiceStub(channel),
        )


async def refusal(call: Awaitable[object]) -> tuple[str, error_details_pb2.ErrorInfo]:
    """The status of a call that fails, and the details of why."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    details = dict(raised.value.trailing_metadata() or ())[DETAILS_KEY]
    info = error_details_pb2.ErrorInfo()
    status_pb2.Status.FromString(details).details[0].Unpack(info)
    return raised.value.code().name, info
