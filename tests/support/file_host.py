"""A place on this machine from which files can be fetched by URL, with whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from messenger_sandbox.serving import listening


@dataclass(slots=True)
class FileHost:
    """`/files/NAME` serves what was put there; `/redirect` leads to another place; `/hang` never answers."""

    base_url: str = ""
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    redirect_to: str = ""
    """Where `/redirect` leads; empty: to the name of the first file."""

    def put(self, name: str, data: bytes, content_type: str) -> str:
        """Returns the URL."""
        self.files[name] = (data, content_type)
        return f"{self.base_url}/files/{name}"

    async def until_asked(self) -> None:
        """Waits until somebody asks for a file."""
        while not self.asked:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)

    async def file(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        data, content_type = self.files.get(request.path_params["name"], (None, ""))
        return Response(status_code=404) if data is None else Response(data, headers={"content-type": content_type})

    async def redirect(self, _: Request) -> Response:
        return RedirectResponse(self.redirect_to or next(iter(self.files), "/nowhere"))

    async def hang(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        await asyncio.Event().wait()
        return Response()


@asynccontextmanager
async def file_host() -> AsyncIterator[FileHost]:
    host = FileHost()
    routes = [Route("/files/{name:path}", host.file), Route("/redirect", host.redirect), Route("/hang", host.hang)]
    async with listening(Starlette(routes=routes), host="127.0.0.1", port=0) as base_url:
        host.base_url = base_url
        yield host
