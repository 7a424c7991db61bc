"""The store's transactions that every message goes through, on an embedded database, each committed to the disk."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.load.backlog import event, fill, now_ms
from facebook_connector.delivery.values import AckToken, ClaimRequest
from facebook_connector.settings import DATABASE_FILE
from facebook_connector.store.database import Database, open_database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.reading.cursors import CursorStore
from tests.support.inbound_records import add_page
from tests.support.outbound_queue import OutboundQueue

SETS = (1, 50, 500)
"""Events of a transaction."""

HEADS = 100
"""Claimed and acknowledged at once."""

WAITING = 10_000
"""Events that wait from the beginning."""

LEASE_MS = 600_000

OWNER = "benchmark"

Step = Callable[[], Awaitable[object]]
"""Raises NothingLeftError when nothing is left to be done."""


class NothingLeftError(Exception):
    """A step would do less than it says."""


@asynccontextmanager
async def transactions(folder: Path) -> AsyncIterator[Mapping[str, Step]]:
    """By what they do."""
    await fill(folder, WAITING)
    async with open_database(f"sqlite:///{folder / DATABASE_FILE}") as database:
        await add_page(database)
        yield {**_of_ingest(database), **await _of_delivery(database), **await _of_replies(database)}


def _of_ingest(database: Database) -> dict[str, Step]:
    store, numbers = EventStore(database), itertools.count(WAITING)

    def ingest(events: int) -> Step:
        async def step() -> object:
            return await store.ingest([event(next(numbers)) for _ in range(events)], now_ms())

        return step

    return {f"stores {events} event{'s' if events > 1 else ''}": ingest(events) for events in SETS}


async def _of_delivery(database: Database) -> dict[str, Step]:
    cursors = CursorStore(database)
    subscription = await cursors.subscription("ccm")
    assert subscription is not None
    held: list[AckToken] = []

    async def claim(lease_ms: int) -> list[AckToken]:
        now = now_ms()
        request = ClaimRequest(
            subscription_id=subscription.subscription_id,
            owner=OWNER,
            client_id=OWNER,
            now_ms=now,
            until_ms=now + lease_ms,
            limit=HEADS,
        )
        return [head.token for head in (await cursors.claim(request)).heads]

    async def claim_for_no_time() -> None:
        if len(await claim(0)) < HEADS:
            raise NothingLeftError

    async def acknowledge() -> None:
        held[:] = held or await claim(LEASE_MS)
        if len(held) < HEADS:
            raise NothingLeftError
        outcomes = await cursors.acknowledge(held, owner=OWNER, until_ms=now_ms() + LEASE_MS)
        held[:] = [outcome.next_head.token for outcome in outcomes if outcome.next_head is not None]

    return {
        f"claims {HEADS} messages": claim_for_no_time,
        f"acknowledges {HEADS} messages, claims the next": acknowledge,
    }


async def _of_replies(database: Database) -> dict[str, Step]:
    queue, numbers = OutboundQueue(database), itertools.count(1)
    await queue.accept()
    await queue.own()
    await queue.send()

    async def reply() -> None:
        name = f"reply-{next(numbers)}"
        await queue.accept(name)
        await queue.send(name)

    return {"a reply: accepts, begins and settles it": reply}
