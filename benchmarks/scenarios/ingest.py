"""Webhooks that get their 200 only after the commit: with one event beside those who keep nothing, and with fifty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from benchmarks.baselines.frameworks import FRAMEWORKS, Frameworks, FrameworksMissingError, installed_frameworks
from benchmarks.baselines.processes import STARLETTE, Baseline, running_starlette
from benchmarks.bench import Bench
from benchmarks.connectors import running_connector
from benchmarks.contest import Outcome, Run, contest
from benchmarks.extent import MANY
from benchmarks.goals import GoalName
from benchmarks.load.generator import Generator
from benchmarks.load.prepared import Webhooks
from benchmarks.load.runs import Taken
from benchmarks.report.rows import Findings, Row, compared, costs
from benchmarks.scenarios.ours import all_there, spelled, taken
from tests.support.chaos.databases import on_sqlite

NAME = "ingest"

EACH = 50
"""Events in a webhook that has many: what a webhook costs, and what an event."""

GOALS = {"Bottender": GoalName.BOTTENDER, "Botkit": None}


async def ingest(bench: Bench) -> Findings:
    """See the module."""
    notes: list[str] = []
    async with (
        _frameworks(bench, notes) as frameworks,
        running_starlette(bench.folder) as starlette,
        running_connector(bench.folder / "ours", on_sqlite()) as connector,
    ):
        ours = {one_event(each): taken(bench, connector, conversations=each) for each in bench.extent.conversations}
        theirs = {each.name: _theirs(bench, each) for each in (starlette, *frameworks)}
        ours[fifty_events()] = taken(bench, connector, conversations=MANY, each=EACH)
        contenders: dict[str, Run] = {**theirs, **ours}
        found = await contest(bench, contenders)
        await all_there(connector, ours.values())
    rows = [_row(found, one_event(each), STARLETTE, GoalName.DURABLE) for each in bench.extent.conversations]
    rows += [_row(found, one_event(MANY), each.name, GOALS[each.name]) for each in frameworks]
    rows.append(_row(found, fifty_events(), one_event(MANY), GoalName.BATCH))
    return Findings(rows, costs(NAME, found), notes)


def one_event(conversations: int) -> str:
    """A contender's name."""
    return f"webhooks with one event, {spelled(conversations)}"


def fifty_events() -> str:
    """Likewise."""
    return f"events, {EACH} in a webhook, {spelled(MANY)}"


def _row(found: dict[str, Outcome], what: str, baseline: str, goal: GoalName | None) -> Row:
    return compared(NAME, what, found[what], baseline=baseline, theirs=found[baseline], goal=goal)


def _theirs(bench: Bench, baseline: Baseline) -> Taken:
    generator = Generator(url=baseline.webhook_url, webhooks=Webhooks(conversations=MANY), folder=bench.folder)
    return Taken(generator=generator, seconds=bench.extent.run_s, processes={baseline.name: baseline.process})


@asynccontextmanager
async def _frameworks(bench: Bench, notes: list[str]) -> AsyncIterator[Iterable[Baseline]]:
    """Those for Node, as far as they can be had; a note says why not."""
    async with AsyncExitStack() as stack:
        found: list[Baseline] = []
        try:
            frameworks = await _installed(bench)
            found = [await stack.enter_async_context(frameworks.running(name)) for name in FRAMEWORKS]
        except FrameworksMissingError as error:
            notes.append(f"{NAME}: {' and '.join(FRAMEWORKS)} are left out: {error}")
        yield found


async def _installed(bench: Bench) -> Frameworks:
    if not bench.extent.frameworks:
        raise FrameworksMissingError("the run is a quick one")
    bench.tell(f"{NAME}: npm installs {' and '.join(FRAMEWORKS)}")
    return await installed_frameworks(bench.folder / "node")
