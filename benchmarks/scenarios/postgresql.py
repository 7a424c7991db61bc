"""The same on PostgreSQL as on SQLite, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmarks.bench import Bench
from benchmarks.connectors import entered, running_connector
from benchmarks.contest import Run, contest
from benchmarks.databases import running_cluster
from benchmarks.extent import MANY
from benchmarks.goals import GoalName
from benchmarks.load.ccm import Ccm, running_ccm
from benchmarks.load.facebook import Facebook, running_facebook
from benchmarks.load.runs import Acknowledged, Taken
from benchmarks.report.rows import Findings, compared, costs
from benchmarks.scenarios.ingest import EACH, fifty_events, one_event
from benchmarks.scenarios.ours import acknowledged, spelled, taken
from benchmarks.scenarios.send import Replies, through_us
from benchmarks.world import PAGES
from tests.support.chaos.databases import on_sqlite
from tests.support.processes import Connector

NAME = "postgresql"

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"

CALLS = 16
"""Replies in flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One of the two."""

    stores: Connector
    delivers: Connector
    """Another one: what is only stored would be a backlog to its CCM."""
    ccm: Ccm
    database: Mapping[str, int]
    """Its processes, if it has any."""

    def runs(self, bench: Bench, facebook: Facebook) -> Iterator[tuple[str, Run]]:
        """What is measured on it."""
        for each in bench.extent.conversations:
            yield one_event(each), self._with_database(taken(bench, self.stores, conversations=each))
        yield fifty_events(), self._with_database(taken(bench, self.stores, conversations=MANY, each=EACH))
        whole = acknowledged(bench, self.delivers, self.ccm, conversations=MANY)
        yield f"webhook → acknowledged, {spelled(MANY)}", self._with_database(whole)
        replies = through_us(bench, self.delivers, facebook, CALLS)
        yield f"SendMessage, {CALLS} in flight", self._with_database(replies)

    def _with_database(self, run: AnyRun) -> AnyRun:
        return replace(run, processes={**run.processes, **self.database})


AnyRun = TypeVar("AnyRun", Taken, Acknowledged, Replies)


async def postgresql(bench: Bench) -> Findings:
    """See the module."""
    with running_cluster(bench.folder / "cluster") as cluster:
        async with AsyncExitStack() as stack:
            facebook = await stack.enter_async_context(running_facebook(bench.folder))
            of_postgresql = _Ground(
                POSTGRESQL, [await cluster.database() for _ in range(2)], {"postgresql": cluster.process}
            )
            theirs, ours = await entered(
                stack,
                _engine(bench, facebook, _Ground(SQLITE, [on_sqlite()] * 2, {})),
                _engine(bench, facebook, of_postgresql),
            )
            contenders: dict[str, Run] = {}
            for (what, their), (_, our) in zip(theirs.runs(bench, facebook), ours.runs(bench, facebook), strict=True):
                contenders |= {f"{SQLITE}, {what}": their, f"{POSTGRESQL}, {what}": our}
            found = await contest(bench, contenders)
    rows = [
        compared(
            NAME,
            name,
            found[name],
            baseline=SQLITE,
            theirs=found[name.replace(POSTGRESQL, SQLITE, 1)],
            goal=GoalName.POSTGRESQL,
        )
        for name in found
        if name.startswith(POSTGRESQL)
    ]
    return Findings(rows, costs(NAME, found))


@dataclass(frozen=True, slots=True)
class _Ground:
    """What an engine's connectors stand on."""

    name: str
    databases: Sequence[Mapping[str, str]]
    processes: Mapping[str, int]


@asynccontextmanager
async def _engine(bench: Bench, facebook: Facebook, ground: _Ground) -> AsyncIterator[Engine]:
    stored, delivered = ground.databases
    folder = bench.folder / ground.name
    async with AsyncExitStack() as stack:
        stores, delivers = await entered(
            stack,
            running_connector(folder / "stores", stored),
            running_connector(folder / "delivers", delivered, graph_url=facebook.url, pages=PAGES),
        )
        ccm = await stack.enter_async_context(running_ccm(delivers.server_address))
        yield Engine(stores=stores, delivers=delivers, ccm=ccm, database=ground.processes)
