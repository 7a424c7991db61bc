"""One subscription over as many connections as it takes: hands messages to the user and reconnects."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from random import random
from time import monotonic
from types import MappingProxyType

import grpc

from connector_client._actions import Action
from connector_client._backoff import Backoff
from connector_client._conversation import DEFAULT_WATCH, Conversation, Dial, Watch
from connector_client._errors import ConnectorError
from connector_client._leases import LeaseBook
from connector_client._received import Received, Settlement
from expertflow.connector.v1 import inbound_pb2

log = logging.getLogger("connector_client")

HEALTHY_AFTER_S = 5.0
"""A connection that lasted so long was a good one: the backoff starts anew."""
FAREWELL_S = 5.0
"""How long closing may take to give messages back and to hear the answers."""
RECONNECT = Backoff(first=0.2, cap=30.0)
EXTRA_JITTER = 0.5
"""Where the server names a delay, up to this share of it is added: its other clients come back, too."""

RECONNECTS: Mapping[grpc.StatusCode, bool] = MappingProxyType(
    {
        grpc.StatusCode.OK: True,
        grpc.StatusCode.UNAVAILABLE: True,
        grpc.StatusCode.RESOURCE_EXHAUSTED: True,
        # A proxy or a dying server ends streams with these four; none of them says that a new one would be refused.
        grpc.StatusCode.CANCELLED: True,
        grpc.StatusCode.DEADLINE_EXCEEDED: True,
        grpc.StatusCode.INTERNAL: True,
        grpc.StatusCode.UNKNOWN: True,
        # Reason REPLACED: another process uses the client id. Coming back would throw it out in turn, for ever.
        grpc.StatusCode.ABORTED: False,
        grpc.StatusCode.ALREADY_EXISTS: False,
        grpc.StatusCode.DATA_LOSS: False,
        grpc.StatusCode.FAILED_PRECONDITION: False,
        grpc.StatusCode.INVALID_ARGUMENT: False,
        grpc.StatusCode.NOT_FOUND: False,
        grpc.StatusCode.OUT_OF_RANGE: False,
        grpc.StatusCode.PERMISSION_DENIED: False,
        grpc.StatusCode.UNAUTHENTICATED: False,
        grpc.StatusCode.UNIMPLEMENTED: False,
    }
)
"""Status of an ended stream → whether to connect again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How much may be delivered and not yet settled; None leaves the server's default (100 messages, 4 MiB)."""

    max_messages: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast to come back and how long to bear silence."""

    backoff: Backoff = RECONNECT
    random: Callable[[], float] = random
    watch: Watch = DEFAULT_WATCH


DEFAULT_PACE = Pace()


class InboundStream:
    """Delivers one subscription; `start` is the first frame of its first connection."""

    def __init__(self, dial: Dial, start: inbound_pb2.InboundStart, pace: Pace = DEFAULT_PACE) -> None:
        self._dial = dial
        self._start = start
        self._pace = pace
        self._book = LeaseBook()
        self._queue: deque[Received] = deque()
        self._arrived = asyncio.Event()
        self._conversation: Conversation | None = None
        self._task: asyncio.Task[None] | None = None

    async def messages(self) -> AsyncGenerator[Received, None]:
        """Yields until closed; raises `ConnectorError` when coming back is no use."""
        self._task = asyncio.create_task(self._run(), name=f"inbound {self._start.subscription}")
        self._task.add_done_callback(lambda _: self._arrived.set())
        try:
            while (received := await self._next(self._task)) is not None:
                yield received
        finally:
            await self.close()

    async def close(self) -> None:
        """Gives everything unsettled back and ends; may be called at any time, also twice."""
        if self._task is None:
            return
        try:
            if self._conversation is not None and self._conversation.started:
                self._conversation.leave()
                await asyncio.wait({self._task}, timeout=FAREWELL_S)
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _next(self, task: asyncio.Task[None]) -> Received | None:
        while True:
            while self._queue:
                received = self._queue.popleft()
                # A lease may end while its message waits here; the message then comes again under another ack id.
                if received.held:
                    return received
            if task.done():
                return None if task.cancelled() else task.result()
            self._arrived.clear()
            await self._arrived.wait()

    async def _run(self) -> None:
        attempt = 0
        try:
            while True:
                began = monotonic()
                self._conversation = Conversation(self._book, self._deliver, self._pace.watch)
                ending = await self._conversation.run(self._dial(), self._start)
                if self._conversation.left:
                    return
                attempt = 1 if monotonic() - began > HEALTHY_AFTER_S else attempt + 1
                delay = self._delay(ending, attempt)
                self._book.lost()
                log.warning("inbound stream ended (%s); connecting again in %.1f s", ending, delay)
                await asyncio.sleep(delay)
        except ConnectorError as error:
            self._book.close(error)
            raise
        finally:
            self._book.close(ConnectorError(grpc.StatusCode.CANCELLED, "the inbound stream was closed"))

    def _delay(self, ending: ConnectorError, attempt: int) -> float:
        """Seconds to stay away. Raises the ending if coming back is no use."""
        assert self._conversation is not None, "one has just ended"
        closing, asked = self._conversation.closing, ending.retry_delay
        if closing is not None and closing.HasField("reconnect_after"):
            asked = closing.reconnect_after.ToTimedelta().total_seconds()
        if not RECONNECTS[ending.code] or (closing is not None and not closing.HasField("reconnect_after")):
            raise ending
        if asked is not None:
            return asked * (1 + EXTRA_JITTER * self._pace.random())
        return self._pace.backoff.delay(attempt, self._pace.random)

    def _deliver(self, batch: inbound_pb2.InboundMessages) -> None:
        self._queue.extend(Received(envelope, self._ask, self._book.__contains__) for envelope in batch.messages)
        self._arrived.set()

    def _ask(self, ack_id: str, action: Action) -> Settlement:
        settlement = self._book.ask(ack_id, action)
        if self._conversation is not None:
            self._conversation.wake()
        return settlement
