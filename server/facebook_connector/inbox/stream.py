"""A stream as the services hold it: what the client sent goes in, frames come out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress

from facebook_connector.delivery.deliveries import Deliveries
from facebook_connector.delivery.endings import draining_error
from facebook_connector.delivery.frames import Delivery, End, Frame, Messages, Result, Results
from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.redelivery import NotDone
from facebook_connector.errors import ConnectorError
from service_runtime.clock import Clock

MAX_OWED = 20_000
"""Answers that may wait to be written before more of the client's frames are read."""

LOOK_WITHIN_S = 5.0
"""How long a call that waits for no message waits for a store that does not answer."""

GIVE_UP_AFTER_S = 7.0
"""How long an ending stream may hang in a write, because its client does not read, before the call is cancelled."""


class InboundStream:
    """One open stream of a dispatcher. One task writes `frames`, one reads and calls the rest."""

    def __init__(
        self,
        stream_id: int,
        deliveries: Deliveries,
        clock: Clock,
        changed: Callable[[], None],
        forget: Callable[[int], object],
    ) -> None:
        self.stream_id = stream_id
        self._deliveries = deliveries
        self._clock = clock
        self._changed = changed
        self._forget = forget
        self._told = asyncio.Event()
        self._room = asyncio.Event()
        self._giving_up: asyncio.TimerHandle | None = None
        self._call = asyncio.current_task()
        self.client_id = ""
        self.peer = ""
        """The client's network address; empty for a unary call."""
        self.open_ms = clock.now_ms()
        self.last_ack_ms: int | None = None

    def tell(self) -> None:
        """There may be something to write."""
        self._told.set()
        if self._giving_up is None and self._call is not None and self._deliveries.is_ending(self.stream_id):
            loop = asyncio.get_running_loop()
            self._giving_up = loop.call_later(GIVE_UP_AFTER_S, self._call.cancel)

    def acknowledge(self, ids: Iterable[str]) -> None:
        """The client has processed messages."""
        self.last_ack_ms = self._clock.now_ms()
        self._deliveries.acknowledge(self.stream_id, ids)
        self._changed()

    def nack(self, ids: Iterable[str], how: NotDone) -> None:
        """The client gives messages back."""
        self._deliveries.nack(self.stream_id, ids, how, self._clock.now_ms())
        self._changed()

    def extend(self, ids: Iterable[str], duration_ms: int) -> None:
        """The client needs more time: so long from now."""
        self._deliveries.extend(self.stream_id, ids, duration_ms, self._clock.now_ms())
        self._changed()

    def resize(self, window: Window) -> None:
        """The client changes its window."""
        self._deliveries.resize(self.stream_id, window)
        self._changed()

    @property
    def window(self) -> Window | None:
        """The window in force; None when the stream has ended."""
        return self._deliveries.window(self.stream_id)

    @property
    def outstanding(self) -> tuple[int, int]:
        """Messages delivered and not yet acknowledged, and their bytes."""
        return self._deliveries.outstanding(self.stream_id)

    def ping(self, nonce: str) -> None:
        """The client asks for a sign of life."""
        self._deliveries.ping(self.stream_id, nonce)
        self._changed()

    def half_close(self) -> None:
        """The client sends nothing more."""
        self._deliveries.half_close(self.stream_id, self._clock.now_ms())
        self._changed()

    def fail(self, error: ConnectorError) -> None:
        """The client misused the stream: it ends with this error."""
        self._deliveries.fail(self.stream_id, error, self._clock.now_ms())
        self._changed()

    async def room(self) -> None:
        """Waits while so many answers are unwritten that no more of the client's frames should be read."""
        while self._deliveries.owed(self.stream_id) > MAX_OWED:
            self._room.clear()
            await self._room.wait()

    async def frames(self) -> AsyncIterator[Frame]:
        """What to write, each when the one before is written. Raises the `ConnectorError` that the stream ends with."""
        while True:
            self._told.clear()
            frame = self._deliveries.next_frame(self.stream_id, self._clock.now_ms())
            self._room.set()
            if isinstance(frame, End):
                if frame.error is not None:
                    raise frame.error
                return
            if frame is not None:
                yield frame
                continue
            # Nothing to say means room for more: the dispatcher may claim for this stream now.
            self._changed()
            await self._told.wait()

    async def pull(self, wait_s: float) -> tuple[Delivery, ...]:
        """For a unary call: a frame of messages; none if there is none within so long.

        Raises the `ConnectorError` that the stream ends with.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s or LOOK_WITHIN_S):
                while True:
                    self._told.clear()
                    frame = self._deliveries.next_frame(self.stream_id, self._clock.now_ms())
                    if isinstance(frame, Messages):
                        return frame.deliveries
                    if isinstance(frame, End):
                        raise frame.error or draining_error()
                    if frame is None:
                        if not wait_s and self._deliveries.has_nothing(self.stream_id):
                            return ()
                        self._changed()
                        await self._told.wait()
        return ()

    async def results(self) -> list[Result]:
        """For a unary call: what became of all that was sent, in no particular order, once it is committed."""
        self.half_close()
        return [result async for frame in self.frames() if isinstance(frame, Results) for result in frame.results]

    def close(self) -> None:
        """The call is over, for whatever reason."""
        if self._giving_up is not None:
            self._giving_up.cancel()
        self._deliveries.disconnect(self.stream_id, self._clock.now_ms())
        self._forget(self.stream_id)
        self._room.set()
        self._changed()
