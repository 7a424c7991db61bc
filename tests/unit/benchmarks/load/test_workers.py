from __future__ import annotations

import asyncio
import json

from benchmarks.load.workers import Workers, work


async def test_no_two_workers_write_to_the_same_customer() -> None:
    customers: dict[int, set[int]] = {}
    at_work: set[int] = set()

    async def call(customer: int, times: int) -> bool:
        assert customer not in at_work
        at_work.add(customer)
        await asyncio.sleep(0)
        at_work.remove(customer)
        customers.setdefault(customer, set()).add(times)
        return True

    workers = Workers(call, in_flight=2, customers=6)
    await workers.run(0.01)

    assert workers.answered > 0
    assert set(customers) == set(range(6))


async def test_what_was_not_sent_is_counted_as_refused() -> None:
    async def call(_customer: int, _times: int) -> bool:
        await asyncio.sleep(0)
        return False

    told = json.loads(await work(call, in_flight=1, customers=1, seconds=0.01))

    assert told["answered"] == 0
    assert told["refused"] > 0
