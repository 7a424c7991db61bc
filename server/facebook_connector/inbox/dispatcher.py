"""Conducts one subscription: carries decisions of `delivery` to the store, and answers and time back to it.

One task does all store calls of the subscription in rounds; whatever came in while a round ran is the next one, so that
acknowledgements are committed many at a time. Readers and writers of streams only touch the decisions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from facebook_connector.actors import SERVER
from facebook_connector.delivery.deliveries import Deliveries
from facebook_connector.delivery.poison import Verdict
from facebook_connector.delivery.stream import StreamOptions
from facebook_connector.delivery.tally import Tally
from facebook_connector.delivery.values import AdoptRequest, Subscription
from facebook_connector.delivery.work import Adoption, Claim, Work
from facebook_connector.errors import ConnectorError
from facebook_connector.inbox.stream import InboundStream
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.keeping.audit import AuditNote
from facebook_connector.store.reading.cursors import CursorStore
from facebook_connector.telemetry import new_metrics
from service_runtime.backoff import Backoff
from service_runtime.clock import Clock
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

POLL_S = 1.0
"""How often the store is asked without a reason: the safety net under the wake-ups."""

TROUBLE = Backoff(first=0.1, cap=5.0)
"""How long to leave a store alone that could not answer."""

_log = get_logger("dispatcher")


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherContext:
    """What all dispatchers of a server share."""

    cursors: CursorStore
    clock: Clock
    random: Callable[[], float]
    owner: str
    """This server's instance id, new at each start."""
    metrics: Metrics = field(default_factory=new_metrics)


