"""MediaService: reads kept media. `WriteMedia` comes later and is UNIMPLEMENTED."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc

from expertflow.connector.v1 import media_service_pb2 as pb
from expertflow.connector.v1.media_service_pb2_grpc import MediaServiceServicer
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.media.kept import KeptMedia
from facebook_connector.services.inbound_frames import timestamp
from facebook_connector.store.media_values import MediaRow

Context = grpc.aio.ServicerContext[Any, Any]


class MediaServicer(MediaServiceServicer):
    """Raises `ConnectorError` and `StoreUnavailable` for the interceptor."""

    def __init__(self, media: KeptMedia) -> None:
        self._media = media

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
        async for chunk in self._media.read(row.media_id, request.offset, length):
            yield pb.ReadMediaResponse(chunk=chunk)


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
