"""Calls that wait for their answer, so many at a time: what replies have in common, through us and past us."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from benchmarks.report.percentiles import percentile

Call = Callable[[int, int], Awaitable[bool]]
"""Writes to a customer, for the time of that number; gives whether it was sent."""


@dataclass(slots=True)
class Workers:
    """Each writes to customers of its own in turn, so that none waits for another's answer."""

    call: Call
    in_flight: int
    customers: int
    answered: int = 0
    refused: int = 0
    waits_ms: list[float] = field(default_factory=list)

    async def run(self, seconds: float) -> float:
        """Returns how long it took: calls under way at the end are waited for."""
        # The first call of each opens connections and fills caches.
        await asyncio.gather(*(self.call(number, 0) for number in range(self.in_flight)))
        begun = time.monotonic()
        await asyncio.gather(*(self._work(number, begun + seconds) for number in range(self.in_flight)))
        return time.monotonic() - begun

    async def _work(self, number: int, until: float) -> None:
        times, customer = 0, number
        while (begun := time.monotonic()) < until:
            times += 1
            if await self.call(customer, times):
                self.answered += 1
                self.waits_ms.append(1000 * (time.monotonic() - begun))
            else:
                self.refused += 1
            customer = (customer + self.in_flight) % self.customers


async def work(call: Call, in_flight: int, customers: int, seconds: float) -> str:
    """What became of the calls, as one line of JSON with the fields of `LoadResult`."""
    workers, used = Workers(call, in_flight, customers), time.process_time()
    taken = await workers.run(seconds)
    told = {
        "answered": workers.answered,
        "refused": workers.refused,
        "seconds": taken,
        "p50_ms": percentile(workers.waits_ms, 50),
        "p99_ms": percentile(workers.waits_ms, 99),
        "cpu_s": time.process_time() - used,
    }
    return json.dumps(told)
