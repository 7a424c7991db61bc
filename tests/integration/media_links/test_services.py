"""Media for services without HTTP, and links to nothing."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from expertflow.connector.v1.media_service_pb2 import (
    MediaHeader,
    ReadMediaRequest,
    WriteMediaRequest,
    WriteMediaResponse,
)
from expertflow.connector.v1.media_service_pb2_grpc import MediaServiceStub
from tests.integration.media_links.place import BASE, NAME, Place
from tests.support.media_host import PDF, PNG


@pytest.mark.parametrize("media_id", ["x", "A" * 32, "..%2f..%2fetc", "%00", "a" * 65])
async def test_an_unknown_medium_is_not_found(place: Place, media_id: str) -> None:
    assert (await place.get(f"/media/{media_id}")).status_code == 404


async def test_a_service_without_http_reads_from_an_offset(place: Place) -> None:
    path = await place.link_of(place.host.gives("/1.png", PNG))
    media = MediaServiceStub(place.channel)
    frames: list[Any] = [
        frame async for frame in media.ReadMedia(ReadMediaRequest(id=path.rpartition("/")[2], offset=10))
    ]

    assert frames[0].info.size == len(PNG)
    assert b"".join(frame.chunk for frame in frames[1:]) == PNG[10:]


@pytest.mark.parametrize(
    ("request_", "code", "reason"),
    [
        ({"id": "unknown"}, grpc.StatusCode.NOT_FOUND, b"MEDIA_NOT_FOUND"),
        ({"offset": 10**9}, grpc.StatusCode.OUT_OF_RANGE, b"MEDIA_OFFSET_OUT_OF_RANGE"),
        ({"offset": -1}, grpc.StatusCode.OUT_OF_RANGE, b"MEDIA_OFFSET_OUT_OF_RANGE"),
        ({"length": -1}, grpc.StatusCode.INVALID_ARGUMENT, b"INVALID_FIELD"),
    ],
)
async def test_a_wrong_read_is_refused(
    place: Place, request_: dict[str, Any], code: grpc.StatusCode, reason: bytes
) -> None:
    path = await place.link_of(place.host.gives("/1.png", PNG))
    named = {"id": path.rpartition("/")[2], **request_}
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        async for _ in MediaServiceStub(place.channel).ReadMedia(ReadMediaRequest(**named)):
            pass

    details = dict(raised.value.trailing_metadata() or ())
    assert raised.value.code() == code
    assert reason in bytes(details["grpc-status-details-bin"])


# Writing


async def write(place: Place, *frames: WriteMediaRequest) -> WriteMediaResponse:
    return await MediaServiceStub(place.channel).WriteMedia(iter(frames))


HEADER = WriteMediaRequest(header=MediaHeader(file_name=NAME))


async def test_what_a_service_writes_opens_in_a_browser(place: Place) -> None:
    chunks = [WriteMediaRequest(chunk=PDF[:1000]), WriteMediaRequest(chunk=PDF[1000:])]
    written = await write(place, HEADER, *chunks)
    assert (written.info.mime_type, written.info.size, written.info.file_name) == ("application/pdf", len(PDF), NAME)
    assert written.media_url == f"{BASE}/media/{written.info.id}"
    assert (await place.get(written.media_url.removeprefix(BASE))).content == PDF
    assert (await write(place, HEADER, *chunks)).media_url == written.media_url


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([], "STREAM_START_MISSING"),
        ([WriteMediaRequest(chunk=b"x"), HEADER], "STREAM_START_MISSING"),
        ([HEADER, WriteMediaRequest(chunk=b"x"), HEADER], "STREAM_STARTED_TWICE"),
        ([HEADER, WriteMediaRequest()], "FRAME_EMPTY"),
        ([HEADER, WriteMediaRequest(chunk=bytes(1024 * 1024 + 1))], "INVALID_FIELD"),
        ([HEADER], "INVALID_FIELD"),
    ],
)
async def test_a_misused_write_says_how(place: Place, frames: list[WriteMediaRequest], reason: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await write(place, *frames)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert reason in str(raised.value.trailing_metadata())
