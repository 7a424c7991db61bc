"""Webhooks at full speed: by wrk where it is installed, else by our own generator, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.prepared import Webhooks, write_requests
from benchmarks.processor import own_children_s
from tests.support.processes import ROOT

CONNECTIONS = 64
"""For webhooks with one event; all of them always busy."""

FEW_CONNECTIONS = 8
"""For webhooks with many: Facebook waits five seconds for an answer, and a slow machine is to have them, too."""

TIMEOUT_S = 10
"""For one answer."""

HEADROOM = 1.6
"""So many times the requests that the last run has used are prepared for the next."""

FIRST_GUESS = 8_000
"""Events a second that are prepared before anything is known."""

LUA = Path(__file__).with_name("webhooks.lua")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What became of a run of load."""

    answered: int
    """Webhooks that got a 200."""
    refused: int
    """Those that got something else, or nothing."""
    seconds: float
    p50_ms: float
    p99_ms: float
    """Of the answers."""
    cpu_s: float
    """The generator's own processor time."""

    @property
    def rate(self) -> float:
        """Webhooks a second."""
        return self.answered / self.seconds


class RefusedError(Exception):
    """Something did not answer each webhook with 200: its rate would say nothing."""


@dataclass(slots=True, kw_only=True)
class Generator:
    """Sends webhooks of one kind to one address, run after run."""

    url: str
    webhooks: Webhooks
    folder: Path
    most_per_s: float = math.inf
    """So many times the seconds of a run are sent in it, and no more."""
    _used: float = 0.0
    """Requests a second; 0 before the first run."""
    _prepared: int = 0
    answered: int = 0
    """In all runs."""

    async def prepare(self, seconds: int) -> None:
        """Writes down what is to be sent in so much time."""
        wanted = HEADROOM * self._used or FIRST_GUESS / self.webhooks.each
        self._prepared = round(min(wanted, self.most_per_s) * seconds) + self.connections
        await asyncio.to_thread(write_requests, self._file, self.webhooks.requests(self.url, self._prepared))

    async def send(self, seconds: int) -> LoadResult:
        """Sends what was prepared. Raises RefusedError."""
        before = own_children_s()
        told = json.loads(await last_line(*_command(self.url, self._file, self.connections, seconds)))
        result = LoadResult(cpu_s=own_children_s() - before, **told)
        if result.refused:
            raise RefusedError(f"{self.url}: {result.answered} webhooks got a 200, {result.refused} did not")
        self._used = result.rate
        self.answered += result.answered
        return result

    def ran_out(self, result: LoadResult) -> bool:
        """Whether more could have been sent: the time of a run is then longer than its work, and its rate too low."""
        return result.answered > self._prepared - 2 * self.connections

    @property
    def connections(self) -> int:
        """So many webhooks are on their way at any time."""
        return CONNECTIONS if self.webhooks.each == 1 else FEW_CONNECTIONS

    @property
    def _file(self) -> Path:
        return self.folder / "requests"


def generator_name() -> str:
    """What sends on this machine."""
    return "wrk" if wrk() else "benchmarks/load/own.py (wrk is not installed)"


def wrk() -> str | None:
    """Where wrk is, if it is installed."""
    return shutil.which("wrk")


def _command(url: str, file: Path, connections: int, seconds: int) -> list[str]:
    program = wrk()
    if program is None:
        return [sys.executable, "-m", "benchmarks.load.own", url, str(file), str(connections), str(seconds)]
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT_S}s", "-s", str(LUA)]
    return [program, *options, url, "--", str(file)]


async def last_line(*command: str) -> bytes:
    """Runs a generator, and returns the last line that it printed. Raises RefusedError if it failed."""
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    if process.returncode:
        raise RefusedError(f"{' '.join(command[:3])} ended with status {process.returncode}")
    return printed.splitlines()[-1]
