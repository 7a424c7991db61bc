"""CCM at its quickest: a stream over the bare stubs that acknowledges each frame of messages with one of its own."""

from __future__ import annotations

from collections.abc import Callable

import grpc.aio

from expertflow.connector.v1 import inbound_pb2 as pb
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub

SUBSCRIPTION = "ccm"

WINDOW = 1_000
"""Messages that may be out at once."""


async def consume(
    server: str,
    client_id: str,
    *,
    received: Callable[[pb.InboundMessages], None] = lambda _: None,
    acknowledged: Callable[[int], None] = lambda _: None,
) -> None:
    """Until cancelled. `acknowledged` is told how many more acknowledgements are confirmed.

    Raises RuntimeError if the server does not take one, and grpc's error if the stream ends.
    """
    async with grpc.aio.insecure_channel(server) as channel:
        call = ConnectorServiceStub(channel).StreamInbound(wait_for_ready=True)
        window = pb.InboundWindow(max_messages=WINDOW)
        start = pb.InboundStart(subscription=SUBSCRIPTION, client_id=client_id, window=window)
        await call.write(StreamInboundRequest(start=start))
        async for frame in call:
            match frame.WhichOneof("frame"):
                case "messages":
                    received(frame.messages)
                    ack_ids = [message.ack_id for message in frame.messages.messages]
                    await call.write(StreamInboundRequest(ack=pb.InboundAck(ack_ids=ack_ids)))
                case "results":
                    if any(result.outcome != pb.ACK_OUTCOME_OK for result in frame.results.results):
                        raise RuntimeError("an acknowledgement was not taken")
                    acknowledged(len(frame.results.results))
                case _:
                    pass
