"""A consumer over the bare stubs, with the habits that a careful client does not have.

It lets deadlines pass, acknowledges twice and too late, drops its stream, and comes back with or without what it held.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

import grpc.aio
from google.protobuf.duration_pb2 import Duration

from expertflow.connector.v1 import inbound_pb2 as pb
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest, StreamInboundResponse
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from tests.support.chaos.conduct import ACK_DEADLINE_S, HANDLING_S, KEEPS_HOLD, LATE_ACK, Act, act_of
from tests.support.chaos.consumer import AWAY_S, SUBSCRIPTION, InHand, Setting, report
from tests.support.chaos.journal import Said, StreamEnded, now
from tests.support.processes import KNOCK_OFTEN

WINDOW_MESSAGES = 50

NACK_DELAY_S = (0.0, 0.3)

TOO_LATE_S = 0.3
"""How long after the deadline a stalled message is acknowledged."""

ACK_AGAIN_AFTER_S = 0.05

CALL_OVER = (grpc.aio.AioRpcError, asyncio.InvalidStateError)
"""How reading and writing end when the call does."""

OUTCOMES = {number: name.removeprefix("ACK_OUTCOME_") for name, number in pb.AckOutcome.items()}


Call: TypeAlias = "grpc.aio.StreamStreamCall[StreamInboundRequest, StreamInboundResponse]"


@dataclass(slots=True, kw_only=True)
class _Held:
    """A message in hand and who works on it."""

    in_hand: InHand
    work: asyncio.Task[None] | None = None
    answers: deque[asyncio.Future[str] | None] = field(default_factory=deque)
    """For each frame under way that names the ack id, who waits for its result; nobody waits for that of a nack."""


class StubConsumer:
    """Consumes until it is killed."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._chance = setting.chance
        self._held: dict[str, _Held] = {}
        """By ack id."""
        self._earlier: dict[Said, InHand] = {}
        """The last attempt of each message that this process has not seen done."""
        self._frames: asyncio.Queue[StreamInboundRequest] = asyncio.Queue()
        """For the present stream, or the next one if there is none."""
        self._started = asyncio.Event()
        self._drop = asyncio.Event()
        self._stream = 0
        self._server = ""

    async def run(self) -> None:
        """One stream after the other."""
        async with asyncio.TaskGroup() as self._work:
            for self._stream in count(1):
                self._server, address = self._setting.server(self._stream)
                async with grpc.aio.insecure_channel(address, KNOCK_OFTEN) as channel:
                    await self._one_stream(ConnectorServiceStub(channel).StreamInbound())
                keeps = self._chance.happens(KEEPS_HOLD, "keeps", self._setting.name, self._stream)
                self._let_go([ack_id for ack_id, held in self._held.items() if held.answers or not keeps])
                await asyncio.sleep(self._chance.between(*AWAY_S, "away", self._setting.name, self._stream))

    async def _one_stream(self, call: Call) -> None:
        self._started.clear()
        self._drop.clear()
        tasks = (
            asyncio.create_task(self._write(call), name="writer"),
            asyncio.create_task(self._read(call), name="reader"),
            asyncio.create_task(self._drop.wait(), name="drop"),
        )
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        report(StreamEnded(at=now(), consumer=self._setting.name, stream=self._stream))
        self._frames = asyncio.Queue()
        call.cancel()
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(ended, CALL_OVER):
                raise ended

    async def _write(self, call: Call) -> None:
        start = pb.InboundStart(
            subscription=SUBSCRIPTION,
            client_id=self._setting.name,
            ack_deadline=Duration(seconds=ACK_DEADLINE_S),
            window=pb.InboundWindow(max_messages=WINDOW_MESSAGES),
            held_ack_ids=list(self._held),
        )
        await call.write(StreamInboundRequest(start=start))
        # What is said about a held message before the server has agreed to it could be answered before that.
        await self._started.wait()
        while True:
            await call.write(await self._frames.get())

    async def _read(self, call: Call) -> None:
        async for frame in call:
            match frame.WhichOneof("frame"):
                case "started":
                    self._resume(frame.started)
                case "messages":
                    for received in frame.messages.messages:
                        self._take(received)
                case "results":
                    for result in frame.results.results:
                        self._answer(result.ack_id, OUTCOMES[result.outcome])
                case _:
                    pass

    def _resume(self, started: pb.InboundStarted) -> None:
        over = set(self._held)
        for result in started.held_results:
            if result.outcome == pb.ACK_OUTCOME_OK and result.ack_id in over:
                over.discard(result.ack_id)
                in_hand = self._held[result.ack_id].in_hand
                report(in_hand.resumed(self._stream, self._server, now() + ACK_DEADLINE_S))
        self._let_go(over)
        self._started.set()

    def _take(self, received: pb.ReceivedMessage) -> None:
        in_hand = InHand.of(received, self._setting.name)
        report(in_hand.delivered(received.message.id, self._stream, self._server))
        said = in_hand.text.said
        earlier, self._earlier[said] = self._earlier.get(said), in_hand
        held = self._held[in_hand.ack_id] = _Held(in_hand=in_hand)
        held.work = self._work.create_task(self._handle(held, earlier), name=f"message {said}")

    async def _handle(self, held: _Held, earlier: InHand | None) -> None:
        in_hand = held.in_hand
        name = (in_hand.text.said, in_hand.attempt)
        if earlier is not None and self._chance.happens(LATE_ACK, "late", *name):
            await self._ack(earlier)
        await asyncio.sleep(self._chance.between(*HANDLING_S, "handling", *name))
        act = act_of(self._chance, in_hand.text, in_hand.attempt)
        match act:
            case Act.DROP:
                self._drop.set()
            case Act.UNAVAILABLE | Act.REJECT:
                self._nack(in_hand, act)
            case _:
                if act is Act.STALL:
                    await asyncio.sleep(in_hand.deadline_at - now() + TOO_LATE_S)
                outcome = await self._ack(in_hand)
                if act is Act.ACK_TWICE and outcome == "OK":
                    await asyncio.sleep(ACK_AGAIN_AFTER_S)
                    await self._ack(in_hand)

    async def _ack(self, in_hand: InHand) -> str:
        """Acknowledges and returns the answer; cancelled when the stream ends before it comes."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        report(in_hand.acking())
        self._ask(in_hand, StreamInboundRequest(ack=pb.InboundAck(ack_ids=[in_hand.ack_id])), answer)
        outcome = await answer
        if outcome == "OK":
            self._earlier.pop(in_hand.text.said, None)
        return outcome

    def _nack(self, in_hand: InHand, act: Act) -> None:
        delay = Duration()
        drawn = self._chance.between(*NACK_DELAY_S, "nack", in_hand.text.said, in_hand.attempt)
        delay.FromMilliseconds(round(1000 * drawn))
        reason = pb.NACK_REASON_REJECTED if act is Act.REJECT else pb.NACK_REASON_UNAVAILABLE
        report(in_hand.nacked())
        nack = pb.InboundNack(ack_ids=[in_hand.ack_id], reason=reason, delay=delay)
        self._ask(in_hand, StreamInboundRequest(nack=nack), None)

    def _ask(self, in_hand: InHand, frame: StreamInboundRequest, answer: asyncio.Future[str] | None) -> None:
        held = self._held.setdefault(in_hand.ack_id, _Held(in_hand=in_hand, work=asyncio.current_task()))
        held.answers.append(answer)
        self._frames.put_nowait(frame)

    def _answer(self, ack_id: str, outcome: str) -> None:
        held = self._held.get(ack_id)
        if held is None:
            # Let go while its frame waited for a stream.
            return
        answer = held.answers.popleft()
        if not held.answers:
            del self._held[ack_id]
        if answer is not None:
            report(held.in_hand.answered(outcome))
            answer.set_result(outcome)

    def _let_go(self, ack_ids: Iterable[str]) -> None:
        """Stops all work on messages whose lease is over or given up."""
        for ack_id in ack_ids:
            if (work := self._held.pop(ack_id).work) is not None:
                work.cancel()
