"""The same on PostgreSQL as on SQLite, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmarks.bench import Bench
from benchmarks.connectors import entered, running_connector
from benchmarks.contest import Run, contest
from benchmarks.databases import running_cluster
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
    database: Mapping[str, int]
    """Its processes, if it has any."""

    def runs(self, bench: Bench, facebook: Facebook) -> Iterator[tuple[str, Run]]:
        """What is measured on it."""
        for each in bench.extent.conversations:
            yield one_event(each), self._with_database(taken(bench, self.connector, conversations=each))
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
            databases = {SQLITE: on_sqlite(), POSTGRESQL: await cluster.database()}
            starting = (
                running_connector(bench.folder / name, database, graph_url=facebook.url, pages=PAGES)
                for name, database in databases.items()
            )
            on_file, on_cluster = await entered(stack, *starting)
            theirs = Engine(connector=on_file, database={})
            ours = Engine(connector=on_cluster, database={"postgresql": cluster.process})
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
