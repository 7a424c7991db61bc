"""The File Engine as a place for media, on a real port."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from facebook_connector.media.fetch import FetchError
from facebook_connector.media.file_engine import engine as engine_module
from facebook_connector.media.file_engine.engine import PROBE_NAME, PROBE_TAG, FileEngine, FileEngineOptions
from facebook_connector.media.file_engine.names import FileEngineLinks, tag_of
from facebook_connector.media.keep import CHUNK_BYTES, KeepError, Kept, Medium, RefusedError
from facebook_connector.sending.media import MAX_BYTES
from tests.support.file_engine import FileEngineStandIn, running_file_engine
from tests.support.media_host import PDF, running_media_host

MEDIUM = Medium(media_id="m1", name="Plan Küche.pdf", mime_type="application/pdf")
STORED = f"{tag_of('m1')}_Plan_Kuche.pdf"
PROBE = f"{PROBE_TAG}_{PROBE_NAME}"
BODY = bytes(range(256)) * 3000


@pytest.fixture
async def place() -> AsyncIterator[FileEngineStandIn]:
    async with running_file_engine() as stand_in:
        yield stand_in


def options(place: FileEngineStandIn, token: str = "", put_s: float = 10.0) -> FileEngineOptions:
    links = FileEngineLinks(url=place.url, public_url=place.public_url)
    return FileEngineOptions(links=links, max_bytes=5_000_000, token=token, put_s=put_s)


@pytest.fixture
async def engine(place: FileEngineStandIn) -> AsyncIterator[FileEngine]:
    async with FileEngine(options(place)) as opened:
        yield opened


async def pieces(*bodies: bytes) -> AsyncIterator[bytes]:
    for body in bodies:
        yield body


async def kept(engine: FileEngine, body: bytes = PDF, medium: Medium = MEDIUM) -> Kept:
    return await engine.put(medium, pieces(body[:7], body[7:]))


async def content(engine: FileEngine, key: str, offset: int, length: int) -> list[bytes]:
    return [chunk async for chunk in engine.get(key, offset, length)]


@pytest.mark.parametrize("size_as_text", [True, False])
async def test_what_is_put_lies_there_under_a_name_and_a_link(
    engine: FileEngine, place: FileEngineStandIn, size_as_text: bool
) -> None:
    place.size_as_text = size_as_text
    put = await kept(engine)

    assert put.name == STORED
    assert put.link == f"{place.public_url}/api/downloadFileStream?filename={STORED}"
    assert put.mime_type == "application/pdf"
    assert place.files[STORED].data == PDF


async def test_it_is_read_again_whole_and_in_part(engine: FileEngine) -> None:
    put = await kept(engine, BODY)
    chunks = await content(engine, put.key, 0, len(BODY))

    assert b"".join(chunks) == BODY
    assert max(map(len, chunks)) <= CHUNK_BYTES
    assert b"".join(await content(engine, put.key, 300_001, 300_000)) == BODY[300_001:600_001]
    assert b"".join(await content(engine, put.key, 0, 10)) == BODY[:10]
    assert await content(engine, put.key, len(BODY), 0) == []


async def test_a_repeat_takes_the_same_name(engine: FileEngine, place: FileEngineStandIn) -> None:
    assert await kept(engine) == await kept(engine)
    assert place.uploads == [STORED, STORED]
    assert list(place.files) == [STORED]


async def test_a_file_of_the_limit_is_taken_and_a_larger_one_is_not_offered(
    engine: FileEngine, place: FileEngineStandIn
) -> None:
    await kept(engine, bytes(5_000_000))
    with pytest.raises(RefusedError) as raised:
        await kept(engine, bytes(5_000_001))

    assert (raised.value.reason, raised.value.final) == ("TOO_LARGE", True)
    assert place.offers == 1


async def test_what_breaks_off_is_not_offered(engine: FileEngine, place: FileEngineStandIn) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield PDF
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await engine.put(MEDIUM, broken())

    assert place.offers == 0


def full_disk() -> BinaryIO:
    return Path("/dev/full").open("wb")


async def test_a_full_disk_is_no_fault_of_the_medium(
    engine: FileEngine, place: FileEngineStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "TemporaryFile", full_disk)
    with pytest.raises(KeepError, match="OSError"):
        await kept(engine)

    assert place.offers == 0


async def test_the_copy_that_it_sends_is_closed_by_nobody_else(
    engine: FileEngine, place: FileEngineStandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    closed_by: set[int] = set()

    class Spool(io.BufferedRandom):
        def close(self) -> None:
            closed_by.add(threading.get_ident())
            super().close()

    monkeypatch.setattr(engine_module, "TemporaryFile", lambda: Spool(io.FileIO(tmp_path / "spool", "w+")))
    await kept(engine)
    await asyncio.get_running_loop().shutdown_default_executor()

    assert closed_by == {threading.get_ident()}


async def test_an_answer_that_cannot_be_unpacked_is_no_fault_of_the_medium(
    engine: FileEngine, place: FileEngineStandIn
) -> None:
    put = await kept(engine)
    place.garbles = True

    with pytest.raises(KeepError, match="Can not decode"):
        await kept(engine)
    with pytest.raises(KeepError, match="Can not decode"):
        await content(engine, put.key, 0, 5)
    with pytest.raises(FetchError) as raised:
        async with engine.open(put.name) as chunks:
            await anext(chunks)
    assert raised.value.reason == "INCOMPLETE"


@pytest.mark.parametrize("status", [404, 500])
async def test_a_type_that_it_refuses_is_the_file_s_fault(
    engine: FileEngine, place: FileEngineStandIn, status: int
) -> None:
    place.refused_endings, place.refusal = frozenset({"pdf"}), status
    with pytest.raises(RefusedError) as raised:
        await kept(engine)

    assert (raised.value.reason, raised.value.final) == ("STORE_REFUSED", False)
    assert place.uploads == [PROBE]


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 500, 502, 503])
async def test_trouble_of_its_own_is_not(engine: FileEngine, place: FileEngineStandIn, status: int) -> None:
    place.trouble = status
    with pytest.raises(KeepError, match=str(status)):
        await kept(engine)

    assert place.uploads == []


async def test_what_it_finds_too_large_is(engine: FileEngine, place: FileEngineStandIn) -> None:
    place.trouble = 413
    with pytest.raises(RefusedError) as raised:
        await kept(engine)

    assert (raised.value.reason, raised.value.final, raised.value.size) == ("TOO_LARGE", True, len(PDF))


async def test_an_upload_that_was_taken_all_the_same_is_found(engine: FileEngine, place: FileEngineStandIn) -> None:
    place.loses_answers = 1
    put = await kept(engine)

    assert put.name == STORED
    assert b"".join(await content(engine, put.key, 0, len(PDF))) == PDF
    assert place.uploads == [STORED]


async def test_other_bytes_under_that_name_are_not_taken_for_it(engine: FileEngine, place: FileEngineStandIn) -> None:
    place.has(STORED, b"%PDF- of yesterday")
    place.refused_endings = frozenset({"pdf"})
    with pytest.raises(RefusedError):
        await kept(engine)


async def test_a_token_goes_along_if_one_is_set(place: FileEngineStandIn) -> None:
    place.token = "canary"
    async with FileEngine(options(place, token="canary")) as engine:
        put = await kept(engine)
        assert b"".join(await content(engine, put.key, 0, len(PDF))) == PDF
    async with FileEngine(options(place)) as engine:
        with pytest.raises(KeepError, match="FBC_FILE_ENGINE_TOKEN"):
            await kept(engine)


async def test_a_place_to_log_in_is_not_followed() -> None:
    async with running_media_host() as proxy, running_media_host() as login:
        proxy.redirects("/api/downloadFileStream?filename=a", login.url("/login"))
        links = FileEngineLinks(url=proxy.origin, public_url=proxy.origin)
        async with FileEngine(FileEngineOptions(links=links, max_bytes=10_000, token="canary")) as engine:
            with pytest.raises(KeepError, match="302"):
                await content(engine, "file-engine:a", 0, 1)

    assert login.connections == 0


@pytest.mark.parametrize("answer", [b"<html>log in</html>", b'{"message":"ok"}', b"x" * 100_000])
async def test_an_answer_without_a_name_is_none_of_its(
    engine: FileEngine, place: FileEngineStandIn, answer: bytes
) -> None:
    place.spoilt_answer = answer
    with pytest.raises(KeepError, match="does not name the file"):
        await kept(engine)


async def test_the_name_that_it_gives_is_what_counts(engine: FileEngine, place: FileEngineStandIn) -> None:
    place.has("77_other name.pdf", PDF)
    place.spoilt_answer = b'{"name":"77_other name.pdf","size":1}'
    put = await kept(engine)

    assert put.link.endswith("?filename=77_other%20name.pdf")
    assert b"".join(await content(engine, put.key, 0, len(PDF))) == PDF


async def test_who_does_not_answer_is_not_waited_for(place: FileEngineStandIn) -> None:
    place.hangs = True
    async with FileEngine(options(place, put_s=0.1)) as engine:
        with pytest.raises(KeepError, match="does not answer"):
            await kept(engine)


async def test_who_is_not_there_cannot_be_used(place: FileEngineStandIn) -> None:
    gone = replace(options(place), links=FileEngineLinks(url="http://127.0.0.1:9", public_url="http://127.0.0.1:9"))
    async with FileEngine(gone) as engine:
        with pytest.raises(KeepError, match="ClientConnectorError"):
            await kept(engine)
        with pytest.raises(KeepError, match="ClientConnectorError"):
            await content(engine, "file-engine:a", 0, 1)
        with pytest.raises(FetchError, match="CONNECT"):
            await opened(engine, "a")


async def test_what_is_not_there_any_more_is_no_such_key(engine: FileEngine, place: FileEngineStandIn) -> None:
    put = await kept(engine)
    place.files.clear()
    with pytest.raises(KeyError):
        await content(engine, put.key, 0, 1)


async def test_fewer_bytes_than_it_was_given_are_an_error(engine: FileEngine, place: FileEngineStandIn) -> None:
    put = await kept(engine)
    place.has(STORED, PDF[:100])
    with pytest.raises(KeepError, match="fewer bytes"):
        await content(engine, put.key, 0, len(PDF))


async def test_ranges_are_made_use_of_where_they_are_known() -> None:
    async with running_media_host() as host:
        path = "/api/downloadFileStream?filename=a"

        async def partial(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 206 Partial\r\ncontent-length: 5\r\nconnection: close\r\n\r\n56789")

        host.answers[path] = partial
        links = FileEngineLinks(url=host.origin, public_url=host.origin)
        async with FileEngine(FileEngineOptions(links=links, max_bytes=10_000)) as engine:
            found = await content(engine, "file-engine:a", 5, 3)

    assert (found, b"range: bytes=5-" in host.headers[0].lower()) == ([b"567"], True)


async def test_nothing_is_deleted_there(engine: FileEngine, place: FileEngineStandIn) -> None:
    put = await kept(engine)
    await engine.delete(put.key)

    assert STORED in place.files


async def opened(engine: FileEngine, name: str) -> bytes:
    async with engine.open(name) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_a_file_that_others_put_there_is_read_by_its_name(engine: FileEngine, place: FileEngineStandIn) -> None:
    place.has("48216_an invoice.pdf", PDF)

    assert await opened(engine, "48216_an invoice.pdf") == PDF
    assert place.downloads == ["48216_an invoice.pdf"]


async def test_one_that_is_not_there_says_so(engine: FileEngine) -> None:
    with pytest.raises(FetchError) as raised:
        await opened(engine, "48216_none.pdf")

    assert (raised.value.reason, raised.value.status, raised.value.final) == ("HTTP_STATUS", 404, False)


@pytest.mark.parametrize("announced", [True, False])
async def test_one_that_messenger_does_not_take_is_not_read_to_its_end(announced: bool) -> None:
    path = "/api/downloadFileStream?filename=a"
    async with running_media_host() as host:
        if announced:
            host.gives(path, PDF, announced=MAX_BYTES + 1)
        else:
            host.streams(path, MAX_BYTES + 1_000_000)
        links = FileEngineLinks(url=host.origin, public_url=host.origin)
        async with FileEngine(FileEngineOptions(links=links, max_bytes=10_000)) as engine:
            with pytest.raises(FetchError) as raised:
                await opened(engine, "a")

    assert (raised.value.reason, raised.value.final) == ("TOO_LARGE", True)
    assert raised.value.size == (MAX_BYTES + 1 if announced else None)


async def test_a_silent_one_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SILENCE_S", 0.1)
    async with running_media_host() as host:
        host.hangs("/api/downloadFileStream?filename=a", PDF)
        links = FileEngineLinks(url=host.origin, public_url=host.origin)
        async with FileEngine(FileEngineOptions(links=links, max_bytes=10_000)) as engine:
            with pytest.raises(FetchError, match="TIMEOUT"):
                await opened(engine, "a")
