"""Lines from standard input, without holding up the event loop or the end of the process."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator

STDIN = 0
CHUNK = 4096


async def lines(descriptor: int = STDIN) -> AsyncIterator[str]:
    """Yields lines until the input ends; one that cannot be read ends at once.

    A thread reads the descriptor itself: files, pipes and terminals behave alike, and a daemon that waits in `os.read`
    holds no lock that the interpreter would need when it exits.
    """
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        chunk = b"?"
        while chunk:
            try:
                chunk = os.read(descriptor, CHUNK)
            except OSError:
                chunk = b""
            try:
                loop.call_soon_threadsafe(chunks.put_nowait, chunk)
            except RuntimeError:
                # The loop has ended; nobody listens any more.
                return

    threading.Thread(target=read, name="demo keyboard", daemon=True).start()
    rest = b""
    while chunk := await chunks.get():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")
