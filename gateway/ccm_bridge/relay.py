"""Moves messages from the inbound stream to CCM: in order per conversation, conversations side by side.

The stream gives out one message per conversation at a time, so order needs nothing here but to settle each message only
when CCM has answered. A crash between CCM's answer and the acknowledgement posts the message once more, under its id.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ccm_bridge import telemetry
from ccm_bridge.ccm import Ccm, CcmUnreachableError
from ccm_bridge.settings import BridgeSettings
from ccm_bridge.subscribing import ensure_subscription
from ccm_bridge.towards_ccm import Manner, UnpostableError, written
from ccm_bridge.turns import Turns
from ccm_bridge.verdicts import Reading, Ruling, Verdict, ruled
from connector_client import AckOutcome, Connection, ConnectorClient, ConnectorError, NackReason, Received, Window
from expertflow.connector.v1 import inbound_pb2
from service_runtime.clock import Clock
from service_runtime.lifecycle import Tasks, first_of
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

NACKS: Final = {Ruling.UNAVAILABLE: NackReason.UNAVAILABLE, Ruling.REJECTED: NackReason.REJECTED}

REFUSED_REST_S: Final = 5.0
"""How long to wait after the server refused the stream: somebody has to mend a setting."""

SAMPLE_S: Final = 1.0

UNCONFIRMED: Final = 10_000
"""How many messages are remembered as taken by CCM but not acknowledged."""

TAKEN_BEFORE: Final = Verdict(ruling=Ruling.TAKEN)

HINTS: Final = {
    "TOKEN_MISSING": "set FBC_BRIDGE_SERVER_TOKEN to one of the server's FBC_CCM_TOKENS",
    "TOKEN_INVALID": "FBC_BRIDGE_SERVER_TOKEN is none of the server's FBC_CCM_TOKENS",
    "ROLE_REQUIRED": "FBC_BRIDGE_SERVER_TOKEN must stand in the server's FBC_CCM_TOKENS",
    "SUBSCRIPTION_NOT_FOUND": "create it (`facebook-connector subscriptions create`), or set FBC_BRIDGE_OPERATOR_TOKEN",
}
"""Reason of a refused stream → what to do."""

_log = get_logger("bridge.relay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """What the bridge stands between: our server, as a client of each of its two roles, and CCM."""

    client: ConnectorClient
    operator: Connection
    ccm: Ccm


class Relay:
    """Reads the subscription and posts. `run` is its only task; `drain` lets it finish what it has in hand."""

    def __init__(self, ends: Ends, settings: BridgeSettings, *, clock: Clock, metrics: Metrics) -> None:
        self._ends = ends
        self._settings = settings
        self._manner = Manner(reactions_as_text=settings.bridge_reactions_as_text, context=settings.bridge_context)
        self._reading = Reading(rejecting=settings.rejecting, reason_codes=settings.ccm_reason_codes)
        self._clock = clock
        self._metrics = metrics
        self._room = asyncio.Semaphore(settings.bridge_parallel)
        self._turns = Turns()
        self._in_hand: dict[str, Received] = {}
        self._unconfirmed: dict[str, None] = {}
        """Ids of messages that CCM took and whose acknowledgement the server has not confirmed, oldest first."""
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.refusal = "the bridge has not found its subscription yet"
        """Why the server gives no messages, in words; empty while it does."""
        self.ccm_problem = ""
        """Why CCM takes none, by its last answer; empty while it does."""

    async def run(self) -> None:
        """Relays until cancelled. Raises `ConnectorError` if another bridge uses the same client id."""
        async with Tasks() as tasks:
            tasks.start("bridge figures", self._sample())
            await first_of(self._read_for_ever(tasks), tasks.failure())

    async def drain(self, grace_s: float) -> None:
        """Takes nothing more, and returns when all posts are answered and acknowledged, or the grace is over."""
        self._draining = True
        try:
            async with asyncio.timeout(grace_s):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("posts under way are cut off; their messages come again", messages=len(self._in_hand))

    async def _read_for_ever(self, tasks: Tasks) -> None:
        while True:
            try:
                await ensure_subscription(self._ends.operator, self._settings)
                self.refusal = ""
                await self._read(tasks)
            except ConnectorError as error:
                if error.reason == "REPLACED":
                    raise
                self._tell_refusal(error)
            await asyncio.sleep(REFUSED_REST_S)

    async def _read(self, tasks: Tasks) -> None:
        # Twice as many as are posted at once: the next ones wait here while those before are acknowledged.
        window = Window(max_messages=2 * self._settings.bridge_parallel)
        async for received in self._ends.client.inbound(self._settings.bridge_subscription, window=window):
            if not self._draining:
                self._hold(received)
                tasks.start(f"bridge {received.ordering_key}", self._serve(received))

    async def _serve(self, received: Received) -> None:
        try:
            # A lease that was lost while its message was posted makes the message come again: it waits for the answer.
            async with self._turns.of(received.ordering_key):
                async with self._room:
                    if self._draining or not received.held:
                        return  # it goes back with the stream, or is on its way to whoever serves it now
                    verdict = TAKEN_BEFORE if self._was_taken(received) else await self._posted(received)
                await self._settle(received, verdict)
        except ConnectorError as error:
            _log.warning("the message comes again: its stream has ended", id=received.message.id, error=str(error))
        finally:
            self._let_go(received)

    async def _posted(self, received: Received) -> Verdict:
        try:
            message = written(received.envelope, self._manner)
        except UnpostableError as error:
            self._metrics.count(telemetry.POSTS, ruling=Ruling.REJECTED.value, answer="unpostable")
            return Verdict(ruling=Ruling.REJECTED, reason=str(error))
        except Exception as error:  # noqa: BLE001 # the relay's net: a fault of ours must not stop other conversations
            _log.error("writing failed", error=type(error).__name__, id=received.message.id, alarm=True)
            self._metrics.count(telemetry.POSTS, ruling=Ruling.REJECTED.value, answer="failed")
            return Verdict(ruling=Ruling.REJECTED, reason=f"the bridge failed with {type(error).__name__}")
        verdict, answer = await self._judged(received, message)
        self._metrics.count(telemetry.POSTS, ruling=verdict.ruling.value, answer=answer)
        return verdict

    async def _judged(self, received: Received, message: str) -> tuple[Verdict, str]:
        begun = time.perf_counter()
        try:
            answer = await self._ends.ccm.post(message, received.envelope.tenant_id)
        except CcmUnreachableError as error:
            verdict, word = Verdict(ruling=Ruling.UNAVAILABLE, reason=str(error)), error.cause
        else:
            text = received.message.body.markdown_text
            verdict = ruled(answer, self._reading, text=text, now_ms=self._clock.now_ms())
            word = str(answer.status)
        self._metrics.observe(telemetry.POST_SECONDS, time.perf_counter() - begun)
        self._tell_ccm(verdict.ruling, word)
        return verdict, word

    async def _settle(self, received: Received, verdict: Verdict) -> None:
        if verdict.ruling is Ruling.TAKEN:
            self._metrics.set(telemetry.LAST_TAKEN, self._clock.now_ms() / 1000)
            await self._acknowledge(received)
            return
        if verdict.ruling is Ruling.REJECTED:
            _log.warning("CCM refuses a message", id=received.message.id, attempt=received.delivery_attempt)
        await received.nack(NACKS[verdict.ruling], delay=verdict.retry_after_s, detail=verdict.reason)

    async def _acknowledge(self, received: Received) -> None:
        """An acknowledgement that comes too late makes the message come again: then it is not posted again."""
        self._unconfirmed[received.message.id] = None
        if await received.ack() is AckOutcome.OK:
            self._unconfirmed.pop(received.message.id, None)
        elif len(self._unconfirmed) > UNCONFIRMED:
            del self._unconfirmed[next(iter(self._unconfirmed))]

    def _was_taken(self, received: Received) -> bool:
        """Whether CCM has it from this bridge already. What an operator sends again is meant to come again."""
        live = received.envelope.origin == inbound_pb2.DELIVERY_ORIGIN_LIVE
        return live and received.message.id in self._unconfirmed

    def _tell_ccm(self, ruling: Ruling, answer: str) -> None:
        """Says once that CCM takes nothing, and once that it does again. Never its words, which may quote ours."""
        problem = f"CCM takes no messages: {answer}" if ruling is Ruling.UNAVAILABLE else ""
        if bool(problem) != bool(self.ccm_problem):
            tell: Callable[..., None] = _log.warning if problem else _log.info
            tell("CCM takes no messages; they wait" if problem else "CCM takes messages", answer=answer)
        self.ccm_problem = problem
        self._metrics.set(telemetry.CCM_TAKES, int(not problem))

    def _tell_refusal(self, error: ConnectorError) -> None:
        hint = HINTS.get(error.reason, "")
        self.refusal = "; ".join(filter(None, (str(error), hint)))
        tell: Callable[..., None] = _log.warning if error.repeatable else _log.error
        tell("the server gives no messages", why=str(error), do=hint, alarm=not error.repeatable)

    def _hold(self, received: Received) -> None:
        self._in_hand[received.envelope.ack_id] = received
        self._idle.clear()

    def _let_go(self, received: Received) -> None:
        del self._in_hand[received.envelope.ack_id]
        if not self._in_hand:
            self._idle.set()

    async def _sample(self) -> None:
        while True:
            self._metrics.set(telemetry.IN_FLIGHT, len(self._in_hand))
            oldest = min((each.store_time.timestamp() for each in self._in_hand.values()), default=None)
            age = 0.0 if oldest is None else max(0.0, self._clock.now_ms() / 1000 - oldest)
            self._metrics.set(telemetry.OLDEST, age)
            await asyncio.sleep(SAMPLE_S)
