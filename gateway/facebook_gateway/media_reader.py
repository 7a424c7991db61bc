"""The gateway's side of `MediaService.ReadMedia`: the bytes behind a link, and what refusals mean to a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import grpc
from google.rpc import error_details_pb2, status_pb2

from expertflow.connector.v1.media_service_pb2 import MediaInfo, ReadMediaRequest
from expertflow.connector.v1.media_service_pb2_grpc import MediaServiceStub

READ_TIMEOUT_S: Final = 300.0
"""For a whole medium, also over a slow line: 25 MiB in 5 minutes."""

DETAILS_KEY: Final = "grpc-status-details-bin"


class MediaUnavailableError(Exception):
    """The server gives no bytes. `status` is what to answer, `reason` why, for people."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Medium:
    """A medium that is being read."""

    def __init__(self, info: MediaInfo, chunks: AsyncIterator[bytes]) -> None:
        self.info = info
        self.chunks = chunks


class MediaReader:
    """Reads media over a channel to the server."""

    def __init__(self, channel: grpc.aio.Channel, token: str) -> None:
        self._stub = MediaServiceStub(channel)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    async def look(self, media_id: str) -> MediaInfo:
        """What the medium is. Raises `MediaUnavailableError`."""
        async with self.open(media_id, 0, 0) as medium:
            return medium.info

    @asynccontextmanager
    async def open(self, media_id: str, offset: int, length: int | None) -> AsyncIterator[Medium]:
        """The medium, and `length` of its bytes (None: all) from `offset` on. Raises `MediaUnavailableError`.

        Raises it while the bytes are read, too, if the server is lost then.
        """
        request = ReadMediaRequest(id=media_id, offset=offset, length=length)
        call = self._stub.ReadMedia(request, timeout=READ_TIMEOUT_S, metadata=self._metadata)
        frames = aiter(call)
        try:
            first = await anext(frames)
            yield Medium(first.info, _chunks(frames))
        except grpc.aio.AioRpcError as error:
            raise _unavailable(error) from error
        finally:
            call.cancel()


async def _chunks(frames: AsyncIterator[object]) -> AsyncIterator[bytes]:
    async for frame in frames:
        yield getattr(frame, "chunk", b"")


def _unavailable(error: grpc.aio.AioRpcError) -> MediaUnavailableError:
    info = _error_info(error)
    match info.reason:
        case "MEDIA_NOT_FOUND":
            return MediaUnavailableError(404, "There is no such medium, or it is not kept any more.")
        case "MEDIA_FAILED":
            return MediaUnavailableError(410, f"There are no bytes of this medium: {info.metadata['cause']}.")
        case "MEDIA_PENDING":
            return MediaUnavailableError(503, "The medium is still being fetched.")
        case _:
            return MediaUnavailableError(503, "The medium cannot be read at present.")


def _error_info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    """The `ErrorInfo` of a failed call; an empty one if it has none, as when the server cannot be reached."""
    info = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Unpack(info):
                    return info
    return info
