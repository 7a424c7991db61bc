"""The server as its two neighbours see it: events in through IngestService, messages out through StreamInbound.

Everything goes over a real port with the generated stubs. The server's clock stands still until the test moves it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from expertflow.connector.v1 import inbound_pb2 as pb
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest, StreamInboundResponse
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.inbound_event_pb2 import INGEST_SOURCE_LIVE, InboundEvent
from expertflow.connector.v1.ingest_service_pb2 import IngestInboundRequest, IngestItem, IngestResult
from expertflow.connector.v1.ingest_service_pb2_grpc import IngestServiceStub
from facebook_connector.app import running_server
from facebook_connector.delivery import ack_ids
from facebook_connector.delivery.values import AckToken
from facebook_connector.settings import ServerSettings
from tests.support.channels import PAGE_ID, add_channel

START_MS = 1_794_300_000_000
PATIENCE_S = 10.0
"""How long a test waits for what must come."""

NOBODYS = ack_ids.encode(AckToken(subscription_id=1, key_id=1, seq=1, attempt=1, epoch=2**40), 1)
"""An ack id of `ccm` and the first key under a claim that never was: the store answers STALE."""

OK, STALE, UNKNOWN = pb.ACK_OUTCOME_OK, pb.ACK_OUTCOME_STALE, pb.ACK_OUTCOME_UNKNOWN


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now_ms = START_MS

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._now_ms / 1000

    def advance(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)


@dataclass(frozen=True, slots=True)
class Wire:
    """A running server and a connection to it."""

    channel: grpc.aio.Channel
    clock: HandClock
    serving: AsyncExitStack
    """Closing it stops the server, while the connection stays."""
    address: str = ""

    async def ingest(self, *items: IngestItem | InboundEvent) -> list[IngestResult]:
        batch = [IngestItem(event=item) if isinstance(item, InboundEvent) else item for item in items]
        response = await IngestServiceStub(self.channel).IngestInbound(IngestInboundRequest(items=batch))
        return list(response.results)

    async def texts(self, *names: str, psid: str = "70001") -> None:
        await self.ingest(*(an_event(name, psid=psid) for name in names))

    def stream(self, client_id: str = "ccm-0", **start: Any) -> StreamCall:
        opening = pb.InboundStart(**{"subscription": "ccm", "client_id": client_id, **start})
        return StreamCall(self.channel, self.clock, opening)


class StreamCall:
    """One StreamInbound call, driven frame by frame; `async with` sends the start frame and reads `started`."""

    def __init__(self, channel: grpc.aio.Channel, clock: HandClock, opening: pb.InboundStart | None) -> None:
        self._call = ConnectorServiceStub(channel).StreamInbound()
        self._clock = clock
        self._opening = opening
        self.started = pb.InboundStarted()
        self._kept: list[pb.ReceivedMessage] = []

    async def __aenter__(self) -> Self:
        if self._opening is not None:
            await self.send(start=self._opening)
            self.started = (await self.frame()).started
        return self

    async def __aexit__(self, *_: object) -> None:
        self._call.cancel()
        with_end = asyncio.ensure_future(self._call.code())
        await asyncio.wait([with_end], timeout=PATIENCE_S)

    async def send(self, **frame: Any) -> None:
        await self._call.write(StreamInboundRequest(**frame))

    async def ack(self, *received: pb.ReceivedMessage) -> None:
        await self.send(ack=pb.InboundAck(ack_ids=[message.ack_id for message in received]))

    async def nack(self, *received: pb.ReceivedMessage, delay_s: int | None = None, reason: int = 1) -> None:
        nack = pb.InboundNack(ack_ids=[message.ack_id for message in received], reason=reason)  # type: ignore[arg-type]
        if delay_s is not None:
            nack.delay.CopyFrom(Duration(seconds=delay_s))
        await self.send(nack=nack)

    async def frame(self) -> StreamInboundResponse:
        """The next frame."""
        async with asyncio.timeout(PATIENCE_S):
            frame = await self._call.read()
        assert isinstance(frame, StreamInboundResponse), "the stream has ended"
        return frame

    async def messages(self) -> list[pb.ReceivedMessage]:
        """The messages of the next frame that holds any, passing over results and pongs."""
        if self._kept:
            kept, self._kept = self._kept, []
            return kept
        while True:
            frame = await self.frame()
            if frame.WhichOneof("frame") == "messages":
                return list(frame.messages.messages)
            assert frame.WhichOneof("frame") in {"results", "pong"}, frame

    async def message(self) -> pb.ReceivedMessage:
        """The only message of that frame."""
        (received,) = await self.messages()
        return received

    async def results(self) -> dict[str, int]:
        """The results of the next frame."""
        frame = await self.frame()
        assert frame.WhichOneof("frame") == "results", frame
        return {result.ack_id: result.outcome for result in frame.results.results}

    async def nothing_before_pong(self) -> None:
        """Fails if the server has anything to say before it answers a ping."""
        await self.send(ping=pb.InboundPing(nonce="anything?"))
        frame = await self.frame()
        assert frame.pong.nonce == "anything?", frame

    async def after(self, seconds: float) -> None:
        """Lets time pass, and the server do what is due; it may have nothing to say about that."""
        self._clock.advance(seconds)
        await self.send(ack=pb.InboundAck(ack_ids=[NOBODYS]))
        # The answer comes from the store, so after a whole round of the dispatcher.
        assert await self.results() == {NOBODYS: STALE}

    async def settled(self) -> None:
        """Returns when all that was sent before is answered; messages that come meanwhile are kept for `messages`."""
        await self.send(ack=pb.InboundAck(ack_ids=[NOBODYS]))
        while True:
            frame = await self.frame()
            self._kept += frame.messages.messages
            if NOBODYS in {result.ack_id for result in frame.results.results}:
                return

    async def elapse(self, seconds: float) -> None:
        """Lets time pass, and the server see it; messages may come of it."""
        self._clock.advance(seconds)
        await self.send(ping=pb.InboundPing())

    async def half_close(self) -> None:
        await self._call.done_writing()

    async def ended(self) -> Ended:
        """The status after all frames that were still to come."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while await self._call.read() is not grpc.aio.EOF:
                    pass
            except grpc.aio.AioRpcError:
                pass
            code = await self._call.code()
            return Ended.of(code, await self._call.trailing_metadata() or ())


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended."""

    code: grpc.StatusCode
    reason: str = ""
    metadata: dict[str, str] | None = None
    fields: tuple[str, ...] = ()

    @classmethod
    def of(cls, code: grpc.StatusCode, trailers: Iterable[tuple[str, str | bytes]]) -> Ended:
        details = dict(trailers).get("grpc-status-details-bin")
        if not isinstance(details, bytes):
            return cls(code)
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        for detail in status_pb2.Status.FromString(details).details:
            for message in (info, bad):
                if detail.Is(message.DESCRIPTOR):
                    detail.Unpack(message)
        fields = tuple(violation.field for violation in bad.field_violations)
        return cls(code, info.reason, dict(info.metadata), fields)


def an_event(name: str = "m_1", *, psid: str = "70001", text: str = "", page_id: str = PAGE_ID) -> InboundEvent:
    """A customer's text message as the gateway hands it over."""
    event = InboundEvent(
        page_id=page_id,
        psid=psid,
        kind=pb.EVENT_KIND_MESSAGE,
        dedupe_key=f"message:{name}",
        opens_window=True,
        raw=f'{{"mid":"{name}"}}'.encode(),
        source=INGEST_SOURCE_LIVE,
        translator_version=1,
    )
    event.event_time.FromMilliseconds(START_MS - 1000)
    message = event.messages.add(id=f"cim-{name}")
    message.header.provider_message_id = name
    message.header.timestamp.FromMilliseconds(START_MS - 1000)
    message.body.type = "PLAIN"
    message.body.markdown_text = text or f"text of {name}"
    message.body.plain.SetInParent()
    return event


@asynccontextmanager
async def running_wire(settings: ServerSettings, *, new: bool = True) -> AsyncIterator[Wire]:
    """A server that serves, with a channel for the page when the database is `new`."""
    clock = HandClock()
    async with AsyncExitStack() as serving:
        server = await serving.enter_async_context(running_server(settings, clock))
        if new:
            await add_channel(str(server.address))
        async with grpc.aio.insecure_channel(str(server.address)) as channel:
            yield Wire(channel, clock, serving, str(server.address))
