"""A whole server of either engine, and operators that call it over its port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from pydantic import SecretStr

from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceStub
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceStub
from facebook_connector.app import running_server
from facebook_connector.channels.seal import Keyring
from facebook_connector.services.status import DETAILS_KEY
from facebook_connector.settings import ServerSettings
from service_runtime.clock import Clock

if TYPE_CHECKING:
    from expertflow.connector.v1.channel_service_pb2_grpc import ChannelServiceAsyncStub
    from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceAsyncStub

Metadata = tuple[tuple[str, str], ...]

ANNA: Metadata = (("authorization", "Bearer anna-token"),)
BEN: Metadata = (("authorization", "Bearer ben-token"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operators:
    """What `anna` and `ben`, who have tokens of the role operator, can call."""

    address: str
    operations: OperationsServiceAsyncStub
    channels: ChannelServiceAsyncStub


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
        listen="127.0.0.1:0",
        **{"graph_url": "http://127.0.0.1:1", **changes},
    )
    async with (
        running_server(settings, clock) as server,
        grpc.aio.insecure_channel(str(server.address)) as channel,
    ):
        yield Operators(
            address=str(server.address),
            operations=OperationsServiceStub(channel),
            channels=ChannelServiceStub(channel),
        )


async def refusal(call: Awaitable[object]) -> tuple[str, error_details_pb2.ErrorInfo]:
    """The status of a call that fails, and the details of why."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    details = dict(raised.value.trailing_metadata() or ())[DETAILS_KEY]
    info = error_details_pb2.ErrorInfo()
    status_pb2.Status.FromString(details).details[0].Unpack(info)
    return raised.value.code().name, info
