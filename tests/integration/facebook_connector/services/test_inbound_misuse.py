"""Streams that are opened or used as they must not be: each fault ends its stream and says why."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from expertflow.connector.v1 import inbound_pb2 as pb
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest
from facebook_connector.services import inbound_stream
from tests.support.inbound_wire import Ended, StreamCall, Wire

INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("start", "reason", "field"),
    [
        ({"client_id": ""}, "INVALID_FIELD", "start.client_id"),
        ({"client_id": "a b"}, "INVALID_FIELD", "start.client_id"),
        ({"client_id": "a" * 129}, "INVALID_FIELD", "start.client_id"),
        ({"page_ids": ["1"] * 1001}, "INVALID_FIELD", "start.page_ids"),
        ({"kinds": [pb.EVENT_KIND_PAGE_EVENT]}, "INVALID_FIELD", "start.kinds"),
        ({"kinds": [pb.EVENT_KIND_UNSPECIFIED]}, "INVALID_FIELD", "start.kinds"),
        ({"held_ack_ids": ["x"] * 10_001}, "INVALID_FIELD", "start.held_ack_ids"),
        ({"ack_deadline": Duration(seconds=9)}, "LIMIT_OUT_OF_RANGE", "start.ack_deadline"),
        ({"ack_deadline": Duration(seconds=601)}, "LIMIT_OUT_OF_RANGE", "start.ack_deadline"),
        ({"window": pb.InboundWindow(max_messages=0)}, "LIMIT_OUT_OF_RANGE", "start.window.max_messages"),
        ({"window": pb.InboundWindow(max_bytes=1 << 27)}, "LIMIT_OUT_OF_RANGE", "start.window.max_bytes"),
    ],
)
async def test_a_start_out_of_bounds_is_refused(wire: Wire, start: dict[str, Any], reason: str, field: str) -> None:
    opening = pb.InboundStart(**{"subscription": "ccm", "client_id": "ccm-0", **start})
    async with StreamCall(wire.channel, wire.clock, None) as stream:
        await stream.send(start=opening)
        end = await stream.ended()

    assert (end.code, end.reason, end.fields) == (INVALID, reason, (field,))


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ({"start": pb.InboundStart(subscription="ccm", client_id="x")}, "STREAM_STARTED_TWICE"),
        ({}, "FRAME_EMPTY"),
        ({"ack": pb.InboundAck()}, "INVALID_FIELD"),
        ({"ack": pb.InboundAck(ack_ids=["x"] * 10_001)}, "INVALID_FIELD"),
        ({"nack": pb.InboundNack(ack_ids=["x"], delay=Duration(seconds=601))}, "LIMIT_OUT_OF_RANGE"),
        ({"extend": pb.InboundExtend(ack_ids=["x"])}, "LIMIT_OUT_OF_RANGE"),
        ({"extend": pb.InboundExtend(ack_ids=["x"], duration=Duration(seconds=601))}, "LIMIT_OUT_OF_RANGE"),
        ({"window": pb.InboundWindow(max_messages=10_001)}, "LIMIT_OUT_OF_RANGE"),
        ({"ping": pb.InboundPing(nonce="n" * 129)}, "INVALID_FIELD"),
    ],
)
async def test_misuse_ends_the_stream(wire: Wire, frame: dict[str, Any], reason: str) -> None:
    async with wire.stream() as stream:
        await stream.send(**frame)
        end = await stream.ended()

    assert (end.code, end.reason) == (INVALID, reason)
    assert reason not in {"STREAM_STARTED_TWICE", "FRAME_EMPTY"} or end.metadata == {"method": "StreamInbound"}


async def test_a_frame_that_is_no_protobuf_ends_the_stream(wire: Wire) -> None:
    call: Any = wire.channel.stream_stream("/expertflow.connector.v1.ConnectorService/StreamInbound")()
    start = StreamInboundRequest(start=pb.InboundStart(subscription="ccm", client_id="ccm-0"))
    await call.write(start.SerializeToString())
    await call.read()

    await call.write(b"\xff\xff\xff\xff")

    async with asyncio.timeout(10):
        assert await call.code() is INVALID


async def test_a_stream_that_does_not_start_is_ended(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound_stream, "START_WITHIN_S", 0.05)
    async with StreamCall(wire.channel, wire.clock, None) as silent:
        end = await silent.ended()
    async with StreamCall(wire.channel, wire.clock, None) as impolite:
        await impolite.send(ping=pb.InboundPing())
        other_end = await impolite.ended()

    assert end == other_end == Ended(INVALID, "STREAM_START_MISSING", {"method": "StreamInbound"})


async def test_an_unknown_subscription_is_not_found(wire: Wire) -> None:
    async with StreamCall(wire.channel, wire.clock, None) as stream:
        await stream.send(start=pb.InboundStart(subscription="crm", client_id="ccm-0"))

        assert await stream.ended() == Ended(
            grpc.StatusCode.NOT_FOUND, "SUBSCRIPTION_NOT_FOUND", {"subscription": "crm"}
        )


def test_every_frame_of_the_client_has_a_reader() -> None:
    frames = {field.name for field in StreamInboundRequest.DESCRIPTOR.oneofs_by_name["frame"].fields}

    assert set(inbound_stream.READERS) == frames
