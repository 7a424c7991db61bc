"""Many sends on one call: frames out, outcomes in, in any order. A broken call is opened again.

What had no answer is then sent again in its old order under its old ids, which the server recognises.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import grpc

from connector_client._actions import duration
from connector_client._ending import Ending
from connector_client._enums import SendOrigin
from connector_client._errors import ConnectorError, error_of_message
from connector_client._repeat import Repeats
from expertflow.cim.v1 import message_pb2
from expertflow.connector.v1 import outbound_pb2
from expertflow.connector.v1.connector_service_pb2 import (
    SendMessageResponse,
    SendMessagesRequest,
    SendMessagesResponse,
)

SendCall = grpc.aio.StreamStreamCall[SendMessagesRequest, SendMessagesResponse]

Messages = Iterable[message_pb2.CimMessage] | AsyncIterable[message_pb2.CimMessage]

MAX_UNANSWERED = 200
"""How far the source is read ahead of the answers."""

GIVE_UP_AFTER_S = 60.0
"""So long without a connection and any answer is a failure the caller must hear of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOutcome:
    """What became of one message of `send_many`: a response, or the error with which it was refused."""

    index: int
    """Its position among the messages given, from 0."""
    id: str
    response: SendMessageResponse | None = None
    error: ConnectorError | None = None

    @property
    def accepted(self) -> SendMessageResponse:
        """The response. Raises the error if there is one."""
        if self.response is None:
            raise self.error or ConnectorError(grpc.StatusCode.UNKNOWN, "the server answered neither way")
        return self.response


def send_options(
    *,
    wait: float | None = None,
    ttl: float | None = None,
    origin: SendOrigin = SendOrigin.UNSPECIFIED,
    record_refusals: bool = False,
) -> outbound_pb2.SendOptions:
    """Options from seconds; None leaves the server's default."""
    return outbound_pb2.SendOptions(
        wait=None if wait is None else duration(wait),
        ttl=None if ttl is None else duration(ttl),
        origin=outbound_pb2.SendOrigin.Name(origin.value),
        record_refusals=record_refusals,
    )


class SendingStream:
    """Sends one series of messages."""

    def __init__(self, dial: Callable[[], SendCall], repeats: Repeats) -> None:
        self._dial = dial
        self._repeats = repeats
        self._unanswered: dict[int, SendMessagesRequest] = {}
        self._to_write: deque[int] = deque()
        self._answered: deque[SendOutcome] = deque()
        self._room = asyncio.Semaphore(MAX_UNANSWERED)
        self._wake_writer = asyncio.Event()
        self._wake_reader = asyncio.Event()
        self._heard_at = monotonic()

    async def outcomes(
        self, messages: Messages, options: outbound_pb2.SendOptions
    ) -> AsyncGenerator[SendOutcome, None]:
        """Yields one outcome per message; raises `ConnectorError` if the server stays away, or as the source does."""
        task = asyncio.create_task(self._run(messages, options), name="send_many")
        task.add_done_callback(lambda _: self._wake_reader.set())
        try:
            while self._answered or not task.done():
                while self._answered:
                    self._room.release()
                    yield self._answered.popleft()
                self._wake_reader.clear()
                if not task.done():
                    await self._wake_reader.wait()
            task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, messages: Messages, options: outbound_pb2.SendOptions) -> None:
        feeder = asyncio.create_task(self._feed(messages, options), name="send_many source")
        feeder.add_done_callback(lambda _: self._wake_writer.set())
        attempt = 0
        try:
            while True:
                heard_before = self._heard_at
                ending = await self._one_call(feeder)
                if feeder.done() and not self._unanswered:
                    feeder.result()
                    return
                attempt = 1 if self._heard_at > heard_before else attempt + 1
                delay = self._repeats.delay(ending, attempt)
                if delay is None or monotonic() - self._heard_at > GIVE_UP_AFTER_S:
                    raise ending
                await asyncio.sleep(delay)
        finally:
            feeder.cancel()
            await asyncio.gather(feeder, return_exceptions=True)

    async def _feed(self, messages: Messages, options: outbound_pb2.SendOptions) -> None:
        """Reads the source. A task of its own: the end of a call must not cancel the user's generator."""
        index = 0
        async for message in _each(messages):
            await self._room.acquire()
            self._unanswered[index] = SendMessagesRequest(message=message, options=options)
            self._to_write.append(index)
            self._wake_writer.set()
            index += 1

    async def _one_call(self, feeder: asyncio.Task[None]) -> ConnectorError:
        self._to_write = deque(self._unanswered)
        written: list[int] = []
        call = self._dial()
        ending = Ending(call)
        writer = asyncio.create_task(self._write(call, written, feeder), name="send_many writer")
        try:
            async for answer in call:
                self._take(answer, written[answer.index])
        except grpc.aio.AioRpcError as error:
            failure = await ending.of(error)
            if failure.code is not grpc.StatusCode.OK:
                return failure
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return ConnectorError(grpc.StatusCode.UNAVAILABLE, "the server ended the call before all was answered")

    async def _write(self, call: SendCall, written: list[int], feeder: asyncio.Task[None]) -> None:
        # An error here means that the call is over, and the reader learns why.
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            while self._to_write or not feeder.done():
                while self._to_write:
                    index = self._to_write.popleft()
                    written.append(index)
                    await call.write(self._unanswered[index])
                self._wake_writer.clear()
                if not feeder.done():
                    await self._wake_writer.wait()
            await call.done_writing()

    def _take(self, answer: SendMessagesResponse, index: int) -> None:
        self._heard_at = monotonic()
        del self._unanswered[index]
        response = answer.response if answer.HasField("response") else None
        error = error_of_message(answer.error) if answer.HasField("error") else None
        self._answered.append(SendOutcome(index=index, id=answer.id, response=response, error=error))
        self._wake_reader.set()


async def _each(messages: Messages) -> AsyncIterator[message_pb2.CimMessage]:
    if isinstance(messages, AsyncIterable):
        async for message in messages:
            yield message
    else:
        for message in messages:
            yield message
