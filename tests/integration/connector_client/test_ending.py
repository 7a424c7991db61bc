from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

import grpc

from connector_client._ending import MASK, Ending
from expertflow.connector.v1.connector_service_pb2 import SendMessagesRequest, SendMessagesResponse
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from tests.support.scripted_connector import ScriptedConnector, Wire, serving

ROUNDS = 40


async def refuses(wire: Wire) -> None:
    await wire.read()
    await wire.refuse(grpc.StatusCode.ABORTED, "another process uses the client id")


async def write_on_and_on(call: grpc.aio.StreamStreamCall[SendMessagesRequest, SendMessagesResponse]) -> None:
    with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        while True:
            await call.write(SendMessagesRequest())


async def test_the_servers_status_survives_a_write_that_meets_the_end_of_the_call() -> None:
    seen, told = Counter[str | None](), Counter[grpc.StatusCode]()

    async with (
        serving(ScriptedConnector(*[refuses] * ROUNDS)) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        for _ in range(ROUNDS):
            call = ConnectorServiceStub(channel).SendMessages()
            ending = Ending(call)
            writer = asyncio.create_task(write_on_and_on(call))
            try:
                async for _ in call:
                    """The server says nothing but its status."""
            except grpc.aio.AioRpcError as error:
                seen[error.details()] += 1
                told[(await ending.of(error)).code] += 1
            await writer

    assert told == {grpc.StatusCode.ABORTED: ROUNDS}
    assert seen[MASK], "grpc.aio shows the true status by itself now: Ending can go"
