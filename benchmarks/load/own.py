"""The generator in Python, for machines without wrk: a process that sends prepared requests as fast as they are taken.

    python -m benchmarks.load.own URL FILE CONNECTIONS SECONDS

It ends early when the requests are used up, and prints what became of them as one line of JSON, as `webhooks.lua` does.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import uvloop

from benchmarks.load.http_connection import HttpConnection, connected
from benchmarks.load.prepared import read_requests
from benchmarks.report.percentiles import percentile


@dataclass(slots=True)
class Sending:
    """Some connections that share the requests."""

    requests: Iterator[bytes]
    until: float
    """On the monotonic clock."""
    answered: int = 0
    refused: int = 0
    waits_ms: list[float] = field(default_factory=list)
    _open: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, connections: list[HttpConnection]) -> None:
        """Returns when time or requests are used up."""
        self._open = len(connections)
        for connection in connections:
            self._next(connection)
        await self._over.wait()

    def _next(self, connection: HttpConnection) -> None:
        begun = time.monotonic()
        request = next(self.requests, None) if begun < self.until else None
        if request is None:
            self._leave()
            return

        def answered(status: int) -> None:
            self._take(status, begun)
            if status:
                self._next(connection)
            else:
                self._leave()

        connection.send(request, answered)

    def _take(self, status: int, begun: float) -> None:
        if status == HTTPStatus.OK:
            self.answered += 1
            self.waits_ms.append(1000 * (time.monotonic() - begun))
        else:
            self.refused += 1

    def _leave(self) -> None:
        self._open -= 1
        if not self._open:
            self._over.set()


async def main(url: str, file: str, connections: str, seconds: str) -> None:
    """Sends, and prints."""
    requests = await asyncio.to_thread(read_requests, Path(file))
    opened = [await connected(url) for _ in range(int(connections))]
    begun = time.monotonic()
    sending = Sending(iter(requests), begun + float(seconds))
    await sending.run(opened)
    told = {
        "answered": sending.answered,
        "refused": sending.refused,
        "seconds": time.monotonic() - begun,
        "p50_ms": percentile(sending.waits_ms, 50),
        "p99_ms": percentile(sending.waits_ms, 99),
    }
    print(json.dumps(told))
    for connection in opened:
        connection.close()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
