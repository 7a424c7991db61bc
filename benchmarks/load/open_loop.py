"""Webhooks at a fixed rate, however long the answers take, and the CCM that gets them: one process, one clock.

    python -m benchmarks.load.open_loop WEBHOOK_URL SERVER RATE SECONDS

A message's time runs from the moment at which it is its turn to be sent, also if no connection is free then, until CCM
has it in hand. Prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from http import HTTPStatus

import uvloop

from benchmarks.load.consumer import consume
from benchmarks.load.http_connection import HttpConnection, connected
from benchmarks.load.prepared import Webhooks
from expertflow.connector.v1.inbound_pb2 import InboundMessages

CONNECTIONS = 64

CONVERSATIONS = 1_000

WARM_UP = 200
"""Webhooks before those that count."""

PATIENCE_S = 60
"""How long the last may take."""


@dataclass(slots=True)
class Course:
    """One run."""

    webhooks: Webhooks
    begun: dict[str, float] = field(default_factory=dict)
    """By message id: when it was its turn."""
    waits_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    """How much later than planned each turn came: what this process does not keep up with."""
    refused: int = 0
    acknowledged: int = 0
    progress: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, frame: InboundMessages) -> None:
        """CCM has these."""
        now = time.monotonic()
        for each in frame.messages:
            self.waits_ms.append(1000 * (now - self.begun[each.message.header.provider_message_id]))

    def confirm(self, number: int) -> None:
        """The server knows that CCM is done with so many more."""
        self.acknowledged += number
        self.progress.set()

    async def send(self, url: str, rate: float, count: int) -> None:
        """Sends, and waits until everything is acknowledged. Raises TimeoutError."""
        first = len(self.begun)
        requests = [(self.webhooks.mid(first + number), self.webhooks.request(url)) for number in range(count)]
        free: asyncio.Queue[HttpConnection] = asyncio.Queue()
        for _ in range(CONNECTIONS):
            free.put_nowait(await connected(url))
        start = time.monotonic()
        for number, (mid, request) in enumerate(requests):
            due = start + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.begun[mid] = time.monotonic()
            self.late_ms.append(1000 * (self.begun[mid] - due))
            self._send(await free.get(), request, free)
        async with asyncio.timeout(PATIENCE_S):
            while self.acknowledged < len(self.begun):
                self.progress.clear()
                await self.progress.wait()
        while not free.empty():
            free.get_nowait().close()

    def _send(self, connection: HttpConnection, request: bytes, free: asyncio.Queue[HttpConnection]) -> None:
        def answered(status: int) -> None:
            self.refused += status != HTTPStatus.OK
            free.put_nowait(connection)

        connection.send(request, answered)


async def main(url: str, server: str, rate: str, seconds: str) -> None:
    """Sends, and prints."""
    course = Course(Webhooks(conversations=CONVERSATIONS))
    async with asyncio.TaskGroup() as tasks:
        ccm = consume(server, "open-loop", received=course.take, acknowledged=course.confirm)
        consumer = tasks.create_task(ccm, name="consumer")
        await course.send(url, float(rate), WARM_UP)
        used = time.process_time()
        await course.send(url, float(rate), round(float(rate) * float(seconds)))
        consumer.cancel()
    told = {
        "waits_ms": course.waits_ms[WARM_UP:],
        "late_ms": course.late_ms[WARM_UP:],
        "refused": course.refused,
        "cpu_s": time.process_time() - used,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
