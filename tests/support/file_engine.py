"""A stand-in for Expertflow's File Engine on a port of this machine, with the rules that are documented for it.

It shares no code with the connector. What is not documented (ranges, say) it does not do.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from messenger_sandbox.serving import listening

NAME = re.compile(r"[A-Za-z0-9_ -]+(\.[A-Za-z0-9]+)?")
"""Names of files besides which none is taken."""

PREFIX = "/file-engine"
"""Under which the gateway of an installation shows it to browsers."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it lies there."""

    data: bytes
    mime_type: str


@dataclass(slots=True)
class FileEngineStandIn:
    """What it holds, what it was asked, and how it misbehaves."""

    url: str = ""
    files: dict[str, StoredFile] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    """The stored names of files that were taken, in order."""
    offers: int = 0
    """Uploads that came, taken or not."""
    downloads: list[str] = field(default_factory=list)
    max_bytes: int = 5_000_000
    token: str = ""
    """Demanded of every call, if set."""
    size_as_text: bool = True
    told_type: str = ""
    """Answered as the type of every file; else it is what the upload said."""
    refused_endings: frozenset[str] = frozenset()
    refusal: int = 500
    """The status of a refusal: 500 or 404."""
    trouble: int | None = None
    """Answered to every upload."""
    spoilt_answer: bytes | None = None
    """The body of what is answered to an upload that was taken."""
    loses_answers: int = 0
    """So many uploads are stored and then answered with 500."""
    garbles: bool = False
    """Answers what is no gzip as gzip, like a proxy that is set wrongly."""
    hangs: bool = False
    gate: asyncio.Event | None = None
    """Answers of uploads that are stored wait for it."""

    @property
    def public_url(self) -> str:
        """As a browser would name it: another host name, and a prefix."""
        return self.url.replace("127.0.0.1", "localhost") + PREFIX

    def has(self, name: str, data: bytes, mime_type: str = "application/octet-stream") -> str:
        """Puts a file there as an agent's desk does; its link."""
        self.files[name] = StoredFile(data, mime_type)
        return f"{self.public_url}/api/downloadFileStream?filename={name}"

    async def upload(self, request: Request) -> Response:
        self.offers += 1
        if self.garbles:
            return _garbled()
        if self.hangs:
            await asyncio.Event().wait()
        if (refused := self._stopped(request)) is not None:
            return refused
        async with request.form() as form:
            file, conversation = form.get("file"), form.get("conversationId") or form.get("roomInfo")
            if not isinstance(file, UploadFile) or not isinstance(conversation, str) or not conversation:
                return _error(500)
            data, name = await file.read(), file.filename or ""
            ending = name.rpartition(".")[2].lower()
            if not NAME.fullmatch(name) or len(data) > self.max_bytes or ending in self.refused_endings:
                return _error(self.refusal)
            stored, mime_type = f"{conversation}_{name}", file.content_type or "application/octet-stream"
        self.files[stored] = StoredFile(data, mime_type)
        self.uploads.append(stored)
        if self.gate is not None:
            await self.gate.wait()
        if self.loses_answers:
            self.loses_answers -= 1
            return _error(500)
        if self.spoilt_answer is not None:
            return Response(self.spoilt_answer, media_type="application/json")
        answer = {
            "message": "File uploaded successfully",
            "etag": hashlib.md5(data, usedforsecurity=False).hexdigest(),
            "name": stored,
            "type": self.told_type or mime_type,
            "size": str(len(data)) if self.size_as_text else len(data),
        }
        return JSONResponse(answer)

    async def download(self, request: Request) -> Response:
        if (refused := self._unknown(request)) is not None:
            return refused
        name = request.query_params.get("filename", "")
        self.downloads.append(name)
        if self.garbles:
            return _garbled()
        found = self.files.get(name)
        return _error(404) if found is None else Response(found.data, media_type=found.mime_type)

    def _stopped(self, request: Request) -> Response | None:
        return self._unknown(request) or (_error(self.trouble) if self.trouble else None)

    def _unknown(self, request: Request) -> Response | None:
        wanted = f"Bearer {self.token}"
        return _error(401) if self.token and request.headers.get("authorization") != wanted else None


@asynccontextmanager
async def running_file_engine() -> AsyncIterator[FileEngineStandIn]:
    """Serves on a free port until the block is left: at the root as in the cluster, and under `PREFIX`."""
    engine = FileEngineStandIn()
    routes = [
        route
        for prefix in ("", PREFIX)
        for route in (
            Route(f"{prefix}/api/uploadFileStream", engine.upload, methods=["POST"]),
            Route(f"{prefix}/api/downloadFileStream", engine.download),
        )
    ]
    async with listening(Starlette(routes=routes), host="127.0.0.1", port=0) as url:
        engine.url = url
        yield engine


def _garbled() -> Response:
    return Response(b"no gzip at all", headers={"content-encoding": "gzip"})


def _error(status: int) -> Response:
    return JSONResponse({"message": "Error while uploading file"}, status_code=status)
