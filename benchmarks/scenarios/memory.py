"""What gateway and server hold in memory: idle after a start, and at most under load."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.connectors import process_ids, running_connector
from benchmarks.extent import MANY
from benchmarks.goals import GoalName
from benchmarks.processor import Memory, memory_of
from benchmarks.report.rows import Findings, Row
from benchmarks.scenarios.ours import acknowledged
from tests.support.chaos.databases import on_sqlite

NAME = "memory"

GOALS = {"gateway": GoalName.GATEWAY_MEMORY, "server": GoalName.SERVER_MEMORY}


async def memory(bench: Bench) -> Findings:
    """See the module."""
    async with running_connector(bench.folder / "ours", on_sqlite()) as connector:
        await asyncio.sleep(bench.extent.settle_s)
        idle = {name: memory_of(process) for name, process in process_ids(connector).items()}
        run = acknowledged(bench, connector, conversations=100 * MANY)
        for _ in range(bench.extent.rounds):
            await run()
        loaded = {name: memory_of(process) for name, process in process_ids(connector).items()}
    return Findings([row for name in GOALS for row in _rows(name, idle[name], loaded[name])])


def _rows(name: str, idle: Memory, loaded: Memory) -> Iterator[Row]:
    yield Row(scenario=NAME, what=f"{name}, idle (RSS)", unit="MB", ours=idle.resident, goal=GOALS[name])
    yield Row(scenario=NAME, what=f"{name}, idle (PSS)", unit="MB", ours=idle.proportional)
    yield Row(scenario=NAME, what=f"{name}, at most under load (RSS)", unit="MB", ours=loaded.peak)
    yield Row(scenario=NAME, what=f"{name}, after the load (PSS)", unit="MB", ours=loaded.proportional)
