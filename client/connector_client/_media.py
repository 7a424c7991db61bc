"""Media over gRPC, for processes that do without HTTP: bytes to be sent, and bytes that customers sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import grpc

from connector_client._connection import Connection
from connector_client._errors import ConnectorError, error_of_status
from expertflow.connector.v1.media_service_pb2 import (
    MediaHeader,
    MediaInfo,
    ReadMediaRequest,
    WriteMediaRequest,
    WriteMediaResponse,
)
from expertflow.connector.v1.media_service_pb2_grpc import MediaServiceStub

FRAME_BYTES = 256 * 1024

MEDIA_TIMEOUT_S = 60.0
"""For one medium as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A medium that was read."""

    info: MediaInfo
    data: bytes = field(repr=False)


async def write(connection: Connection, data: bytes, header: MediaHeader, seconds: float) -> WriteMediaResponse:
    """One write. Raises `ConnectorError`."""
    header.size, header.sha256 = len(data), hashlib.sha256(data).hexdigest()
    try:
        stub = MediaServiceStub(connection.channel)
        return await stub.WriteMedia(_frames(header, data), timeout=seconds, metadata=connection.metadata)
    except grpc.aio.AioRpcError as error:
        raise _refusal(error_of_status(error)) from error


async def read(connection: Connection, media_id: str, seconds: float) -> Medium:
    """One read. Raises `ConnectorError`."""
    info, chunks = MediaInfo(), []
    try:
        request = ReadMediaRequest(id=media_id)
        async for frame in MediaServiceStub(connection.channel).ReadMedia(
            request, timeout=seconds, metadata=connection.metadata
        ):
            if frame.WhichOneof("frame") == "info":
                info = frame.info
            else:
                chunks.append(frame.chunk)
    except grpc.aio.AioRpcError as error:
        raise error_of_status(error) from error
    return Medium(info=info, data=b"".join(chunks))


def _refusal(error: ConnectorError) -> ConnectorError:
    # A server refuses a file before it has the whole of it. If that meets a frame on its way, grpc.aio makes of the
    # frame an INTERNAL of its own, and the server's word is lost: only a repeat hears it.
    if error.code is grpc.StatusCode.INTERNAL and not error.reason:
        return ConnectorError(grpc.StatusCode.UNAVAILABLE, "the call ended while the file was being sent")
    return error


def _frames(header: MediaHeader, data: bytes) -> Iterator[WriteMediaRequest]:
    yield WriteMediaRequest(header=header)
    for start in range(0, len(data), FRAME_BYTES):
        yield WriteMediaRequest(chunk=data[start : start + FRAME_BYTES])
