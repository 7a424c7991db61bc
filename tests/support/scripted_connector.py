"""A ConnectorService on a real port that plays scripts: one for each connection, in order.

It plays what a healthy server does not do when told to: restarts, silence, refusals.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from expertflow.cim.v1 import message_pb2
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.connector_service_pb2 import (
    SendMessagesRequest,
    SendMessagesResponse,
    StreamInboundRequest,
    StreamInboundResponse,
)


class Wire:
    """The server's end of one stream call."""

    def __init__(self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext[Any, Any]) -> None:
        self.frames = requests
        self._context = context

    async def read(self) -> Any:
        """The next frame; raises StopAsyncIteration after the client half-closed."""
        return await anext(self.frames)

    async def half_closed(self) -> None:
        """Waits until the client has said all."""
        async for _ in self.frames:
            pass

    async def send(self, frame: Any) -> None:
        await self._context.write(frame)

    async def refuse(self, code: grpc.StatusCode, message: str = "as the script says") -> None:
        await self._context.abort(code, message)

    async def start(self, *, ack_deadline_ms: int = 30_000, held: int = inbound_pb2.ACK_OUTCOME_OK) -> Any:
        """Reads the start frame and confirms it, all held leases with the same outcome; returns the frame."""
        frame: StreamInboundRequest = await self.read()
        deadline = Duration()
        deadline.FromMilliseconds(ack_deadline_ms)
        results = [
            inbound_pb2.AckResult(ack_id=ack_id, outcome=inbound_pb2.AckOutcome.Name(held))
            for ack_id in frame.start.held_ack_ids
        ]
        started = inbound_pb2.InboundStarted(ack_deadline=deadline, held_results=results)
        await self.send(StreamInboundResponse(started=started))
        return frame.start

    async def deliver(self, *ack_ids: str) -> None:
        """One message for each ack id, in one frame; its id is `cim-<ack id>`."""
        messages = [
            inbound_pb2.ReceivedMessage(
                ack_id=ack_id,
                message=message_pb2.CimMessage(id=f"cim-{ack_id}"),
                ordering_key=f"1001/{ack_id}",
                kind="EVENT_KIND_MESSAGE",
                delivery_attempt=1,
            )
            for ack_id in ack_ids
        ]
        await self.send(StreamInboundResponse(messages=inbound_pb2.InboundMessages(messages=messages)))

    async def answer(self, ack_ids: Iterable[str], outcome: int = inbound_pb2.ACK_OUTCOME_OK) -> None:
        results = [
            inbound_pb2.AckResult(ack_id=ack_id, outcome=inbound_pb2.AckOutcome.Name(outcome)) for ack_id in ack_ids
        ]
        await self.send(StreamInboundResponse(results=inbound_pb2.InboundResults(results=results)))

    async def close(self, *, reconnect_after_ms: int | None) -> None:
        """Sends the closing frame; the status is the script's to give."""
        closing = inbound_pb2.InboundClosing(reason="CLOSING_REASON_DRAINING")
        if reconnect_after_ms is not None:
            closing.reconnect_after.FromMilliseconds(reconnect_after_ms)
        await self.send(StreamInboundResponse(closing=closing))


Script = Callable[[Wire], Awaitable[None]]


class ScriptedConnector:
    """Every connection takes the next script; one more than there are is refused as NOT_FOUND."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = deque(scripts)
        self.metadata: dict[str, str | bytes] = {}
        """Of the latest connection."""

    @property
    def handler(self) -> grpc.GenericRpcHandler:
        inbound = grpc.stream_stream_rpc_method_handler(
            self._play, StreamInboundRequest.FromString, StreamInboundResponse.SerializeToString
        )
        sends = grpc.stream_stream_rpc_method_handler(
            self._play, SendMessagesRequest.FromString, SendMessagesResponse.SerializeToString
        )
        return grpc.method_handlers_generic_handler(
            "expertflow.connector.v1.ConnectorService", {"StreamInbound": inbound, "SendMessages": sends}
        )

    async def _play(self, requests: Any, context: Any) -> None:
        self.metadata = dict(context.invocation_metadata() or ())
        wire = Wire(requests, context)
        if not self.scripts:
            await wire.refuse(grpc.StatusCode.NOT_FOUND, "the script has ended")
        await self.scripts.popleft()(wire)


@asynccontextmanager
async def serving(connector: ScriptedConnector, listen: str = "127.0.0.1:0") -> AsyncIterator[str]:
    """Yields the address."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([connector.handler])
    port = server.add_insecure_port(listen)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
