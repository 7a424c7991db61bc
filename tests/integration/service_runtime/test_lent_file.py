from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import BinaryIO

import aiohttp
import pytest

from service_runtime.lent_file import LentFile
from tests.support.file_engine import FileEngineStandIn, running_file_engine

DATA = bytes(range(256)) * 2000


@pytest.fixture
async def place() -> AsyncIterator[FileEngineStandIn]:
    async with running_file_engine() as stand_in:
        yield stand_in


async def upload(place: FileEngineStandIn, file: BinaryIO) -> int:
    form = aiohttp.FormData({"conversationId": "1"})
    form.add_field("file", LentFile(file, "text/plain"), filename="a.txt")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{place.url}/api/uploadFileStream", data=form) as answer,
    ):
        await answer.read()
    # What aiohttp does on its threads is done then.
    await asyncio.get_running_loop().shutdown_default_executor()
    return answer.status


async def test_it_arrives_from_where_it_stands_and_stays_open(place: FileEngineStandIn) -> None:
    file = io.BytesIO(b"before" + DATA)
    file.seek(len(b"before"))

    assert await upload(place, file) == 200
    assert (place.files["1_a.txt"].data, place.files["1_a.txt"].mime_type) == (DATA, "text/plain")
    assert not file.closed


async def test_it_stays_open_also_if_the_answer_comes_first(place: FileEngineStandIn) -> None:
    place.trouble = 413
    file = io.BytesIO(DATA)

    assert await upload(place, file) == 413
    assert not file.closed


def test_it_tells_its_size() -> None:
    file = io.BytesIO(b"12345")
    file.seek(2)

    assert LentFile(file, "text/plain").size == 3
    assert file.read() == b"345"
