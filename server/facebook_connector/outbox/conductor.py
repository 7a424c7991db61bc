"""The conductor: which pages this server sends for, which lanes run now, and when to look at the store again.

One task owns all that is here; lane passes are its children. Wakes come from this process at once; what another server
accepted, or an echo settled, is found by a look at the store each second.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from facebook_connector.graph.client import MAX_CALLS
from facebook_connector.outbox.context import OutboxContext
from facebook_connector.outbox.lane_pass import LanePass
from facebook_connector.outbox.page import Page
from facebook_connector.sending.offers import Acceptance, Offer
from facebook_connector.sending.values import Lane, LaneHead
from facebook_connector.store.errors import StoreUnavailable
from service_runtime.lifecycle import Tasks
from service_runtime.logs import get_logger

log = get_logger("outbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often and how much; milliseconds. The defaults are for production, tests run faster."""

    look_ms: int = 1_000
    """Between two looks at the store."""
    lease_ms: int = 15_000
    """How long a page stays with a server that says nothing."""
    outcome_ms: int = 100
    """Between two looks for the outcome of messages that calls here wait for and another server sends."""
    expiry_ms: int = 5_000
    """Between two searches for messages whose time to live is over."""
    defect_ms: int = 60_000
    """How long a lane rests after a defect of ours, so that it cannot spin."""
    drain_ms: int = 8_000
    """How long a stop waits for calls on their way."""
    lanes_per_page: int = 100
    """Lanes of one page that are worked on at once."""
    lanes: int = MAX_CALLS
    """Lanes of all pages that are worked on at once: as many as the Graph client has connections."""


EXPIRY_BATCH = 500


