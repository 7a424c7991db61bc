"""One connection of an inbound stream, from its start frame to its status: a reader, a writer, and a watch for silence.

What the frames mean for leases is decided in `_leases`; this is where they meet the wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import grpc

from connector_client._actions import MAX_IDS_PER_FRAME, frames
from connector_client._ending import Ending
from connector_client._enums import AckOutcome
from connector_client._errors import ConnectorError
from connector_client._leases import LeaseBook
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest, StreamInboundResponse

InboundCall = grpc.aio.StreamStreamCall[StreamInboundRequest, StreamInboundResponse]

Dial = Callable[[], InboundCall]
"""Opens a call."""

Deliver = Callable[[inbound_pb2.InboundMessages], None]
"""Takes messages that were just granted in the book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When silence is suspicious, in seconds."""

    silence: float = 20.0
    """After so long without a frame the server is asked for a sign of life."""
    patience: float = 10.0
    """Without any within this time the connection counts as dead, whatever TCP believes."""


DEFAULT_WATCH = Watch()


class Conversation:
    """One call. It shares the lease book with those before and after it."""

    def __init__(self, book: LeaseBook, deliver: Deliver, watch: Watch) -> None:
        self._book = book
        self._deliver = deliver
        self._watch = watch
        self._wake = asyncio.Event()
        self._heard_at = monotonic()
        self._pinged_at: float | None = None
        self.left = False
        """Whether the user has gone."""
        self.started = False
        """Whether the server has confirmed the start."""
        self.closing: inbound_pb2.InboundClosing | None = None
        """What the server said before it ended the stream."""

    def wake(self) -> None:
        """Something was wished for a lease."""
        self._wake.set()

    def leave(self) -> None:
        """Gives back what nobody has settled, and ends when that is answered."""
        self.left = True
        self._book.give_back()
        self._wake.set()

    async def run(self, call: InboundCall, start: inbound_pb2.InboundStart) -> ConnectorError:
        """Talks until the call ends and returns how; raises only a fault of its own, or that its task is cancelled."""
        ending = Ending(call)
        writer = asyncio.create_task(self._write(call, start), name=f"inbound {start.subscription} writer")
        # The reader would wait for ever.
        writer.add_done_callback(lambda ended: _is_broken(ended) and call.cancel())
        try:
            async for frame in call:
                self._take(frame)
        except grpc.aio.AioRpcError as error:
            return await ending.of(error)
        except asyncio.CancelledError:
            # Reading ends so, too, when the writer gave the call up.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            return ConnectorError(grpc.StatusCode.UNAVAILABLE, "the server gave no sign of life")
        else:
            return ConnectorError(grpc.StatusCode.OK, "the server ended the stream")
        finally:
            self.started = False
            writer.cancel()
            await asyncio.wait([writer])
            if _is_broken(writer):
                writer.result()

    def _take(self, frame: StreamInboundResponse) -> None:
        self._heard_at, self._pinged_at = monotonic(), None
        match frame.WhichOneof("frame"):
            case "started":
                self._resume(frame.started)
            case "messages":
                self._grant(frame.messages)
            case "results":
                for result in frame.results.results:
                    self._book.answer(result.ack_id, AckOutcome(result.outcome))
            case "closing":
                self.closing = frame.closing
            case _:
                # A pong has said all by coming; a frame of a newer server is none of our business.
                pass
        self._wake.set()

    def _resume(self, started: inbound_pb2.InboundStarted) -> None:
        held = {result.ack_id: AckOutcome(result.outcome) for result in started.held_results}
        self._book.resume(started.ack_deadline.ToTimedelta().total_seconds(), held, monotonic())
        self.started = True

    def _grant(self, batch: inbound_pb2.InboundMessages) -> None:
        now = monotonic()
        for envelope in batch.messages:
            self._book.grant(envelope.ack_id, now)
        self._deliver(batch)
        if self.left:
            self._book.give_back()

    async def _write(self, call: InboundCall, start: inbound_pb2.InboundStart) -> None:
        try:
            await call.write(StreamInboundRequest(start=_with_held(start, self._book.held)))
            while not self._is_dead():
                await self._write_what_is_due(call)
                if (self.left or self.closing is not None) and not self._book.unsent:
                    await call.done_writing()
                    return
                await self._rest()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            # The call is over; the reader learns why.
            return
        # The reader would wait for ever.
        call.cancel()

    async def _write_what_is_due(self, call: InboundCall) -> None:
        self._wake.clear()
        if self.started:
            for frame in frames(self._book.take(monotonic())):
                await call.write(frame)
        if self._pinged_at is None and monotonic() >= self._heard_at + self._watch.silence:
            self._pinged_at = monotonic()
            await call.write(StreamInboundRequest(ping=inbound_pb2.InboundPing()))

    async def _rest(self) -> None:
        """Until something happens or something falls due."""
        times = [self._silent_at()]
        if self.started and (look_at := self._book.look_again_at()) is not None:
            times.append(look_at)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min(times) - monotonic())):
                await self._wake.wait()

    def _silent_at(self) -> float:
        """When the present silence becomes a reason to act."""
        if self._pinged_at is None:
            return self._heard_at + self._watch.silence
        return self._pinged_at + self._watch.patience

    def _is_dead(self) -> bool:
        return self._pinged_at is not None and monotonic() >= self._silent_at()


def _with_held(start: inbound_pb2.InboundStart, held: list[str]) -> inbound_pb2.InboundStart:
    """The start frame for a connection after the first; what does not fit is given up and comes again."""
    frame = inbound_pb2.InboundStart()
    frame.CopyFrom(start)
    frame.held_ack_ids.extend(held[:MAX_IDS_PER_FRAME])
    return frame


def _is_broken(ended: asyncio.Task[None]) -> bool:
    return not ended.cancelled() and ended.exception() is not None
