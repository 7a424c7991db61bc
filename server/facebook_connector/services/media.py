"""MediaService: reads kept media, and takes media that are to be sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc

from expertflow.connector.v1 import media_service_pb2 as pb
from expertflow.connector.v1.media_service_pb2_grpc import MediaServiceServicer
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.media.kept import KeptMedia
from facebook_connector.media.written import MAX_CHUNK, Announced, WrittenMedia
from facebook_connector.store.media.values import MediaRow
from facebook_connector.timestamps import timestamp

Context = grpc.aio.ServicerContext[Any, Any]


class MediaServicer(MediaServiceServicer):
    """Raises `ConnectorError` and `StoreUnavailable` for the interceptor."""

    def __init__(self, media: KeptMedia, written: WrittenMedia) -> None:
        self._media = media
        self._written = written

    async def ReadMedia(self, request: pb.ReadMediaRequest, context: Context) -> AsyncIterator[pb.ReadMediaResponse]:
        del context
        if request.length < 0:
            raise _negative("length")
        row = await self._media.look(request.id)
        size = row.size or 0
        if not 0 <= request.offset <= size:
            raise ConnectorError(
                "MEDIA_OFFSET_OUT_OF_RANGE",
                f"The medium has {size} bytes.",
                metadata={"media_id": row.media_id, "offset": str(request.offset), "size": str(size)},
            )
        left = size - request.offset
        length = min(request.length, left) if request.HasField("length") else left
        yield pb.ReadMediaResponse(info=_info(row))
        async for chunk in self._media.read(row, request.offset, length):
            yield pb.ReadMediaResponse(chunk=chunk)

    async def WriteMedia(
        self, request_iterator: AsyncIterator[pb.WriteMediaRequest], context: Context
    ) -> pb.WriteMediaResponse:
        del context
        frames = aiter(request_iterator)
        written = await self._written.write(_announced(await anext(frames, None)), _chunks(frames))
        info = pb.MediaInfo(
            id=written.media_id,
            mime_type=written.medium.mime_type,
            size=written.medium.size or 0,
            file_name=written.medium.name,
            sha256=written.medium.sha256 or "",
            create_time=timestamp(written.create_time_ms),
            expire_time=timestamp(written.expire_time_ms),
        )
        return pb.WriteMediaResponse(media_url=written.media_url, info=info)


def _announced(frame: pb.WriteMediaRequest | None) -> Announced:
    if frame is None or frame.WhichOneof("frame") != "header":
        raise _misuse("STREAM_START_MISSING", "The first frame must be `header`.")
    header = frame.header
    return Announced(
        file_name=header.file_name,
        mime_type=header.mime_type,
        size=header.size if header.HasField("size") else None,
        sha256=header.sha256,
    )


async def _chunks(frames: AsyncIterator[pb.WriteMediaRequest]) -> AsyncIterator[bytes]:
    async for frame in frames:
        match frame.WhichOneof("frame"):
            case "chunk":
                if len(frame.chunk) > MAX_CHUNK:
                    description = f"must be at most {MAX_CHUNK} bytes"
                    violation = FieldViolation(field="chunk", description=description)
                    raise ConnectorError(
                        "INVALID_FIELD", f"chunk {description}.", metadata={"field": "chunk"}, violations=(violation,)
                    )
                yield frame.chunk
            case "header":
                raise _misuse("STREAM_STARTED_TWICE", "`header` comes once, as the first frame.")
            case _:
                raise _misuse("FRAME_EMPTY", "A frame holds nothing that this server knows.")


def _misuse(reason: str, message: str) -> ConnectorError:
    return ConnectorError(reason, message, metadata={"method": "WriteMedia"})


def _info(row: MediaRow) -> pb.MediaInfo:
    return pb.MediaInfo(
        id=row.media_id,
        mime_type=row.mime_type,
        size=row.size or 0,
        file_name=row.name,
        sha256=row.sha256 or "",
        create_time=timestamp(row.settle_time_ms or 0),
        expire_time=timestamp(row.expire_time_ms or 0),
    )


def _negative(field: str) -> ConnectorError:
    return ConnectorError(
        "INVALID_FIELD",
        f"{field} must not be negative.",
        metadata={"field": field},
        violations=(FieldViolation(field=field, description="must not be negative"),),
    )
