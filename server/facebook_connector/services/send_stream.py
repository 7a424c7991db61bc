"""SendMessages: many sends on one stream, each answered once and in any order.

Frames to one customer are accepted in their order; frames to different customers do not wait for one another. The
stream is read on only while there is room for another unanswered frame, and until the server stops.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from expertflow.connector.v1 import connector_service_pb2 as pb
from facebook_connector.delivery.endings import draining_error
from facebook_connector.errors import ConnectorError
from facebook_connector.outbox import messages as wire
from facebook_connector.outbox.outbox import Outbox
from facebook_connector.sending.request import read_options
from facebook_connector.services.interceptors import places
from facebook_connector.services.status import error_message, understood
from service_runtime.lifecycle import first_of
from service_runtime.logs import get_logger

log = get_logger("calls")

MAX_UNANSWERED = 1_000

Customer = tuple[str, str]
"""Page and PSID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One send of the stream, and its place among the frames to its customer."""

    index: int
    request: pb.SendMessagesRequest
    turn: asyncio.Event
    """Set when the customer's frame before this one is accepted or refused."""
    accepted: asyncio.Event
    """To be set when this one is."""


class SendStream:
    """One call of SendMessages."""

    def __init__(self, outbox: Outbox, *, room: int = MAX_UNANSWERED) -> None:
        self._outbox = outbox
        self._answers: asyncio.Queue[pb.SendMessagesResponse | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(room)
        self._newest: dict[Customer, asyncio.Event] = {}
        """`Frame.accepted` of each customer's newest frame."""
        self._half_closed = False

    async def serve(self, requests: AsyncIterator[pb.SendMessagesRequest]) -> AsyncIterator[pb.SendMessagesResponse]:
        """Answers every frame; ends when the client has half-closed and all frames are answered.

        Once the server stops no further frame is read; what was read is answered, then SERVER_DRAINING is raised.
        """
        reading = asyncio.create_task(self._read(requests), name="send stream")
        reading.add_done_callback(lambda _: self._answers.put_nowait(None))
        try:
            while (answer := await self._answers.get()) is not None:
                yield answer
                self._room.release()
            await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, requests: AsyncIterator[pb.SendMessagesRequest]) -> None:
        async with asyncio.TaskGroup() as frames:
            await first_of(self._take_in(requests, frames), self._outbox.stopping())
        if not self._half_closed:
            raise draining_error()

    async def _take_in(self, requests: AsyncIterator[pb.SendMessagesRequest], frames: asyncio.TaskGroup) -> None:
        index, waiting = 0, aiter(requests)
        while True:
            await self._room.acquire()
            request = await anext(waiting, None)
            if request is None:
                self._half_closed = True
                return
            frames.create_task(self._serve(self._frame(index, request)), name=f"send stream frame {index}")
            index += 1

    def _frame(self, index: int, request: pb.SendMessagesRequest) -> Frame:
        """Takes the customer's next place; must run in the order of the frames."""
        customer = _customer(request)
        turn = self._newest.get(customer)
        if turn is None:
            turn = asyncio.Event()
            turn.set()
        accepted = self._newest[customer] = asyncio.Event()
        return Frame(index=index, request=request, turn=turn, accepted=accepted)

    async def _serve(self, frame: Frame) -> None:
        answer = pb.SendMessagesResponse(index=frame.index, id=frame.request.message.id)
        try:
            await frame.turn.wait()
            answer.response.CopyFrom(await self._send(frame))
        except Exception as error:  # noqa: BLE001 - each frame is a call of its own, and no call ends another
            answer.error.CopyFrom(error_message(understood(error) or _incident(error)))
        finally:
            self._leave(frame)
        self._answers.put_nowait(answer)

    async def _send(self, frame: Frame) -> pb.SendMessageResponse:
        message = frame.request.message
        options = read_options(frame.request.options, message.header.sender.type)
        return wire.response(await self._outbox.send(message, options, accepted=lambda: self._leave(frame)))

    def _leave(self, frame: Frame) -> None:
        """Lets the customer's next frame go on."""
        frame.accepted.set()
        customer = _customer(frame.request)
        if self._newest.get(customer) is frame.accepted:
            del self._newest[customer]


def _customer(request: pb.SendMessagesRequest) -> Customer:
    channel_data = request.message.header.channel_data
    return channel_data.service_identifier, channel_data.channel_customer_identifier


def _incident(error: Exception) -> ConnectorError:
    incident = secrets.token_hex(8)
    log.error("frame failed", incident=incident, error=type(error).__qualname__, places=places(error))
    return ConnectorError(
        "INTERNAL", f"The server failed; its log says why under incident {incident}.", metadata={"incident": incident}
    )
