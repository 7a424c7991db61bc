"""Runs of load as a contest wants them: each gives one figure, and what it cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.connectors import backlog_of
from benchmarks.contest import Sample
from benchmarks.load.ccm import PATIENCE_S, Ccm, running_ccm
from benchmarks.load.generator import Generator, LoadResult, RefusedError
from benchmarks.processor import CpuMeter

LOOK_EVERY_S = 0.05

LONGER = (1, 1, 2, 4)
"""What a run lasts that has to be repeated, in times of what it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Events a second for which a webhook got its 200."""

    generator: Generator
    seconds: int
    processes: Mapping[str, int]
    """Those at work, by name."""

    async def __call__(self) -> Sample:
        meter, result = await self._long_enough()
        cores = meter.cores(result.seconds, generator=result.cpu_s)
        return Sample(value=result.rate * self.generator.webhooks.each, cores=cores)

    async def _long_enough(self) -> tuple[CpuMeter, LoadResult]:
        """Again if there was more time than webhooks, or on a slow machine too little time for any."""
        for longer in LONGER:
            seconds = longer * self.seconds
            await self.generator.prepare(seconds)
            meter = CpuMeter(self.processes)
            result = await self.generator.send(seconds)
            if result.answered and not self.generator.ran_out(result):
                break
        if not result.answered:
            raise RefusedError(f"{self.generator.url}: no webhook got an answer within {seconds} s")
        return meter, result


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Events a second from the first webhook until the acknowledgement of the last is confirmed."""

    generator: Generator
    seconds: int
    processes: Mapping[str, int]
    server: str

    async def __call__(self) -> Sample:
        async with running_ccm(self.server) as ccm:
            await self._quiet()
            await ccm.start_counting()
            sample = await self._run(ccm)
            # What had no answer at the end is not to be left to the next run, whose CCM would wait for its lease.
            await self._quiet()
        return sample

    async def _run(self, ccm: Ccm) -> Sample:
        await self.generator.prepare(self.seconds)
        meter = CpuMeter({**self.processes, "ccm": ccm.process.pid})
        result = await self.generator.send(self.seconds)
        # The generator has needed some time to read what it sends.
        begun = time.monotonic() - result.seconds
        events = result.answered * self.generator.webhooks.each
        seconds = await ccm.acknowledged(events) - begun
        return Sample(value=events / seconds, cores=meter.cores(seconds, generator=result.cpu_s))

    async def _quiet(self) -> None:
        """Returns when nothing waits to be acknowledged: other runs only store."""
        async with asyncio.timeout(PATIENCE_S):
            while await backlog_of(self.server):  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(LOOK_EVERY_S)
