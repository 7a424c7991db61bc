"""Looks into the processes while they are at work, with py-spy, and writes down as text where their time goes.

Only who has the interpreter in hand is looked at: threads that wait, for the disk or for one another, are left out, and
so is what gRPC and SQLite do on their own.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report.hot import hot_functions

RATE = 250
"""Looks a second."""

READY_S = 0.5
"""Until py-spy has found its way into a process."""


@dataclass(frozen=True, slots=True)
class Profiler:
    """Writes one file for each process of each contender."""

    py_spy: str
    folder: Path

    @asynccontextmanager
    async def watching(self, what: str, processes: Mapping[str, int]) -> AsyncIterator[None]:
        """While the block runs. Processes that are not Python's are left out."""
        recorders = {name: await self._recorder(self._file(what, name), each) for name, each in processes.items()}
        await asyncio.sleep(READY_S)
        try:
            yield
        finally:
            for name, recorder in recorders.items():
                if recorder.returncode is None:
                    recorder.send_signal(signal.SIGINT)
                await recorder.wait()
                await asyncio.to_thread(_rewrite, self._file(what, name), f"{what}: {name}")

    def _file(self, what: str, name: str) -> Path:
        return self.folder / f"{re.sub('[^a-z0-9]+', '-', f'{what} {name}'.lower())}.txt"

    async def _recorder(self, file: Path, process: int) -> asyncio.subprocess.Process:
        options = (f"--pid={process}", f"--rate={RATE}", "--format=raw", "--gil", f"--output={file}")
        quiet = asyncio.subprocess.DEVNULL
        return await asyncio.create_subprocess_exec(self.py_spy, "record", *options, stdout=quiet, stderr=quiet)


def _rewrite(file: Path, head: str) -> None:
    if file.exists():
        stacks = file.read_text().splitlines()
        file.write_text(f"{head}\n{hot_functions(stacks)}\n")
