"""A small CCM on the inbound stream: what it reads and answers is the desk's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connector_cli.demo.desk import Desk
from connector_cli.demo.reading import Arrival
from connector_cli.demo.stage import Stage
from connector_client import AckOutcome, ConnectorClient, ConnectorError, Received, SendState
from expertflow.cim.v1 import message_pb2
from service_runtime.lifecycle import Tasks, first_of

SUBSCRIPTION = "ccm"


@asynccontextmanager
async def by_stream(stage: Stage, desk: Desk, tasks: Tasks) -> AsyncIterator[None]:
    """The contact centre reads the stream while the block runs."""
    server, token = str(stage.server.address), stage.secrets.ccm
    async with ConnectorClient(server, token=token, client_id="demo-ccm") as client:
        tasks.start("demo ccm", StreamCcm(client, desk).run())
        yield


class StreamCcm:
    """Conversations run side by side; within one the next message comes after the ack."""

    def __init__(self, client: ConnectorClient, desk: Desk) -> None:
        self._client = client
        self._desk = desk

    async def run(self) -> None:
        """Serves until cancelled."""
        async with Tasks() as tasks:
            await first_of(self._read(tasks), tasks.failure())

    async def _read(self, tasks: Tasks) -> None:
        async for received in self._client.inbound(SUBSCRIPTION):
            tasks.start(f"demo ccm {received.ordering_key}", self._serve(received))

    async def _serve(self, received: Received) -> None:
        arrival = Arrival(message=received.message, context=received.context)
        await self._desk.reads(arrival, self._send)
        if await received.ack() is AckOutcome.OK:
            self._desk.has_acknowledged(arrival)

    async def _send(self, message: message_pb2.CimMessage) -> str:
        try:
            response = await self._client.send(message)
        except ConnectorError as error:
            return f"was refused: {error}"
        if SendState(response.state) is not SendState.SENT:
            return f"is {SendState(response.state).name} {response.failure.detail}".rstrip()
        return ""
