"""Asks Facebook for the profiles that the log says are wanted: so many at a time, each person by one call at a time.

Nothing waits for this but the first words of a new person, and those not longer than their hold. What is under way when
the server stops is due again at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from facebook_connector.graph.profile import ProfileApi
from facebook_connector.profiles.answers import NOBODY, Verdict, is_person, judge, resting
from facebook_connector.profiles.rests import Rests
from facebook_connector.sending.values import SendingChannel
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.profiles.log import ProfileLog
from facebook_connector.store.profiles.values import Lookup, LookupEnd
from service_runtime.backoff import Backoff
from service_runtime.clock import Clock
from service_runtime.logs import get_logger

CALLS: Final = 16
"""Most profiles asked for at the same time: the connections to Facebook are there for messages."""

CLAIM_MS: Final = 60_000
"""Longer than a call with everything before it can take, and time to write down how it ended."""

POLL_S: Final = 1.0
"""How often the log is looked at without a reason: for retries, and for what a server that died has left."""

TROUBLE: Final = Backoff(first=0.1, cap=5.0)
"""How long to leave a database alone that could not answer."""

STOPPED_MS: Final = 60_000
"""How long to leave a person alone whose page has no channel, or one that is stopped."""

SPARE_S: Final = 0.01
"""After a hold that is over: the clock that it is judged by is not the one that wakes us."""

T = TypeVar("T")

_log = get_logger("profiles")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupContext:
    """What lookups stand on."""

    log: ProfileLog
    open_channel: Callable[[str], Awaitable[SendingChannel | None]]
    """See `sending.ports.ChannelDirectory.open`."""
    api: ProfileApi
    clock: Clock
    random: Callable[[], float]
    owner: str
    """This server's instance id, new at each start."""
    announce: Callable[[Collection[int]], None]
    """Told the subscriptions that have something to deliver."""
    hold_over: Callable[[], None]
    """Told that what a person said has waited long enough."""


class Lookups:
    """All lookups of this server; `run` is their only owner. `wanted` is set when there is somebody new to ask for."""

    def __init__(self, context: LookupContext, wanted: asyncio.Event) -> None:
        self._context = context
        self._rests = Rests()
        self._running = 0
        self._wake = wanted
        self._failures = 0

    async def run(self) -> None:
        """Works until cancelled; what is under way then stays claimed and is taken up by whoever comes next."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                wait_s = await self._start_due(group)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._wake.wait()

    async def _start_due(self, group: asyncio.TaskGroup) -> float:
        """Starts as many as there is room for; returns how long nothing more can be done."""
        context, free = self._context, CALLS - self._running
        now_ms = context.clock.now_ms()
        try:
            if not free or not await context.log.is_due(now_ms=now_ms):
                return POLL_S
            claimed = await context.log.claim(context.owner, now_ms=now_ms, until_ms=now_ms + CLAIM_MS, limit=free)
        except StoreUnavailable:
            self._failures += 1
            return TROUBLE.delay(self._failures, context.random)
        self._failures = 0
        for lookup in claimed:
            self._running += 1
            group.create_task(self._look_up(lookup), name="profile").add_done_callback(self._ended)
        return POLL_S

    def _ended(self, _task: asyncio.Task[None]) -> None:
        self._running -= 1
        self._wake.set()

    async def _look_up(self, lookup: Lookup) -> None:
        async with asyncio.TaskGroup() as group:
            alarm = group.create_task(self._tell_when_over(lookup), name="profile hold")
            verdict = await self._patiently(lookup, lambda: self._verdict(lookup))
            alarm.cancel()
        if verdict is None:
            return
        now_ms = self._context.clock.now_ms()
        end = LookupEnd(
            names=verdict.names,
            retry_ms=None if verdict.retry_ms is None else now_ms + verdict.retry_ms,
            fresh_until_ms=now_ms + verdict.fresh_ms,
        )
        ready = await self._patiently(lookup, lambda: self._context.log.settle(lookup, end, now_ms=now_ms))
        if ready:
            self._context.announce(ready)

    async def _verdict(self, lookup: Lookup) -> Verdict:
        context = self._context
        if not is_person(lookup.psid):
            return NOBODY
        channel = await context.open_channel(lookup.page_id)
        now_ms = context.clock.now_ms()
        if channel is None or channel.stop_reason:
            return resting(now_ms + STOPPED_MS, now_ms)
        if (until_ms := self._rests.until_ms(channel, now_ms)) is not None:
            return resting(until_ms, now_ms)
        verdict = judge(await context.api.read(channel, lookup.psid), lookup.attempts, context.random)
        if verdict.page_rests:
            self._rests.begin(channel, context.clock.now_ms() + verdict.fresh_ms)
            _log.warning("no profiles of this page for a while", page_id=channel.page_id, problem=verdict.problem)
        return verdict

    async def _tell_when_over(self, lookup: Lookup) -> None:
        """Wakes whoever delivers when the hold ends; that it ends needs nobody."""
        if lookup.hold_until_ms is None:
            return
        left_ms = lookup.hold_until_ms - self._context.clock.now_ms()
        await asyncio.sleep(max(0, left_ms) / 1000 + SPARE_S)
        self._context.hold_over()
        with suppress(StoreUnavailable):  # the others look each second anyway
            await self._context.log.tell_of_holds_over()

    async def _patiently(self, lookup: Lookup, work: Callable[[], Awaitable[T]]) -> T | None:
        """What `work` gives as soon as the database lets it; None once the claim is over.

        A settlement may be tried twice: the claim is over after once.
        """
        failures = 0
        while True:
            try:
                return await work()
            except StoreUnavailable:
                failures += 1
                if self._context.clock.now_ms() >= lookup.until_ms:
                    return None  # whoever claims it next begins anew
                await asyncio.sleep(TROUBLE.delay(failures, self._context.random))
