from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from expertflow.connector.v1.inbound_event_pb2 import QuarantinedItem
from expertflow.connector.v1.ingest_service_pb2 import IngestItem, IngestResult
from facebook_gateway.ingest_queue import BATCH_BYTES, BATCH_ITEMS, IngestQueue, QueueFullError
from facebook_gateway.server_link import ServerUnavailableError
from facebook_gateway.telemetry import new_metrics
from service_runtime.lifecycle import Tasks


def _item(name: str, size: int = 0) -> IngestItem:
    return IngestItem(quarantined=QuarantinedItem(detail=name, raw=b"x" * size))


class Store:
    """Answers each call with the items' names when `gate` is open; fails for the names in `fails`."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.fails: set[str] = set()

    async def __call__(self, items: Sequence[IngestItem]) -> list[IngestResult]:
        names = [item.quarantined.detail for item in items]
        self.calls.append(names)
        self.entered.set()
        await self.gate.wait()
        if self.fails & set(names):
            raise ServerUnavailableError("UNAVAILABLE")
        return [IngestResult(quarantine_reason=name) for name in names]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def queue(store: Store) -> AsyncIterator[IngestQueue]:
    queue = IngestQueue(store, limit_bytes=4 * BATCH_BYTES)
    async with Tasks() as tasks:
        tasks.start("queue", queue.run())
        yield queue


async def _names(queue: IngestQueue, *items: IngestItem) -> list[str]:
    return [result.quarantine_reason for result in await queue.submit(items)]


async def _submitted(queue: IngestQueue, *items: IngestItem) -> asyncio.Task[list[str]]:
    task = asyncio.create_task(_names(queue, *items))
    await asyncio.sleep(0)
    return task


async def test_results_come_in_the_order_of_the_items(queue: IngestQueue) -> None:
    assert await _names(queue, _item("a"), _item("b")) == ["a", "b"]


async def test_nothing_to_store_needs_no_call(queue: IngestQueue, store: Store) -> None:
    assert await _names(queue) == []
    assert store.calls == []


async def test_what_comes_during_a_call_shares_the_next_one(queue: IngestQueue, store: Store) -> None:
    store.gate.clear()
    first = await _submitted(queue, _item("a"))
    await store.entered.wait()
    others = [await _submitted(queue, _item(name)) for name in "bcd"]
    store.gate.set()

    assert [await task for task in (first, *others)] == [["a"], ["b"], ["c"], ["d"]]
    assert store.calls == [["a"], ["b", "c", "d"]]


async def test_the_next_call_begins_before_the_webhooks_of_the_last_are_answered() -> None:
    told: list[str] = []
    called = asyncio.Event()

    async def store(items: Sequence[IngestItem]) -> list[IngestResult]:
        told.append(f"call of {items[0].quarantined.detail}")
        called.set()
        await asyncio.sleep(0)
        return [IngestResult()] * len(items)

    queue = IngestQueue(store, limit_bytes=BATCH_BYTES)

    async def submit(name: str) -> None:
        await queue.submit([_item(name)])
        told.append(f"answer to {name}")

    async with Tasks() as tasks, asyncio.TaskGroup() as webhooks:
        tasks.start("queue", queue.run())
        webhooks.create_task(submit("a"))
        await called.wait()
        webhooks.create_task(submit("b"))

    assert told == ["call of a", "call of b", "answer to a", "answer to b"]


async def test_a_batch_holds_so_many_items(queue: IngestQueue, store: Store) -> None:
    await queue.submit([_item(str(number)) for number in range(BATCH_ITEMS + 1)])

    assert [len(call) for call in store.calls] == [BATCH_ITEMS, 1]


async def test_a_batch_holds_so_many_bytes_unless_one_item_alone_is_larger(queue: IngestQueue, store: Store) -> None:
    half = BATCH_BYTES // 2
    await queue.submit([_item("a", half), _item("b", half), _item("huge", 2 * BATCH_BYTES), _item("c")])

    assert store.calls == [["a"], ["b"], ["huge"], ["c"]]


async def test_a_failed_call_fails_all_webhooks_in_it_and_no_other(queue: IngestQueue, store: Store) -> None:
    store.gate.clear()
    store.fails = {"b"}
    first = await _submitted(queue, _item("a"))
    await store.entered.wait()
    failing = [await _submitted(queue, _item(name)) for name in "bc"]
    store.gate.set()

    assert await first == ["a"]
    for task in failing:
        with pytest.raises(ServerUnavailableError):
            await task
    assert await _names(queue, _item("d")) == ["d"]


async def test_the_rest_of_a_failed_webhook_is_not_sent(queue: IngestQueue, store: Store) -> None:
    store.fails = {"0"}
    with pytest.raises(ServerUnavailableError):
        await queue.submit([_item(str(number)) for number in range(BATCH_ITEMS + 1)])

    await _names(queue, _item("next"))
    assert store.calls[1:] == [["next"]]


async def test_a_webhook_that_is_no_longer_waited_for_is_withdrawn(queue: IngestQueue, store: Store) -> None:
    store.gate.clear()
    first = await _submitted(queue, _item("a"))
    await store.entered.wait()
    late = await _submitted(queue, _item("b"))
    late.cancel()
    await asyncio.wait([late])
    store.gate.set()
    await first

    assert await _names(queue, _item("c")) == ["c"]
    assert store.calls == [["a"], ["c"]]


async def test_too_much_is_refused_until_there_is_room(queue: IngestQueue, store: Store) -> None:
    store.gate.clear()
    first = await _submitted(queue, _item("a", 3 * BATCH_BYTES))
    await store.entered.wait()
    with pytest.raises(QueueFullError):
        await queue.submit([_item("b", 2 * BATCH_BYTES)])
    store.gate.set()
    await first

    assert await _names(queue, _item("b", 2 * BATCH_BYTES)) == ["b"]


async def test_what_waits_is_shown_in_bytes(store: Store) -> None:
    metrics = new_metrics()
    queue = IngestQueue(store, limit_bytes=BATCH_BYTES, metrics=metrics)
    item = _item("a", 1000)
    waiting = await _submitted(queue, item)

    assert f"facebook_gateway_queue_bytes {float(item.ByteSize())}" in metrics.text().splitlines()

    async with Tasks() as tasks:
        tasks.start("queue", queue.run())
        await waiting
    assert "facebook_gateway_queue_bytes 0.0" in metrics.text().splitlines()


async def test_what_is_larger_than_the_queue_is_taken_when_nothing_waits(queue: IngestQueue) -> None:
    assert await _names(queue, _item("huge", 9 * BATCH_BYTES)) == ["huge"]


async def test_room_comes_back_after_failures_and_withdrawals(queue: IngestQueue, store: Store) -> None:
    store.fails = {"a"}
    with pytest.raises(ServerUnavailableError):
        await queue.submit([_item("a", BATCH_BYTES)] * 4)
    store.fails = set()

    assert await _names(queue, _item("b", BATCH_BYTES)) == ["b"]
    assert await _names(queue, _item("huge", 9 * BATCH_BYTES)) == ["huge"]
    assert queue._bytes == 0
