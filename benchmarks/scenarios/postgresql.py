"""The same on PostgreSQL as on SQLite, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmarks.bench import Bench
from benchmarks.connectors import entered, running_connector
from benchmarks.contest import Run, contest
from benchmarks.databases import Cluster, running_cluster
from benchmarks.extent import MANY
from benchmarks.goals import GoalName
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

    connector: Connector
    aside: Connector
    """Where few customers write: their backlog would take CCM for ever. The same where only many do."""
    database: Mapping[str, int]
    """Its processes, if it has any."""

    def runs(self, bench: Bench, facebook: Facebook) -> Iterator[tuple[str, Run]]:
        """What is measured on it."""
        for each in bench.extent.conversations:
            connector = self.connector if each >= MANY else self.aside
            yield one_event(each), self._with_database(taken(bench, connector, conversations=each))
        yield fifty_events(), self._with_database(taken(bench, self.connector, conversations=MANY, each=EACH))
        whole = acknowledged(bench, self.connector, conversations=MANY)
        yield f"webhook → acknowledged, {spelled(MANY)}", self._with_database(whole)
        replies = through_us(bench, self.connector, facebook, CALLS)
        yield f"SendMessage, {CALLS} in flight", self._with_database(replies)

    def _with_database(self, run: AnyRun) -> AnyRun:
        return replace(run, processes={**run.processes, **self.database})


AnyRun = TypeVar("AnyRun", Taken, Acknowledged, Replies)


async def postgresql(bench: Bench) -> Findings:
    """See the module."""
    with running_cluster(bench.folder / "cluster") as cluster:
        async with AsyncExitStack() as stack:
            facebook = await stack.enter_async_context(running_facebook(bench.folder))
            theirs, ours = await _engines(bench, stack, facebook, cluster)
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


async def _engines(bench: Bench, stack: AsyncExitStack, facebook: Facebook, cluster: Cluster) -> tuple[Engine, Engine]:
    each = 2 if min(bench.extent.conversations) < MANY else 1
    databases = [on_sqlite()] * each + [await cluster.database() for _ in range(each)]
    starting = (
        running_connector(bench.folder / str(number), database, graph_url=facebook.url, pages=PAGES)
        for number, database in enumerate(databases)
    )
    connectors = await entered(stack, *starting)
    sqlite, other = connectors[:each], connectors[each:]
    return (
        Engine(connector=sqlite[0], aside=sqlite[-1], database={}),
        Engine(connector=other[0], aside=other[-1], database={"postgresql": cluster.process}),
    )
