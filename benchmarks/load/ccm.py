"""An acknowledging CCM as a process of its own, and the handle to it.

    python -m benchmarks.load.ccm SERVER

Told a number on a line, it answers with the moment (of the monotonic clock, which all processes share) at which that
many acknowledgements were confirmed, as soon as they are; they are counted from the last line with a 0 on.
"""

from __future__ import annotations

import asyncio
import sys
import time
from bisect import bisect_left
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvloop

from benchmarks.load.consumer import consume
from tests.support.processes import ROOT

PATIENCE_S = 120
"""How long the rest of what was sent may take to be acknowledged."""


@dataclass(slots=True)
class Tally:
    """When how many acknowledgements were confirmed."""

    counts: list[int] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, number: int) -> None:
        """So many more, now."""
        self.counts.append(number + (self.counts[-1] if self.counts else 0))
        self.moments.append(time.monotonic())
        self.more.set()

    async def moment_of(self, count: int) -> float:
        """When there were so many; waits until there are. None: counting begins anew."""
        if not count:
            self.counts, self.moments = [], []
            return time.monotonic()
        while not self.counts or self.counts[-1] < count:
            self.more.clear()
            await self.more.wait()
        return self.moments[bisect_left(self.counts, count)]


@dataclass(frozen=True, slots=True)
class Ccm:
    """The handle to the process."""

    process: asyncio.subprocess.Process

    async def start_counting(self) -> None:
        """Forgets what was confirmed so far."""
        await self.acknowledged(0)

    async def acknowledged(self, count: int) -> float:
        """Waits until so many are confirmed, and returns the moment at which they were. Raises TimeoutError."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{count}\n".encode())
        async with asyncio.timeout(PATIENCE_S):
            return float(await self.process.stdout.readline())


@asynccontextmanager
async def running_ccm(server: str) -> AsyncIterator[Ccm]:
    """A CCM that is gone when the block is left."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.load.ccm", server, cwd=ROOT, stdin=pipe, stdout=pipe
    )
    try:
        yield Ccm(process)
    finally:
        process.kill()
        await process.wait()


async def main(server: str) -> None:
    """Acknowledges until it is killed."""
    tally, loop = Tally(), asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(consume(server, "benchmark", acknowledged=tally.add), name="consumer")
        tasks.create_task(_answer(lines, tally), name="answers")


async def _answer(lines: asyncio.StreamReader, tally: Tally) -> None:
    async for line in lines:
        print(await tally.moment_of(int(line)), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
