"""StreamInbound: one task reads what the client sends, the call itself writes what `inbox` has to say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from google.protobuf.message import DecodeError

from expertflow.connector.v1 import inbound_pb2 as pb
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest, StreamInboundResponse
from facebook_connector.delivery import frames
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.values import Subscription
from facebook_connector.errors import ConnectorError
from facebook_connector.inbox.inbox import Inbox
from facebook_connector.inbox.stream import InboundStream
from facebook_connector.services import inbound_frames as wire
from service_runtime.clock import Clock
from service_runtime.lifecycle import first_of

START_WITHIN_S = 10.0
"""How long a client may take to say what it wants."""

Requests = AsyncIterator[StreamInboundRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What `started` repeats to the client."""

    subscription: Subscription
    options: StreamOptions
    server_version: str


async def serve(
    requests: Requests, inbox: Inbox, clock: Clock, server_version: str, *, peer: str
) -> AsyncGenerator[StreamInboundResponse, None]:
    """See `ConnectorService.StreamInbound`. Raises the `ConnectorError` that the call ends with."""
    start = await _start(requests, inbox)
    subscription = await inbox.subscription(start.subscription)
    opening = Opening(
        subscription=subscription, options=wire.read_options(start, subscription), server_version=server_version
    )
    stream = inbox.open_stream(subscription, opening.options, peer)
    reading = asyncio.create_task(_read(requests, stream), name=f"inbound stream {stream.stream_id}")
    try:
        async for frame in stream.frames():
            yield _response(frame, stream, opening, clock)
    finally:
        # Closed first: a call may be cancelled twice, and the second time ends the wait for the reader.
        stream.close()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _start(requests: Requests, inbox: Inbox) -> pb.InboundStart:
    reading = asyncio.create_task(_first(requests), name="inbound stream start")
    try:
        await first_of(asyncio.wait([reading], timeout=START_WITHIN_S), inbox.draining())
        first = reading.result() if reading.done() else None
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    if first is None or first.WhichOneof("frame") != "start":
        raise _misuse("STREAM_START_MISSING", "The first frame must be `start`, within 10 seconds.")
    return first.start


async def _first(requests: Requests) -> StreamInboundRequest | None:
    return await anext(requests, None)


async def _read(requests: Requests, stream: InboundStream) -> None:
    try:
        async for request in requests:
            _take(request, stream)
            await stream.room()
    except ConnectorError as error:
        stream.fail(error)
    except DecodeError:
        # Without this the reader would die alone, and the call go on with a client that is no longer heard.
        stream.fail(_misuse("FRAME_EMPTY", "A frame cannot be read."))
    else:
        stream.half_close()


def _take(request: StreamInboundRequest, stream: InboundStream) -> None:
    frame = request.WhichOneof("frame")
    if frame is None:
        raise _misuse("FRAME_EMPTY", "A frame holds nothing that this server knows.")
    READERS[frame](getattr(request, frame), stream)


def _started_twice(_start: pb.InboundStart, _stream: InboundStream) -> None:
    raise _misuse("STREAM_STARTED_TWICE", "`start` comes once, as the first frame.")


def _misuse(reason: str, message: str) -> ConnectorError:
    return ConnectorError(reason, message, metadata={"method": "StreamInbound"})


def _ack(ack: pb.InboundAck, stream: InboundStream) -> None:
    stream.acknowledge(wire.read_ids(ack.ack_ids, "ack.ack_ids"))


def _nack(nack: pb.InboundNack, stream: InboundStream) -> None:
    stream.nack(wire.read_ids(nack.ack_ids, "nack.ack_ids"), wire.read_nack(nack))


def _extend(extend: pb.InboundExtend, stream: InboundStream) -> None:
    stream.extend(
        wire.read_ids(extend.ack_ids, "extend.ack_ids"), wire.read_extension(extend.duration, "extend.duration")
    )


def _window(window: pb.InboundWindow, stream: InboundStream) -> None:
    if (present := stream.window) is not None:
        stream.resize(wire.read_window(window, present))


def _ping(ping: pb.InboundPing, stream: InboundStream) -> None:
    stream.ping(wire.read_nonce(ping))


READERS: Mapping[str, Callable[[Any, InboundStream], None]] = MappingProxyType(
    {
        "start": _started_twice,
        "ack": _ack,
        "nack": _nack,
        "extend": _extend,
        "window": _window,
        "ping": _ping,
    }
)
"""What each frame of the client does; a test compares it with the proto."""


def _response(frame: frames.Frame, stream: InboundStream, opening: Opening, clock: Clock) -> StreamInboundResponse:
    if isinstance(frame, frames.Started):
        return _started(frame, stream, opening)
    if isinstance(frame, frames.Pong):
        return wire.pong_frame(frame, clock.now_ms())
    return wire.WRITERS[type(frame)](frame)


def _started(frame: frames.Started, stream: InboundStream, opening: Opening) -> StreamInboundResponse:
    options = opening.options
    kinds = sorted(options.kinds or opening.subscription.kinds)
    return StreamInboundResponse(
        started=pb.InboundStarted(
            subscription=opening.subscription.name,
            client_id=options.client_id,
            stream_id=str(stream.stream_id),
            page_ids=sorted(options.page_ids),
            kinds=[cast("pb.EventKind", kind) for kind in kinds],
            ack_deadline=wire.duration(options.ack_deadline_ms),
            window=pb.InboundWindow(max_messages=frame.window.messages, max_bytes=frame.window.bytes),
            held_results=wire.ack_results(frame.held),
            server_version=opening.server_version,
        )
    )
