"""Baseline: the bare grpc.aio server of a service that does nothing: each reply is SENT as soon as it is read.

    python -m benchmarks.baselines.grpc_echo ADDRESS

Says `ready` once it listens.
"""

from __future__ import annotations

import sys

import grpc.aio
import uvloop

from expertflow.connector.v1.connector_service_pb2 import SendMessageRequest, SendMessageResponse
from expertflow.connector.v1.outbound_pb2 import SEND_STATE_SENT

SERVICE = "expertflow.connector.v1.ConnectorService"


async def echo(request: SendMessageRequest, _context: object) -> SendMessageResponse:
    """What the caller wants to hear."""
    return SendMessageResponse(id=request.message.id, state=SEND_STATE_SENT)


async def main(address: str) -> None:
    """Serves until it is killed."""
    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(
        echo, SendMessageRequest.FromString, SendMessageResponse.SerializeToString
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"SendMessage": method}),))
    server.add_insecure_port(address)
    await server.start()
    print("ready", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
