"""A connection that carries one HTTP request after the other, as cheap as Python can have it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

BROKEN = 0
"""The status of a request whose connection was lost."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class HttpConnection(asyncio.Protocol):
    """One request at a time; an answer with `Connection: close` is not expected."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answered: Callable[[int], None] | None = None

    def send(self, request: bytes, answered: Callable[[int], None]) -> None:
        """Calls `answered` with the status once the whole answer is there, or with `BROKEN`."""
        self._answered = answered
        if self._transport is None:
            self._end(BROKEN)
        else:
            self._transport.write(request)

    def close(self) -> None:
        """Lets the connection go."""
        self._answered = None
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        status = status_of(self._buffer)
        if status is not None:
            self._buffer = b""
            self._end(status)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._end(BROKEN)

    def _end(self, status: int) -> None:
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(status)


def status_of(answer: bytes) -> int | None:
    """The status of an answer that has come in whole; None for one that has not."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return None
    length = _LENGTH.search(head)
    whole = len(body) >= int(length[1]) if length else not _CHUNKED.search(head) or body.endswith(b"0\r\n\r\n")
    return int(head[9:12]) if whole else None


async def connected(url: str) -> HttpConnection:
    """A new connection. Raises OSError."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None, "of a process of ours"
    _, connection = await asyncio.get_running_loop().create_connection(HttpConnection, parts.hostname, parts.port)
    return connection
