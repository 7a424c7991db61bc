"""Inbound streams of the client, against a server that follows a script."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import grpc

from connector_client import Received
from connector_client._backoff import Backoff
from connector_client._inbound import InboundStream, Pace
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from tests.support.scripted_connector import Script, ScriptedConnector, Wire, serving

QUICK = Pace(backoff=Backoff(first=0.01, cap=0.01), random=lambda: 0.0)
START = inbound_pb2.InboundStart(subscription="ccm", client_id="ccm-1")
DONE = grpc.StatusCode.FAILED_PRECONDITION
"""Ends a script with a status the client does not come back from."""


async def rest(wire: Wire) -> None:
    """The end of a script in which the client leaves: give-backs are answered until it half-closes."""
    async for frame in wire.frames:
        await wire.answer(frame.nack.ack_ids)


@asynccontextmanager
async def listening(*scripts: Script, pace: Pace = QUICK) -> AsyncGenerator[AsyncGenerator[Received, None], None]:
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(ScriptedConnector(*scripts)))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(address))
        stub = ConnectorServiceStub(channel)
        stream = InboundStream(stub.StreamInbound, START, pace)
        yield await stack.enter_async_context(aclosing(stream.messages()))