class Conductor:
    """Runs the lanes of all pages this server owns."""

    def __init__(self, context: OutboxContext, rhythm: Rhythm) -> None:
        self._context = context
        self._rhythm = rhythm
        self._pages: dict[str, Page] = {}
        self._tasks = Tasks()
        self._lanes_active = 0
        self._turn = asyncio.Event()
        self._draining = asyncio.Event()
        self._look_at_ms = 0
        self._outcome_at_ms = 0
        self._expiry_at_ms = 0
        self._asked_at_ms: dict[str, int] = {}
        """When a page that is not ours was last looked for: it may belong to another server."""

    async def accept(self, offer: Offer) -> Acceptance:
        """Stores the message; from then on it goes out, whatever becomes of the caller. Raises as `OutboundLog.accept`.

        If its lane has nothing to do and it may be sent now, its lane's pass begins with the acceptance.
        """
        lane, page = Lane(page_id=offer.page_id, psid=offer.psid), self._pages.get(offer.page_id)
        if page is not None and self._takes_at_once(page, offer):
            accepted: asyncio.Future[Acceptance] = asyncio.get_running_loop().create_future()
            self._start_pass(page, lane, lambda lane_pass: lane_pass.accept(offer, accepted))
            return await accepted
        acceptance = await self._context.log.accept(replace(offer, elsewhere=page is None))
        if acceptance.status.open:
            self.wake(lane, acceptance.head)
        return acceptance

    def wake(self, lane: Lane, head: LaneHead | None = None) -> None:
        """A message was accepted for the lane, or something changed that its head waits for.

        `head`: what stands at the head of the lane, from whoever has just committed that.
        """
        page = self._pages.get(lane.page_id)
        if page is None:
            self._look_for(lane.page_id)
        elif page.may_send(self._now()):
            page.lanes.wake(lane.psid, head)
        self._turn.set()

    @property
    def lanes_active(self) -> int:
        """How many lanes are worked on at this moment."""
        return self._lanes_active

    @property
    def pages_owned(self) -> int:
        """How many pages this server sends for."""
        return len(self._pages)

    def holds(self, page_id: str) -> bool:
        """Whether this server sends for the page, as far as it knows."""
        return page_id in self._pages

    def look(self) -> None:
        """Looks at the store, the channels and whoever waits, now instead of within the second."""
        self._look_at_ms = 0
        self._turn.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Conducts until `stop` is set, then lets the calls on their way end and gives the pages back."""
        async with self._tasks:
            self._tasks.start("outbox stop", self._turn_at(stop))
            while not stop.is_set():
                self._turn.clear()
                if self._now() >= self._look_at_ms:
                    await self._look()
                elif self._now() >= self._outcome_at_ms and self._sent_elsewhere():
                    await self._look_for_outcomes()
                self._start()
                await self._rest()
            await self._drain()

    def _look_for(self, page_id: str) -> None:
        """Looks at once for a page that has got its first message, but not for each of another server's messages."""
        now_ms = self._now()
        if now_ms - self._asked_at_ms.get(page_id, 0) >= self._rhythm.look_ms:
            self._asked_at_ms[page_id] = now_ms
            self._look_at_ms = 0

    # Looking at the store

    async def _look(self) -> None:
        # Set before the look: a wake during it asks for another.
        self._look_at_ms = self._now() + self._rhythm.look_ms
        try:
            await self._hold_pages()
            await self._open_gates()
            await self._offer_lanes()
            await self._expire()
            await self._tell_waiters()
        except StoreUnavailable as error:
            log.warning("the store cannot be used; trying again", cause=str(error))
        except Exception as error:  # noqa: BLE001 - the lanes that are known go on whatever happens here
            _report("a look at the store failed", error)

    async def _hold_pages(self) -> None:
        now_ms = self._now()
        until_ms = now_ms + self._rhythm.lease_ms
        held = tuple(page.lease for page in self._pages.values())
        if any(lease.until_ms - now_ms < self._rhythm.lease_ms // 2 for lease in held):
            renewed = {lease.page_id: lease for lease in await self._context.log.renew_pages(held, now_ms, until_ms)}
            for page_id in self._pages.keys() - renewed.keys():
                log.warning("page lost to another server", page=page_id)
                del self._pages[page_id]
            for page_id, lease in renewed.items():
                self._pages[page_id].lease = lease
        for lease in await self._context.log.acquire_pages(self._context.owner, now_ms, until_ms):
            self._pages[lease.page_id] = Page(lease)

    async def _open_gates(self) -> None:
        for page in self._pages.values():
            if page.halted:
                channel = await self._context.channels.open(page.page_id)
                if channel is None or not channel.stop_reason:
                    page.resume()
                elif page.may_try_again(channel, self._now()):
                    await self._context.channels.recover(channel)

    async def _offer_lanes(self) -> None:
        """Where nothing may be sent only uncertain messages are worked on: their time runs on."""
        now_ms = self._now()
        sending = tuple(page.page_id for page in self._pages.values() if page.may_send(now_ms))
        waiting = tuple(page.page_id for page in self._pages.values() if not page.may_send(now_ms))
        lanes = await self._context.log.open_lanes(sending) if sending else ()
        uncertain = await self._context.log.uncertain_lanes(waiting) if waiting else ()
        for lane in (*lanes, *uncertain):
            if page := self._pages.get(lane.page_id):
                page.lanes.offer(lane.psid)

    async def _expire(self) -> None:
        now_ms = self._now()
        if now_ms < self._expiry_at_ms or not self._pages:
            return
        leases = tuple(page.lease for page in self._pages.values())
        expired = await self._context.log.expire_due(leases, now_ms, EXPIRY_BATCH)
        for status in expired:
            self._context.tell(status)
        if len(expired) < EXPIRY_BATCH:
            self._expiry_at_ms = now_ms + self._rhythm.expiry_ms

    async def _look_for_outcomes(self) -> None:
        try:
            await self._tell_waiters()
        except StoreUnavailable:
            self._outcome_at_ms = self._look_at_ms  # which finds the same, and says so

    def _sent_elsewhere(self) -> bool:
        """Whether a call here waits for a message of a page that another server sends for."""
        return not self._context.waiters.pages() <= self._pages.keys()

    async def _tell_waiters(self) -> None:
        self._outcome_at_ms = self._now() + self._rhythm.outcome_ms
        if keys := self._context.waiters.keys():
            for status in await self._context.log.statuses(keys):
                self._context.waiters.tell(status)

    # Running lanes

    def _takes_at_once(self, page: Page, offer: Offer) -> bool:
        if self._draining.is_set() or self._free() <= 0 or page.lanes.active >= self._rhythm.lanes_per_page:
            return False
        return page.takes_at_once(offer, self._now())

    def _start(self) -> None:
        free = self._free()
        for page in self._in_turn():
            started = page.lanes.start(self._now(), min(free, self._rhythm.lanes_per_page - page.lanes.active))
            free -= len(started)
            for psid, head in started:
                self._start_pass(page, Lane(page_id=page.page_id, psid=psid), partial(LanePass.run, head=head))

    def _start_pass(self, page: Page, lane: Lane, work: Callable[[LanePass], Awaitable[int | None]]) -> None:
        """`work` says when to come back, as `LanePass.run`. The lane is active."""
        self._lanes_active += 1
        self._tasks.start(f"outbox lane {lane.page_id}/{lane.psid}", self._pass(page, lane, work))

    def _free(self) -> int:
        return self._rhythm.lanes - self._lanes_active

    def _in_turn(self) -> Iterator[Page]:
        """All pages; the one that comes first moves to the end, so that a busy page cannot take all places."""
        yield from tuple(self._pages.values())
        if self._pages:
            first = next(iter(self._pages))
            self._pages[first] = self._pages.pop(first)

    async def _pass(self, page: Page, lane: Lane, work: Callable[[LanePass], Awaitable[int | None]]) -> None:
        due_ms: int | None = self._now() + self._rhythm.defect_ms
        try:
            due_ms = await work(LanePass(self._context, page, lane, self._draining))
        except Exception as error:  # noqa: BLE001 - a defect must stop this lane for a while, not everybody's
            _report("a lane failed", error, page=lane.page_id, psid=lane.psid)
        finally:
            was_full = self._free() <= 0
            self._lanes_active -= 1
            page.lanes.finished(lane.psid, due_ms)
            # Mostly nothing waits for the end of a pass, and a turn goes through all pages.
            if was_full or page.lanes.next_ms() is not None or self._draining.is_set():
                self._turn.set()

    async def _rest(self) -> None:
        """Sleeps until the next look, the next due lane, or a wake."""
        due = [self._look_at_ms]
        if self._sent_elsewhere():
            due.append(self._outcome_at_ms)
        # Where all places are taken, the end of a pass wakes us.
        if self._free() > 0:
            pages = [page for page in self._pages.values() if page.lanes.active < self._rhythm.lanes_per_page]
            due += [next_ms for page in pages if (next_ms := page.lanes.next_ms()) is not None]
        seconds = (min(due) - self._now()) / 1000
        try:
            async with asyncio.timeout(max(0.0, min(seconds, self._rhythm.look_ms / 1000))):
                await self._turn.wait()
        except TimeoutError:
            return

    # Stopping

    async def _turn_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._turn.set()

    async def _drain(self) -> None:
        self._draining.set()
        try:
            async with asyncio.timeout(self._rhythm.drain_ms / 1000):
                while any(page.lanes.active for page in self._pages.values()):
                    self._turn.clear()
                    await self._turn.wait()
        except TimeoutError:
            log.warning("calls to Facebook were cut off; their messages become uncertain")
            return
        try:
            leases = tuple(page.lease for page in self._pages.values())
            await self._context.log.release_pages(leases, self._now())
        except StoreUnavailable as error:
            log.warning("pages could not be given back", cause=str(error))

    def _now(self) -> int:
        return self._context.clock.now_ms()


def _report(what: str, error: Exception, **ids: str) -> None:
    """Logs a defect; neither the error's text nor any variable, which may repeat what was written."""
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error(what, error=type(error).__qualname__, places=places, **ids)
