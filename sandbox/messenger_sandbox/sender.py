"""The webhook sender: which event leaves when, in which order, in which company.

Event n + 1 of a conversation leaves only after event n is through (or given up), so each conversation has a lane with a
task of its own; lanes run side by side. While the sender holds, events pile up and can be released in another order,
several in one body, or several times. What an event means is not known here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any

import httpx

from messenger_sandbox.clock import Clock
from messenger_sandbox.delivery import Delivery, Outcome, drop
from messenger_sandbox.fault_script import Endpoint, FaultScript, Occasion, ScriptedFault
from messenger_sandbox.faults import Stage
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.poster import Poster, Wiring
from messenger_sandbox.webhooks import EVENTS_LIMIT, Event, webhook_body


class WebhookSender:
    def __init__(self, wiring: Wiring, faults: FaultScript) -> None:
        self.poster = Poster(wiring)
        self._faults = faults
        self._sleep = wiring.sleep
        self._world = wiring.world
        self._journal = wiring.journal
        self._clock: Clock = wiring.clock
        self._lanes: dict[str, deque[Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Delivery] | None = None
        self._batches = 0

    def submit(self, event: Event) -> Delivery:
        """Takes an event for its conversation's lane (or to the held ones) and returns at once."""
        delivery = Delivery([event])
        reason = self._withheld_because(event)
        if reason is not None:
            self._withhold(delivery, event, reason)
        elif self._held is not None:
            self._held.append(delivery)
        else:
            self._send_off(event, delivery)
        return delivery

    def submit_batch(self, events: Sequence[Event]) -> Delivery:
        """Sends the events in one body, retried as one. Raises ValueError for none or more than Facebook packs."""
        if not 1 <= len(events) <= EVENTS_LIMIT:
            raise ValueError(f"a body holds 1 to {EVENTS_LIMIT} events")
        delivery = Delivery(events)
        self._batches += 1
        self._enqueue(f"batch {self._batches}", delivery)
        return delivery

    async def post_copies(self, events: Sequence[Event], copies: int) -> list[int | None]:
        """Posts the very same body so many times at once, without retries; returns the statuses (None: no answer)."""
        body = webhook_body(events, self._clock())
        posts = (self.poster.attempt(body, events, number) for number in range(1, copies + 1))
        return list(await asyncio.gather(*posts))

    def hold(self) -> None:
        """Keeps events back from now on until they are released."""
        if self._held is None:
            self._held = []

    def release(self, order: Sequence[int] | None = None) -> tuple[Delivery, ...]:
        """Sends the held events singly in the given order of positions (default: as they came) and holds no more.

        All go through one lane, so the order on the wire is the order given, whatever conversation they belong to. A
        position may stand twice (a duplicate) or not at all (an event that Facebook lost). Raises IndexError for a
        position that nothing is held at; everything stays held then.
        """
        chosen = self._take_held(order)
        for delivery in chosen:
            self._enqueue("released", delivery)
        return chosen

    def release_as_batch(self, order: Sequence[int] | None = None) -> Delivery | None:
        """As `release`, but all in one body; None if nothing was held. The single deliveries end with it."""
        chosen = self._take_held(order)
        if not chosen:
            return None
        batch = self.submit_batch([event for delivery in chosen for event in delivery.events])
        self._spawn(_end_with(batch, chosen), f"sandbox batch {self._batches}")
        return batch

    async def release_copies(self, copies: int, order: Sequence[int] | None = None) -> list[int | None]:
        """As `release_as_batch`, but the same body goes out so many times at once and without retries."""
        chosen = self._take_held(order)
        if not chosen:
            return []
        statuses = await self.post_copies([event for delivery in chosen for event in delivery.events], copies)
        for delivery in chosen:
            delivery.end(Outcome.DELIVERED if httpx.codes.OK in statuses else Outcome.DROPPED)
        return statuses

    async def settle(self) -> None:
        """Returns when nothing is on its way any more; held events do not count."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        drop(self._take_held(()))
        await self.poster.close()

    def _send_off(self, event: Event, delivery: Delivery) -> None:
        """Into its conversation's lane, unless a fault is scripted for it."""
        lane, scripted = f"{event.page_id}/{event.psid or '-'}", self._fault_of(event)
        if scripted is None:
            self._enqueue(lane, delivery)
        elif scripted.fault.lost:
            self._withhold(delivery, event, scripted.name)
        elif scripted.fault.delay_s:
            self._spawn(self._enqueue_late(delivery, scripted.fault.delay_s), "sandbox late webhook")
        else:
            for copy in (delivery, *(Delivery([event]) for _ in range(scripted.fault.copies - 1))):
                self._enqueue(lane, copy)

    def _fault_of(self, event: Event) -> ScriptedFault | None:
        if not self._faults.waiting:
            return None
        text = event.item.get("message", {}).get("text")
        occasion = Occasion(
            stage=Stage.WEBHOOK,
            endpoint=Endpoint.WEBHOOKS,
            page_id=event.page_id,
            psid=event.psid,
            text=text,
            event=event.kind.value,
        )
        return self._faults.take(occasion)

    async def _enqueue_late(self, delivery: Delivery, delay_s: float) -> None:
        """In a lane of its own: what comes after it in its conversation overtakes it."""
        await self._sleep(delay_s)
        self._batches += 1
        self._enqueue(f"late {self._batches}", delivery)

    def _withheld_because(self, event: Event) -> str | None:
        if event.field not in self._world.page(event.page_id).subscribed_fields:
            return "not_subscribed"
        return "no_callback" if self._world.app.callback_url is None else None

    def _withhold(self, delivery: Delivery, event: Event, reason: str) -> None:
        ids = {"page_id": event.page_id, "psid": event.psid, "mid": event.mid}
        self._journal.record(EntryKind.WEBHOOK_WITHHELD, **ids, event=event.kind.value, reason=reason)
        delivery.end(Outcome.WITHHELD)

    def _take_held(self, order: Sequence[int] | None) -> tuple[Delivery, ...]:
        held = self._held or []
        chosen = tuple(held if order is None else [held[position] for position in order])
        self._held = None
        drop(delivery for delivery in held if delivery not in chosen)
        return chosen

    def _enqueue(self, lane: str, delivery: Delivery) -> None:
        if lane in self._lanes:
            self._lanes[lane].append(delivery)
        else:
            self._lanes[lane] = deque([delivery])
            self._spawn(self._run_lane(lane), f"sandbox webhooks {lane}")

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_lane(self, lane: str) -> None:
        waiting = self._lanes[lane]
        try:
            while waiting:
                outcome = await self.poster.deliver(waiting[0].events)
                waiting.popleft().end(outcome)
        finally:
            # No await stands between the last look at `waiting` and this, so nothing is left behind unless cancelled.
            del self._lanes[lane]
            drop(waiting)


async def _end_with(batch: Delivery, parts: Sequence[Delivery]) -> None:
    outcome = await batch
    for part in parts:
        part.end(outcome)
