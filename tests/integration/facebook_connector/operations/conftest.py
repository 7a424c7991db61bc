from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from expertflow.connector.v1.inbound_pb2 import ReceivedMessage
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceStub
from facebook_connector.channels.seal import Keyring
from facebook_connector.settings import ServerSettings
from tests.support.inbound_wire import OK, Wire, running_wire
from tests.support.operators import Operators, running_operators

if TYPE_CHECKING:
    from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceAsyncStub


@pytest.fixture
async def operators(tmp_path: Path, database_url: str) -> AsyncIterator[Operators]:
    async with running_operators(tmp_path / "data", database_url) as running:
        yield running


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """A server without tokens: the operator's calls, and the wire on which their effects are seen."""

    operations: OperationsServiceAsyncStub
    wire: Wire

    async def delivered(self, subscription: str, count: int) -> list[ReceivedMessage]:
        """The next so many messages of a subscription, each acknowledged; fails if another one is there by then."""
        delivered: list[ReceivedMessage] = []
        async with self.wire.stream(f"reader-of-{subscription}", subscription=subscription) as stream:
            while len(delivered) < count:
                received = await stream.messages()
                delivered += received
                await stream.ack(*received)
            assert set((await stream.results()).values()) == {OK}
            await stream.nothing_before_pong()
        return delivered

    async def ids(self, subscription: str, count: int) -> list[str]:
        """Their ids."""
        return [received.message.id for received in await self.delivered(subscription, count)]


@pytest.fixture
async def console(tmp_path: Path, database_url: str) -> AsyncIterator[Console]:
    settings = ServerSettings.load(
        data_dir=tmp_path / "data",
        database_url=SecretStr(database_url),
        secret_keys=SecretStr(Keyring.generate().text()),
        listen="127.0.0.1:0",
        graph_url="http://127.0.0.1:1",
        profiles=False,
    )
    async with running_wire(settings) as wire:
        yield Console(operations=OperationsServiceStub(wire.channel), wire=wire)
