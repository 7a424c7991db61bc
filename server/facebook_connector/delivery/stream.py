"""One inbound stream: its window, what waits to be written on it, and how it ends.

The writer asks for a frame whenever it is idle, and nothing is composed before. So a client that reads nothing costs
one frame and what its window admits, however long it stays.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from facebook_connector.delivery.endings import Ending
from facebook_connector.delivery.frames import End, Frame, Pong, Result, Results, Started
from facebook_connector.delivery.limits import (
    FRAME_BYTES,
    FRAME_OVERHEAD_BYTES,
    RESULTS_PER_FRAME,
    SEND_WITHIN_MS,
    Window,
)
from facebook_connector.delivery.values import AckToken, Head


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """What a client asked for in `start`, checked and completed with the defaults."""

    client_id: str
    ack_deadline_ms: int
    window: Window
    page_ids: frozenset[str] = frozenset()
    """Empty: all pages."""
    kinds: frozenset[int] = frozenset()
    """Empty: all kinds of the subscription."""
    held_ack_ids: tuple[str, ...] = ()

    def takes(self, head: Head) -> bool:
        """Whether the filter lets the head through."""
        return (not self.page_ids or head.page_id in self.page_ids) and (not self.kinds or head.kind in self.kinds)


class Phase(Enum):
    """How far a stream is."""

    OPENING = "the held leases are being adopted"
    OPEN = "messages flow"
    CLOSING = "the server ends the stream; what the client sends is still answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claimed head that has not been sent yet."""

    head: Head
    send_by_ms: int


@dataclass(slots=True, kw_only=True)
class Stream:
    """The state of one stream. `Deliveries` and `Attempts` move heads and leases in and out of it."""

    stream_id: int
    options: StreamOptions
    window: Window
    phase: Phase = Phase.OPENING
    started: Started | None = None
    """The first frame, until it is written."""
    waiting: deque[Waiting] = field(default_factory=deque)
    """In the order of `send_by_ms`."""
    outstanding: int = 0
    """Messages sent and not settled."""
    outstanding_bytes: int = 0
    results: deque[Result] = field(default_factory=deque)
    pongs: deque[Pong] = field(default_factory=deque)
    owed: int = 0
    """Ack ids and pings that came in and whose answer has not been written."""
    unary: bool = False
    """A call with one answer and no start: it takes over nothing of its client id, and nothing takes it over."""
    half_closed: bool = False
    """The client sends nothing more; what it sent is still answered."""
    writing: bool = False
    may_have: bool = True
    """Whether the store may hold ready heads for this stream."""
    claiming: bool = False
    generation: int = 0
    """Grows with every stream that the client opens, on whichever server; 0 until the stream is open."""
    overtaken_by: int = 0
    """The highest generation that another server told of before this stream had its own."""
    ending: Ending | None = None

    @property
    def takes_messages(self) -> bool:
        """Whether heads may still be given to this stream."""
        return self.phase is Phase.OPEN and not self.half_closed

    @property
    def hungry(self) -> bool:
        """Whether to claim: its writer is idle, nothing waits, and the window has room.

        A stream whose client does not read therefore hoards nothing that a competing stream could deliver.
        """
        busy = self.writing or self.waiting or self.claiming or self.started is not None
        return self.takes_messages and self.may_have and not busy and min(self.room) > 0

    @property
    def room(self) -> tuple[int, int]:
        """Messages and bytes that the window still admits; negative after it was made smaller."""
        return self.window.messages - self.outstanding, self.window.bytes - self.outstanding_bytes

    def admits(self, size: int) -> bool:
        """Whether the window lets a message of this size out now; alone it may be larger than the window's bytes."""
        messages, room_bytes = self.room
        return messages > 0 and (size <= room_bytes or self.outstanding == 0)

    def occupy(self, size: int) -> None:
        """A delivery begins to fill the window."""
        self.outstanding += 1
        self.outstanding_bytes += size

    def vacate(self, size: int) -> None:
        """A delivery leaves the window."""
        self.outstanding -= 1
        self.outstanding_bytes -= size

    def enqueue(self, head: Head, claimed_ms: int) -> None:
        """A head claimed at `claimed_ms` waits for its frame."""
        self.waiting.append(Waiting(head=head, send_by_ms=claimed_ms + SEND_WITHIN_MS))

    def take_waiting(self) -> list[Head]:
        """The heads that wait, which wait no longer."""
        heads = [waiting.head for waiting in self.waiting]
        self.waiting.clear()
        return heads

    def drop_waiting(self, tokens: frozenset[AckToken]) -> None:
        """Forgets heads whose claim is lost."""
        self.waiting = deque(waiting for waiting in self.waiting if waiting.head.token not in tokens)

    def take_heads(self) -> list[Head]:
        """Moves the heads of the next frame out of the waiting ones into the window; in their order, maybe none."""
        heads: list[Head] = []
        frame_bytes = 0
        while self.takes_messages and self.waiting and self.admits(self.waiting[0].head.size):
            head = self.waiting[0].head
            frame_bytes += head.size + len(head.ordering_key) + len(head.tenant_id) + FRAME_OVERHEAD_BYTES
            if heads and frame_bytes > FRAME_BYTES:
                break
            self.waiting.popleft()
            self.occupy(head.size)
            heads.append(head)
        return heads

    def take_control(self) -> Frame | None:
        """The next frame that holds no messages: started first of all, closing last of all."""
        if self.phase is Phase.OPENING:
            return None
        if self.started is not None:
            frame, self.started = self.started, None
            return frame
        if self.pongs:
            self.owed -= 1
            return self.pongs.popleft()
        if self.results:
            return self._take_results()
        if self.ending is not None:
            closing, self.ending.closing = self.ending.closing, None
            return closing
        return None

    def end(self, now_ms: int) -> End | None:
        """The end, once all that must be said has been said."""
        done = self.owed == 0 and (self.half_closed or self.outstanding == 0)
        if self.ending is not None:
            over = self.ending.closing is None and (done or now_ms >= self.ending.end_ms)
            return End(error=self.ending.error) if over else None
        return End() if self.half_closed and done and self.phase is Phase.OPEN and self.started is None else None

    def _take_results(self) -> Results:
        count = min(len(self.results), RESULTS_PER_FRAME)
        self.owed -= count
        return Results(results=tuple(self.results.popleft() for _ in range(count)))
