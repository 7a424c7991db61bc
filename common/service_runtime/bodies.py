"""Reads request bodies within limits: each one's length, all of them together, and the time it may take.

Nobody has proved who they are yet when their bytes arrive, so they get no more memory than is set aside.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from starlette.requests import ClientDisconnect, Request

READ_TIMEOUT_S: Final = 20.0
"""Callers give up long before; this is for those who send a byte a minute."""

DISCARD_S: Final = 1.0

BODIES_AT_ONCE: Final = 4
"""How many bodies of the greatest length fit into the memory set aside; of the usual ones it is thousands."""


class BodyTooLargeError(Exception):
    """A body is longer than allowed; nothing of it was kept."""


class BodiesFullError(Exception):
    """The memory set aside for bodies is used up."""


class BodyReader:
    """Reads bodies of at most `limit_bytes`."""

    def __init__(self, *, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._left = BODIES_AT_ONCE * limit_bytes

    @asynccontextmanager
    async def read(self, request: Request, *, within_s: float | None = None) -> AsyncIterator[bytes]:
        """The exact bytes of a body; its memory counts as used until the block is left.

        The block may take `within_s` seconds from the last byte on, then it ends with `TimeoutError`; None: as long as
        it wants. Raises `BodyTooLargeError`, `BodiesFullError`, `TimeoutError`, and Starlette's `ClientDisconnect`.
        """
        chunks: list[bytes] = []
        try:
            # One deadline for both: asyncio's cost as much as everything else here.
            async with asyncio.timeout(READ_TIMEOUT_S) as deadline:
                await self._collect(request, chunks)
                deadline.reschedule(None if within_s is None else asyncio.get_running_loop().time() + within_s)
                yield chunks[0]
        except BodyTooLargeError:
            await _discard(request)
            raise
        finally:
            self._left += sum(map(len, chunks))

    async def _collect(self, request: Request, chunks: list[bytes]) -> None:
        if _declared_length(request) > self.limit_bytes:
            raise BodyTooLargeError
        length, more = 0, True
        while more:
            chunk, more = await _next_chunk(request)
            length += len(chunk)
            if length > self.limit_bytes:
                raise BodyTooLargeError
            self._take(len(chunk))
            chunks.append(chunk)
        chunks[:] = [b"".join(chunks)]

    def _take(self, size: int) -> None:
        if size > self._left:
            raise BodiesFullError
        self._left -= size


def _declared_length(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdecimal() else 0


async def _next_chunk(request: Request) -> tuple[bytes, bool]:
    """Some bytes of the body, and whether more follow."""
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


async def _discard(request: Request) -> None:
    """Lets a sender finish for a moment: one that is cut off in mid-body never reads why."""
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(DISCARD_S):
            while (await _next_chunk(request))[1]:
                pass