class Dispatcher:
    """One subscription on this server; `run` is its only task."""

    def __init__(self, subscription: Subscription, context: DispatcherContext) -> None:
        self.subscription = subscription
        self._cursors = context.cursors
        self._clock = context.clock
        self._owner = context.owner
        self._deliveries = Deliveries(subscription=subscription, owner=context.owner, random=context.random)
        self._streams: dict[int, InboundStream] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._random = context.random
        self._poll_at = 0.0
        self._deleted = False
        self._failures = 0
        """Rounds in a row in which the store could not answer everything."""

    def open(self, options: StreamOptions, peer: str = "") -> InboundStream:
        """Opens a stream. The caller's task is the call that it belongs to, and must `close` it."""
        stream = self._opened(self._deliveries.open(options, self._clock.now_ms()))
        stream.client_id, stream.peer = options.client_id, peer
        return stream

    def call(self, options: StreamOptions) -> InboundStream:
        """Begins a unary call, which must `close` it too."""
        return self._opened(self._deliveries.call(options))

    def _opened(self, stream_id: int) -> InboundStream:
        stream = InboundStream(stream_id, self._deliveries, self._clock, self._changed, self._streams.pop)
        self._streams[stream_id] = stream
        self._changed()
        return stream

    @property
    def figures(self) -> tuple[int, Tally]:
        """How many streams are open now, and what was delivered since the start."""
        return len(self._streams), replace(self._deliveries.tally)

    @property
    def streams(self) -> list[InboundStream]:
        """Those that are open; unary calls are not among them."""
        return [stream for stream in self._streams.values() if stream.client_id]

    def ready(self) -> None:
        """The store has something new."""
        self._deliveries.ready()
        self._changed()

    def opened_elsewhere(self, client_id: str, generation: int) -> None:
        """A client has opened a stream of this subscription on another server."""
        self._deliveries.opened_elsewhere(client_id, generation, self._clock.now_ms())
        self._changed()

    def drain(self) -> None:
        """Tells every stream that the server stops."""
        self._deliveries.drain(self._clock.now_ms())
        self._changed()

    def delete(self) -> None:
        """The subscription is no more: its streams end."""
        self._deleted = True
        self._deliveries.delete(self._clock.now_ms())
        self._changed()

    async def until_idle(self) -> None:
        """Returns when nobody is connected and every answer is committed."""
        await self._idle.wait()

    async def run(self) -> None:
        """Works until cancelled, or until the subscription is deleted and its streams have ended."""
        while not self._deleted or self._deliveries.has_streams:
            self._wake.clear()
            await self._poll()
            work = self._next_work()
            answered = await self._carry_out(work)
            self._tell_writers()
            self._failures = 0 if answered else self._failures + 1
            if not answered:
                await asyncio.sleep(TROUBLE.delay(self._failures, self._random))
            elif not work:
                await self._wait()

    def _next_work(self) -> Work:
        now_ms = self._clock.now_ms()
        self._deliveries.tick(now_ms)
        return self._deliveries.take_work(now_ms)

    async def _poll(self) -> None:
        """Looks now and then for what nobody told: messages of other servers, and that the subscription is deleted."""
        if self._clock.monotonic() < self._poll_at:
            return
        self._poll_at = self._clock.monotonic() + POLL_S
        self._deliveries.ready()
        with suppress(StoreUnavailable):
            if not await self._cursors.exists(self.subscription.subscription_id):
                self.delete()

    def _changed(self) -> None:
        self._tell_writers()
        self._wake.set()

    def _tell_writers(self) -> None:
        for stream_id in self._deliveries.take_writable():
            if (stream := self._streams.get(stream_id)) is not None:
                stream.tell()
        if self._deliveries.has_streams or not self._deliveries.settled:
            self._idle.clear()
        else:
            self._idle.set()

    async def _wait(self) -> None:
        """Until something changed, a deadline comes, or, while anybody is connected, it is time to poll."""
        now_ms = self._clock.now_ms()
        next_ms = self._deliveries.next_time_ms(now_ms)
        waits = [] if next_ms is None else [(next_ms - now_ms) / 1000]
        if self._deliveries.has_streams:
            waits.append(self._poll_at - self._clock.monotonic())
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min(waits)) if waits else None):
                await self._wake.wait()

    async def _carry_out(self, work: Work) -> bool:
        """One round, in the order that `Work` asks for; False when the store could not answer all of it."""
        alone = Work(now_ms=work.now_ms, acks_until_ms=work.acks_until_ms, working_keys=work.working_keys)
        answered = [await self._attempt(replace(alone, extensions=work.extensions), self._extend)]
        answered += await asyncio.gather(
            self._attempt(replace(alone, acks=work.acks), self._acknowledge),
            self._attempt(replace(alone, releases=work.releases), self._release),
            self._claim_in_turn(alone, work.claims),
        )
        answered.append(await self._attempt(replace(alone, pause=work.pause), self._note_pause))
        for adoption in work.adoptions:
            answered.append(await self._attempt(replace(alone, adoptions=(adoption,)), self._adopt))
        return all(answered)

    async def _claim_in_turn(self, alone: Work, claims: tuple[Claim, ...]) -> bool:
        # All at once they would look at the same keys, and on PostgreSQL all but one would find them locked.
        answered = [await self._attempt(replace(alone, claims=(claim,)), self._claim) for claim in claims]
        return all(answered)

    async def _attempt(self, part: Work, call: Callable[[Work], Awaitable[None]]) -> bool:
        if not part:
            return True
        try:
            await call(part)
        except StoreUnavailable as error:
            _log.warning("store unavailable", subscription=self.subscription.name, error=type(error).__qualname__)
            self._deliveries.put_back(part)
            for adoption in part.adoptions:
                self._refuse(adoption)
            return False
        return True

    async def _extend(self, part: Work) -> None:
        self._deliveries.extended(part.extensions, await self._cursors.extend(part.extensions, owner=self._owner))

    async def _acknowledge(self, part: Work) -> None:
        outcomes = await self._cursors.acknowledge(part.acks, owner=self._owner, until_ms=part.acks_until_ms)
        self._deliveries.acknowledged(outcomes, part.now_ms, self._clock.now_ms())

    async def _release(self, part: Work) -> None:
        outcomes = await self._cursors.release(
            part.releases, now_ms=part.now_ms, owner=self._owner, working_keys=part.working_keys
        )
        self._deliveries.released(part.releases, outcomes, self._clock.now_ms())
        if given_up := sum(outcome.verdict is Verdict.GIVE_UP for outcome in outcomes):
            _log.error("messages given up", subscription=self.subscription.name, count=given_up)

    async def _note_pause(self, part: Work) -> None:
        pause = part.pause
        if pause is None:
            return
        name, noted = self.subscription.name, None
        if pause.first:
            _log.warning("subscription pauses", subscription=name, reason=pause.reason)
            noted = AuditNote(
                event_time_ms=part.now_ms, actor=SERVER, action="SubscriptionPaused", target=name, detail=pause.reason
            )
        await self._cursors.note_pause(self.subscription.subscription_id, pause.until_ms, pause.reason, noted)

    async def _claim(self, part: Work) -> None:
        claim: Claim = part.claims[0]
        granted = await self._cursors.claim(claim.request)
        self._deliveries.claimed(claim, granted.heads, self._clock.now_ms(), contended=granted.contended)

    async def _adopt(self, part: Work) -> None:
        adoption: Adoption = part.adoptions[0]
        request = AdoptRequest(
            subscription_id=self.subscription.subscription_id,
            owner=self._owner,
            client_id=adoption.client_id,
            held=tuple(held.token for held in adoption.held),
            now_ms=part.now_ms,
            until_ms=adoption.until_ms,
        )
        self._deliveries.adopted(adoption, await self._cursors.adopt(request), self._clock.now_ms())

    def _refuse(self, adoption: Adoption) -> None:
        error = ConnectorError("STORE_UNAVAILABLE", "The database cannot be used at present; reconnect.")
        self._deliveries.fail(adoption.stream_id, error, self._clock.now_ms())
