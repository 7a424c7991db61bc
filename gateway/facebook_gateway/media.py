"""The media route: `GET` and `HEAD /media/{id}`, with ranges, for browsers of agents and for CCM.

What customers send is foreign: no browser may take it for anything but what its bytes are, nor run anything in it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from expertflow.connector.v1.media_service_pb2 import MediaInfo
from facebook_gateway.media_reader import MediaReader, MediaUnavailableError
from facebook_gateway.telemetry import MEDIA
from service_runtime.metrics import Metrics

RETRY_AFTER_S: Final = 5

SHOWN: Final = ("image/", "audio/", "video/")
"""Families that a browser may show; anything else is a download."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """The bytes to answer with, of so many."""

    offset: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        """As RFC 9110 writes it."""
        return f"bytes {self.offset}-{self.offset + self.length - 1}/{self.size}"


class RangeNotSatisfiableError(Exception):
    """The range lies behind the last byte."""


class MediaRoute:
    """Serves media that the server keeps."""

    def __init__(self, reader: MediaReader, metrics: Metrics) -> None:
        self._reader = reader
        self._metrics = metrics

    async def serve(self, request: Request) -> Response:
        """200, 206, 304, 404, 410, 416 or 503."""
        response = await self._served(request)
        self._metrics.count(MEDIA, status=str(response.status_code))
        return response

    async def _served(self, request: Request) -> Response:
        media_id = request.path_params["media_id"]
        if not _ID.fullmatch(media_id):
            return _failure(404, "There is no such medium.")
        try:
            info = await self._reader.look(media_id)
            if _etag(info) in _tags(request.headers.get("if-none-match", "")):
                return Response(status_code=304, headers=_caching(info))
            part = requested(request.headers.get("range", ""), info.size) if _range_holds(request, info) else None
            return await self._answer(request, info, part)
        except RangeNotSatisfiableError:
            return Response(status_code=416, headers={"content-range": f"bytes */{info.size}"})
        except MediaUnavailableError as error:
            return _failure(error.status, error.reason)

    async def _answer(self, request: Request, info: MediaInfo, part: ByteRange | None) -> Response:
        headers = headers_of(info)
        headers["content-length"] = str(info.size if part is None else part.length)
        if part is not None:
            headers["content-range"] = part.content_range
        status = 200 if part is None else 206
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        return StreamingResponse(await self._body(info.id, part), status_code=status, headers=headers)

    async def _body(self, media_id: str, part: ByteRange | None) -> AsyncIterator[bytes]:
        """The bytes; the read has begun when this returns, so that a failure can still be answered."""
        stack = AsyncExitStack()
        opened = self._reader.open(media_id, part.offset if part else 0, part.length if part else None)
        medium = await stack.enter_async_context(opened)

        async def body() -> AsyncIterator[bytes]:
            # If the server is lost in between, this raises: the connection ends before the announced length.
            async with stack:
                async for chunk in medium.chunks:
                    yield chunk

        return body()


def requested(header: str, size: int) -> ByteRange | None:
    """The one range that a `Range` header asks for; None: all, also for several ranges and for other units.

    Raises `RangeNotSatisfiableError`.
    """
    match = _RANGE.fullmatch(header.replace(" ", ""))
    if match is None or not (match[1] or match[2]):
        return None
    first, last = match[1], match[2]
    if not first:
        length = min(int(last), size)
        offset = size - length
    else:
        offset = int(first)
        if last and int(last) < offset:
            return None
        length = min(int(last) + 1 if last else size, size) - offset
    if length <= 0:
        raise RangeNotSatisfiableError
    return ByteRange(offset=offset, length=length, size=size)


def headers_of(info: MediaInfo) -> dict[str, str]:
    """What is said of the bytes."""
    return {
        "content-type": info.mime_type,
        "content-disposition": disposition(info.mime_type, info.file_name),
        "accept-ranges": "bytes",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        **_caching(info),
    }


def disposition(mime_type: str, name: str) -> str:
    """Shown in place or a download, with the name in both spellings of RFC 6266."""
    how = "inline" if mime_type.startswith(SHOWN) else "attachment"
    if not name:
        return how
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _range_holds(request: Request, info: MediaInfo) -> bool:
    """Whether the medium is still the one that the range was meant for."""
    condition = request.headers.get("if-range", "")
    return not condition or condition == _etag(info)


def _caching(info: MediaInfo) -> dict[str, str]:
    # The sender may take it back: who has a copy asks before showing it again.
    return {"etag": _etag(info), "cache-control": "private, no-cache"}


def _etag(info: MediaInfo) -> str:
    return f'"{info.sha256}"'


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _failure(status: int, reason: str) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if status == 503:  # noqa: PLR2004 - the status itself
        headers["retry-after"] = str(RETRY_AFTER_S)
    return PlainTextResponse(reason, status_code=status, headers=headers)
