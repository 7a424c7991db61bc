"""A file of which the server does not want to hear the end, against a server that follows a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from connector_client import ConnectorClient, ConnectorError
from expertflow.connector.v1 import media_service_pb2
from expertflow.connector.v1.media_service_pb2 import WriteMediaRequest, WriteMediaResponse

SERVICE = media_service_pb2.DESCRIPTOR.services_by_name["MediaService"].full_name


@asynccontextmanager
async def client_of_a_server_that_ends_calls_with(*codes: grpc.StatusCode) -> AsyncIterator[ConnectorClient]:
    """In this order; after them it takes files."""
    left = list(codes)

    async def write(frames: AsyncIterator[WriteMediaRequest], context: Any) -> WriteMediaResponse:
        if left:
            await context.abort(left.pop(0))
        async for _ in frames:
            pass
        return WriteMediaResponse(media_url="http://127.0.0.1/media/written-1")

    handler = grpc.stream_unary_rpc_method_handler(
        write,
        request_deserializer=WriteMediaRequest.FromString,
        response_serializer=WriteMediaResponse.SerializeToString,
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {"WriteMedia": handler})])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with ConnectorClient(f"127.0.0.1:{port}") as client:
            yield client
    finally:
        await server.stop(None)


async def test_what_the_library_makes_of_a_frame_that_came_too_late_is_no_answer() -> None:
    async with client_of_a_server_that_ends_calls_with(grpc.StatusCode.INTERNAL) as client:
        written = await client.write_media(b"bytes", file_name="a.bin")

    assert written.media_url == "http://127.0.0.1/media/written-1"


async def test_what_the_server_says_is() -> None:
    async with client_of_a_server_that_ends_calls_with(grpc.StatusCode.FAILED_PRECONDITION) as client:
        with pytest.raises(ConnectorError) as refused:
            await client.write_media(b"bytes", file_name="a.bin")

    assert refused.value.code is grpc.StatusCode.FAILED_PRECONDITION
