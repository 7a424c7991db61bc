"""Small pieces of code, one by one, in this process: what a change of one of them is worth."""

from __future__ import annotations

import asyncio
import time
import timeit
from contextlib import suppress
from statistics import median

from benchmarks.bench import Bench
from benchmarks.report.rows import Findings, Row
from benchmarks.scenarios.pieces import Piece, pieces
from benchmarks.scenarios.transactions import NothingLeftError, Step, transactions

NAME = "micro"

REPEATS = 5


async def micro(bench: Bench) -> Findings:
    """See the module."""
    findings = Findings()
    for what, piece in pieces().items():
        findings.rows.append(_row(what, _seconds_of(piece, bench.extent.micro_s)))
    folder = bench.folder / "data"
    await asyncio.to_thread(folder.mkdir)
    async with transactions(folder) as steps:
        for what, step in steps.items():
            findings.rows.append(_row(f"store: {what}", await _seconds_of_step(step, bench.extent.micro_s)))
    return findings


def _row(what: str, seconds: float) -> Row:
    return Row(scenario=NAME, what=what, unit="µs", ours=1_000_000 * seconds)


def _seconds_of(piece: Piece, for_s: float) -> float:
    """The best of some repeats: whatever else the machine does only adds."""
    timer = timeit.Timer(piece)
    once = max(min(timer.repeat(REPEATS, 1)), 1e-7)
    number = max(1, round(for_s / REPEATS / once))
    return min(timer.repeat(REPEATS, number)) / number


async def _seconds_of_step(step: Step, for_s: float) -> float:
    """The median: how long the disk takes is no noise."""
    until = time.perf_counter() + for_s
    found: list[float] = []
    with suppress(NothingLeftError):
        while not found or time.perf_counter() < until:
            begun = time.perf_counter()
            await step()
            found.append(time.perf_counter() - begun)
    return median(found)
