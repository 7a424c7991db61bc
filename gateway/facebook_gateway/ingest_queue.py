"""Gathers what concurrent webhooks bring into batches, one call to the server at a time.

While a call runs, webhooks pile up; the next call takes them all, and begins before those of the last one are answered.
So the batch grows with the load, the server need not wait for the gateway, and the order in which webhooks came is the
order in which they are stored.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from expertflow.connector.v1.ingest_service_pb2 import IngestItem, IngestResult
from facebook_gateway.server_link import ServerUnavailableError
from facebook_gateway.telemetry import QUEUE_BYTES, new_metrics
from service_runtime.metrics import Metrics

BATCH_ITEMS: Final = 500
BATCH_BYTES: Final = 1024 * 1024
"""What the server expects in one call; an item that is larger alone goes alone."""


class QueueFullError(Exception):
    """Too much waits already; nothing was taken."""


class _Submission:
    """The items of one webhook on their way."""

    def __init__(self, count: int) -> None:
        self.results = [IngestResult()] * count
        self._open = count
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self, index: int, result: IngestResult) -> None:
        self.results[index] = result
        self._open -= 1
        if not self._open and not self.done.done():
            self.done.set_result(None)

    def fail(self, error: ServerUnavailableError) -> None:
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    submission: _Submission
    index: int
    item: IngestItem
    size: int


class IngestQueue:
    """A bounded queue of items and the one task that empties it."""

    def __init__(
        self,
        store: Callable[[Sequence[IngestItem]], Awaitable[list[IngestResult]]],
        *,
        limit_bytes: int,
        metrics: Metrics | None = None,
    ) -> None:
        (metrics or new_metrics()).follow(QUEUE_BYTES, lambda: self._bytes)
        self._store = store
        self._limit = limit_bytes
        self._waiting: deque[_Entry] = deque()
        self._some = asyncio.Event()
        self._bytes = 0

    async def submit(self, items: Sequence[IngestItem]) -> list[IngestResult]:
        """Returns when all items are committed, with their results.

        Raises `QueueFullError` at once, or `ServerUnavailableError` if any item is perhaps not stored. A caller that is
        cancelled while its items wait withdraws them.
        """
        submission = _Submission(len(items))
        entries = [
            _Entry(submission=submission, index=index, item=item, size=item.ByteSize())
            for index, item in enumerate(items)
        ]
        if not entries:
            return []
        self._admit(sum(entry.size for entry in entries))
        self._waiting.extend(entries)
        self._some.set()
        await submission.done
        return submission.results

    async def run(self) -> None:
        """Sends batch after batch; one call is in flight at most."""
        while True:
            await self._some.wait()
            batch = self._next_batch()
            if batch:
                await self._send(batch)

    def _admit(self, size: int) -> None:
        # A webhook larger than the whole queue is taken when nothing else waits: it would never fit otherwise.
        if self._bytes and self._bytes + size > self._limit:
            raise QueueFullError
        self._bytes += size

    def _next_batch(self) -> list[_Entry]:
        batch: list[_Entry] = []
        size = 0
        while self._waiting and len(batch) < BATCH_ITEMS:
            entry = self._waiting[0]
            withdrawn = entry.submission.done.done()  # its webhook has had its answer, and will come again
            if batch and not withdrawn and size + entry.size > BATCH_BYTES:
                break
            self._waiting.popleft()
            if withdrawn:
                self._bytes -= entry.size
                continue
            batch.append(entry)
            size += entry.size
        if not self._waiting:
            self._some.clear()
        return batch

    async def _send(self, batch: list[_Entry]) -> None:
        try:
            results = await self._store([entry.item for entry in batch])
        except ServerUnavailableError as error:
            for entry in batch:
                entry.submission.fail(error)
        else:
            # In the loop's next turn: the server gets its next batch first, and is at work while webhooks get answers.
            asyncio.get_running_loop().call_soon(_settle, batch, results)
        finally:
            self._bytes -= sum(entry.size for entry in batch)


def _settle(batch: Sequence[_Entry], results: Sequence[IngestResult]) -> None:
    for entry, result in zip(batch, results, strict=True):
        entry.submission.settle(entry.index, result)
