"""Expertflow's File Engine as the place where media are kept, and as a source of those that agents send.

It names what it stores, gives links that every browser of the contact centre can open, and has no call to delete. An
upload that it does not take tells nothing by its status, so a small file is offered too: only if that one is taken, the
other was at fault. Source: https://docs.expertflow.com, "Send a media message".
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO, Final, Self

import aiohttp

from facebook_connector.media.fetch import FetchError, failing_as_fetch
from facebook_connector.media.file_engine import answers
from facebook_connector.media.file_engine.answers import Uploaded, Verdict
from facebook_connector.media.file_engine.names import (
    DOWNLOAD_PATH,
    UPLOAD_PATH,
    FileEngineLinks,
    plain_name,
    tag_of,
)
from facebook_connector.media.keep import CHUNK_BYTES, PUT_S, KeepError, Kept, Medium, RefusedError
from facebook_connector.media.sniff import OCTETS
from facebook_connector.sending.media import MAX_BYTES
from facebook_connector.store.media.values import IN_FILE_ENGINE
from service_runtime.lent_file import LentFile
from service_runtime.logs import get_logger

CONNECT_S: Final = 5.0
SILENCE_S: Final = 20.0
"""The File Engine looks for viruses before it answers."""

MOST_ANSWER_BYTES: Final = 64 * 1024
CONNECTIONS: Final = 32

PROBE_TAG: Final = "0" * 24
PROBE_NAME: Final = "facebook-connector-check.txt"
PROBE: Final = b"The connector for Facebook puts this file here to see whether files are taken.\n"

_log = get_logger("media")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEngineOptions:
    """Where it is, and what it takes."""

    links: FileEngineLinks
    max_bytes: int
    token: str = ""
    """Bearer token; empty: none is sent."""
    tls: ssl.SSLContext | None = None
    """By which its certificate is judged; None: by the system's authorities."""
    put_s: float = PUT_S - 5.0
    """How long an upload may take; less than who waits for it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    tag: str
    name: str
    mime_type: str
    bytes: BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    body: bytes


class FileEngine:
    """A `MediaStore`; enter it before use."""

    def __init__(self, options: FileEngineOptions) -> None:
        self.links = options.links
        self._options = options
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        token = self._options.token
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._options.tls or True, limit=CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=None, connect=SILENCE_S, sock_connect=CONNECT_S, sock_read=SILENCE_S),
            trust_env=False,
            headers={"accept-encoding": "identity", "user-agent": "facebook-connector"}
            | ({"authorization": f"Bearer {token}"} if token else {}),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def put(self, medium: Medium, chunks: AsyncIterator[bytes]) -> Kept:
        """See `MediaStore.put`. Raises `RefusedError` TOO_LARGE and STORE_REFUSED."""
        try:
            with TemporaryFile() as spool:
                digest = await self._spooled(chunks, spool)
                file = _File(
                    tag=tag_of(medium.media_id),
                    name=plain_name(medium.name),
                    mime_type=medium.mime_type or OCTETS,
                    bytes=spool,
                )
                return await self._stored(file, digest, spool.tell())
        except OSError as error:  # a full disk shows when bytes are flushed, too, and that is also at the end
            raise KeepError(type(error).__name__) from error

    async def get(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """See `MediaStore.get`."""
        if not length:
            return
        left = length
        try:
            async with await self._download(_stored_name(key), offset) as response:
                if response.status == HTTPStatus.NOT_FOUND:
                    raise KeyError(key)
                if response.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
                    raise KeepError(answers.cause(response.status))
                # It may not know ranges: then everything comes, from the beginning.
                skip = offset if response.status == HTTPStatus.OK else 0
                async for piece in response.content.iter_chunked(CHUNK_BYTES):
                    wanted = piece[skip : skip + left]
                    skip = max(0, skip - len(piece))
                    left -= len(wanted)
                    if wanted:
                        yield wanted
                    if not left:
                        return
        except (aiohttp.ClientError, OSError) as error:
            raise _away(error) from error
        raise KeepError("the File Engine gave fewer bytes than it was given")

    async def delete(self, key: str) -> None:
        """There is no call to delete: the file stays, for the File Engine's administrator to remove."""
        if tag := _stored_name(key).partition("_")[0]:
            _log.info("file stays in the File Engine", file_engine_tag=tag)

    @asynccontextmanager
    async def open(self, name: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of any file that it has, whoever put it there. Raises `FetchError`, also while they are read."""
        with failing_as_fetch():
            response = await self._download(name)
        async with response:
            if response.status != HTTPStatus.OK:
                raise FetchError("HTTP_STATUS", status=response.status)
            yield _bounded(response)

    async def _spooled(self, chunks: AsyncIterator[bytes], spool: BinaryIO) -> str:
        """Takes the bytes in, no more than are taken there; their hash."""
        digest, size = sha256(), 0
        async for chunk in chunks:
            size += len(chunk)
            if size > self._options.max_bytes:
                raise RefusedError("TOO_LARGE", final=True)
            digest.update(chunk)
            spool.write(chunk)
        spool.flush()
        return digest.hexdigest()

    async def _stored(self, file: _File, digest: str, size: int) -> Kept:
        answer = await self._upload(file)
        match answers.verdict(answer.status):
            case Verdict.TAKEN:
                return self._kept(_uploaded(answer, size))
            case Verdict.TOO_LARGE:
                raise RefusedError("TOO_LARGE", final=True, size=size)
            case Verdict.AWAY:
                raise KeepError(answers.cause(answer.status))
            case Verdict.DOUBTFUL:
                return await self._doubted(file, digest, answer.status)

    async def _doubted(self, file: _File, digest: str, status: int) -> Kept:
        """The upload was not taken: unless an earlier one of the same was, it is the file's fault or not."""
        name = f"{file.tag}_{file.name}"
        if await self._holds(name, digest):
            return self._kept(Uploaded(name=name, mime_type="", size=None))
        probe = _File(tag=PROBE_TAG, name=PROBE_NAME, mime_type="text/plain", bytes=BytesIO(PROBE))
        if answers.verdict((await self._upload(probe)).status) is Verdict.TAKEN:
            # It may have been in trouble a moment ago only: some tries more.
            raise RefusedError("STORE_REFUSED", final=False)
        raise KeepError(answers.cause(status))

    def _kept(self, uploaded: Uploaded) -> Kept:
        return Kept(
            key=f"{IN_FILE_ENGINE}{uploaded.name}",
            link=self.links.link(uploaded.name),
            name=uploaded.name,
            mime_type=uploaded.mime_type,
        )

    async def _holds(self, name: str, digest: str) -> bool:
        found = sha256()
        try:
            async with await self._download(name) as response:
                if response.status != HTTPStatus.OK:
                    return False
                async for chunk in _bounded(response):
                    found.update(chunk)
        except (aiohttp.ClientError, OSError, FetchError):
            return False
        return found.hexdigest() == digest

    async def _upload(self, file: _File) -> _Answer:
        """Raises `KeepError` if there is no answer."""
        file.bytes.seek(0)
        form = aiohttp.FormData({"conversationId": file.tag})
        form.add_field("file", LentFile(file.bytes, file.mime_type), filename=file.name)
        try:
            async with (
                asyncio.timeout(self._options.put_s),
                self._session.post(f"{self.links.url}{UPLOAD_PATH}", data=form, allow_redirects=False) as response,
            ):
                body = b""
                async for piece in response.content.iter_any():
                    body += piece
                    if len(body) > MOST_ANSWER_BYTES:
                        break
                return _Answer(status=response.status, body=body)
        except TimeoutError as error:
            raise KeepError("the File Engine does not answer") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _away(error) from error

    async def _download(self, name: str, offset: int = 0) -> aiohttp.ClientResponse:
        url, params = f"{self.links.url}{DOWNLOAD_PATH}", {"filename": name}
        headers: Mapping[str, str] = {"range": f"bytes={offset}-"} if offset else {}
        return await self._session.get(url, params=params, headers=headers, allow_redirects=False)


def _away(error: Exception) -> KeepError:
    return KeepError(" ".join(f"{type(error).__name__}: {error}".rstrip(": ").split()))


def _stored_name(key: str) -> str:
    return key.removeprefix(IN_FILE_ENGINE)


def _uploaded(answer: _Answer, size: int) -> Uploaded:
    """Raises `KeepError` for an answer that is none of the File Engine's, such as a page to log in."""
    uploaded = answers.read_upload(answer.body)
    if uploaded is None:
        raise KeepError("the File Engine's answer does not name the file")
    if uploaded.size not in {None, size}:
        _log.warning("File Engine counts other bytes", bytes=size, counted=uploaded.size)
    return uploaded


async def _bounded(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """No more than Messenger takes. Raises `FetchError`."""
    size, announced = 0, response.content_length or 0
    if announced > MAX_BYTES:
        raise FetchError("TOO_LARGE", final=True, size=announced)
    with failing_as_fetch():
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_BYTES:
                raise FetchError("TOO_LARGE", final=True)
            yield chunk
