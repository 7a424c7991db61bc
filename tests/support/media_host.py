"""A stand-in for Facebook's CDN: an HTTP server that gives files, or misbehaves as a path was told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 500
JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 500
PDF = b"%PDF-1.7\n" + b"page" * 500
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"frames" * 500
HTML = b"<!doctype html><html><body>Sorry, something went wrong.</body></html>"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class MediaHost:
    """What stands under which path, and which paths were asked for."""

    origin: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    """How many were made, whatever was said on them."""
    headers: list[bytes] = field(default_factory=list)
    """The head of every request, as it came."""
    serving: set[asyncio.Task[object]] = field(default_factory=set)

    def url(self, path: str) -> str:
        return f"{self.origin}{path}"

    def gives(self, path: str, body: bytes, *, announced: int | None = None, after: asyncio.Event | None = None) -> str:
        """A file; `announced` says another length than it has, `after` makes it wait. Returns its URL."""

        async def answer(writer: asyncio.StreamWriter) -> None:
            if after is not None:
                await after.wait()
            _head(writer, 200, f"content-length: {len(body) if announced is None else announced}")
            writer.write(body)

        self.answers[path] = answer
        return self.url(path)

    def refuses(self, path: str, status: int, header: str = "x-nothing: 1") -> str:
        """A status without a body."""

        async def answer(writer: asyncio.StreamWriter) -> None:
            _head(writer, status, "content-length: 0", header)

        self.answers[path] = answer
        return self.url(path)

    def redirects(self, path: str, location: str) -> str:
        return self.refuses(path, 302, f"location: {location}")

    def holds(self, path: str, body: bytes) -> tuple[str, asyncio.Event]:
        """The bytes, once the event is set."""
        let_go = asyncio.Event()

        async def answer(writer: asyncio.StreamWriter) -> None:
            await let_go.wait()
            _head(writer, 200, f"content-length: {len(body)}")
            writer.write(body)

        self.answers[path] = answer
        return self.url(path), let_go

    def hangs(self, path: str, begun: bytes = b"") -> str:
        """Sends a beginning, if any, and then nothing more."""

        async def answer(writer: asyncio.StreamWriter) -> None:
            if begun:
                _head(writer, 200, "content-length: 100000")
                writer.write(begun)
                await writer.drain()
            await asyncio.Event().wait()

        self.answers[path] = answer
        return self.url(path)

    def streams(self, path: str, total: int) -> str:
        """So many bytes of a PDF, without announcing how many."""

        async def answer(writer: asyncio.StreamWriter) -> None:
            _head(writer, 200, "connection: close")
            writer.write(PDF)
            for _ in range(total // 65_536):
                writer.write(b"x" * 65_536)
                await writer.drain()

        self.answers[path] = answer
        return self.url(path)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode()
            self.requests.append(path)
            self.headers.append(head)
            await self.answers.get(path, _not_found)(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.serving.discard(task)
            writer.close()


@asynccontextmanager
async def running_media_host(tls: SSLContext | None = None) -> AsyncIterator[MediaHost]:
    """Serves on a free port of this machine until the block is left."""
    host = MediaHost()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    host.origin = f"http{'s' if tls else ''}://127.0.0.1:{port}"
    try:
        yield host
    finally:
        server.close()
        for task in host.serving:
            task.cancel()
        await asyncio.gather(*host.serving, return_exceptions=True)


async def _not_found(writer: asyncio.StreamWriter) -> None:
    _head(writer, 404, "content-length: 0")


def _head(writer: asyncio.StreamWriter, status: int, *headers: str) -> None:
    lines = [f"HTTP/1.1 {status} Status", *headers]
    if "connection: close" not in headers:
        lines.append("connection: close")
    writer.write("\r\n".join([*lines, "", ""]).encode())
