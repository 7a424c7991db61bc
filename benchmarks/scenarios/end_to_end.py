"""From the webhook until CCM's acknowledgement is confirmed, beside what is only stored."""

from __future__ import annotations

from contextlib import AsyncExitStack

from benchmarks.bench import Bench
from benchmarks.connectors import entered, running_connector
from benchmarks.contest import Run, contest
from benchmarks.extent import MANY
from benchmarks.goals import GoalName
from benchmarks.load.ccm import running_ccm
from benchmarks.report.rows import Findings, compared, costs
from benchmarks.scenarios.ours import acknowledged, spelled, taken
from tests.support.chaos.databases import on_sqlite

NAME = "end-to-end"


async def end_to_end(bench: Bench) -> Findings:
    """See the module. Two connectors: what one only stores would be a backlog to the other's CCM."""
    async with AsyncExitStack() as stack:
        stores, delivers = await entered(
            stack, *(running_connector(bench.folder / name, on_sqlite()) for name in ("stores", "delivers"))
        )
        ccm = await stack.enter_async_context(running_ccm(delivers.server_address))
        contenders: dict[str, Run] = {}
        for each in bench.extent.conversations:
            contenders[_stored(each)] = taken(bench, stores, conversations=each)
            contenders[_acknowledged(each)] = acknowledged(bench, delivers, ccm, conversations=each)
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
