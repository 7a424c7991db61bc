"""From the webhook until CCM's acknowledgement is confirmed, beside what is only stored."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.connectors import running_connector
from benchmarks.contest import Run, contest
from benchmarks.extent import MANY
from benchmarks.goals import GoalName
from benchmarks.report.rows import Findings, compared, costs
from benchmarks.scenarios.ours import acknowledged, spelled, taken
from tests.support.chaos.databases import on_sqlite

NAME = "end-to-end"


async def end_to_end(bench: Bench) -> Findings:
    """See the module."""
    async with running_connector(bench.folder / "ours", on_sqlite()) as connector:
        contenders: dict[str, Run] = {}
        for each in bench.extent.conversations:
            contenders[_stored(each)] = taken(bench, connector, conversations=each)
            contenders[_acknowledged(each)] = acknowledged(bench, connector, conversations=each)
        found = await contest(bench, contenders)
    rows = [
        compared(
            NAME,
            _acknowledged(each),
            found[_acknowledged(each)],
            baseline="durable",
            theirs=found[_stored(each)],
            goal=GoalName.END_TO_END if each >= MANY else None,
        )
        for each in bench.extent.conversations
    ]
    return Findings(rows, costs(NAME, found))


def _stored(conversations: int) -> str:
    return f"webhook → 200, {spelled(conversations)}"


def _acknowledged(conversations: int) -> str:
    return f"webhook → acknowledged, {spelled(conversations)}"
