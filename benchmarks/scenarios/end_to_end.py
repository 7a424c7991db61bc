"""From the webhook until CCM's acknowledgement is confirmed, beside what is only stored."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.connectors import running_connector
from benchmarks.contest import Outcome, Run, contest
from benchmarks.extent import MANY
from benchmarks.goals import GoalName
from benchmarks.report.rows import Findings, Row, compared, costs
from benchmarks.scenarios.ours import acknowledged, spelled, taken
from tests.support.chaos.databases import on_sqlite

NAME = "end-to-end"


async def end_to_end(bench: Bench) -> Findings:
    """See the module."""
    async with running_connector(bench.folder / "ours", on_sqlite()) as connector:
        contenders: dict[str, Run] = {}
        for each in bench.extent.conversations:
            # A long backlog in few conversations would take for ever to drain.
            if each >= MANY:
                contenders[_stored(each)] = taken(bench, connector, conversations=each)
            contenders[_acknowledged(each)] = acknowledged(bench, connector, conversations=each)
        found = await contest(bench, contenders)
    rows = [_row(found, each) for each in bench.extent.conversations]
    return Findings(rows, costs(NAME, found))


def _row(found: dict[str, Outcome], conversations: int) -> Row:
    what, stored = _acknowledged(conversations), found.get(_stored(conversations))
    if stored is None:
        return compared(NAME, what, found[what])
    return compared(NAME, what, found[what], baseline="durable", theirs=stored, goal=GoalName.END_TO_END)


def _stored(conversations: int) -> str:
    return f"webhook → 200, {spelled(conversations)}"


def _acknowledged(conversations: int) -> str:
    return f"webhook → acknowledged, {spelled(conversations)}"
