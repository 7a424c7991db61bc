"""Replies: `SendMessage` until Facebook has the message, beside a bare httpx client against the same sandbox."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.baselines.processes import Baseline, running_echo
from benchmarks.bench import Bench
from benchmarks.connectors import process_ids, running_connector
from benchmarks.contest import Run, Sample, contest
from benchmarks.goals import GoalName
from benchmarks.load.facebook import Facebook, running_facebook
from benchmarks.load.generator import LoadResult, RefusedError, last_line
from benchmarks.processor import CpuMeter
from benchmarks.report.rows import Findings, compared, costs
from benchmarks.world import PAGES
from tests.support.chaos.databases import on_sqlite
from tests.support.processes import Connector

NAME = "send"

HTTPX = "bare httpx"

BUSY = 0.9
"""Cores at which the sandbox is what limits: it runs on one."""


async def send(bench: Bench) -> Findings:
    """See the module."""
    async with (
        running_facebook(bench.folder) as facebook,
        running_echo(bench.folder) as echo,
        running_connector(bench.folder / "ours", on_sqlite(), graph_url=facebook.url, pages=PAGES) as connector,
    ):
        contenders: dict[str, Run] = {}
        for calls in bench.extent.in_flight:
            contenders[f"{HTTPX}, {calls} in flight"] = past_us(bench, facebook, calls)
            contenders[f"SendMessage, {calls} in flight"] = through_us(bench, connector, facebook, calls)
            contenders[f"{echo.name}, {calls} in flight"] = to_nobody(bench, echo, calls)
        found = await contest(bench, contenders)
    rows = [
        compared(
            NAME,
            f"SendMessage, {calls} in flight",
            found[f"SendMessage, {calls} in flight"],
            baseline=baseline,
            theirs=found[f"{baseline}, {calls} in flight"],
            goal=goal,
        )
        for baseline, goal in ((HTTPX, GoalName.SEND), (echo.name, None))
        for calls in bench.extent.in_flight
    ]
    limited = [name for name, outcome in found.items() if outcome.cores.get("sandbox", 0) >= BUSY]
    notes = [f"{NAME}: the sandbox is the bottleneck of {'; '.join(limited)}"] if limited else []
    return Findings(rows, costs(NAME, found), notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """Replies a second that Facebook has taken."""

    module: str
    """The process that sends."""
    target: str
    in_flight: int
    seconds: int
    processes: Mapping[str, int]

    async def __call__(self) -> Sample:
        meter = CpuMeter(self.processes)
        command = (sys.executable, "-m", self.module, self.target, str(self.in_flight), str(self.seconds))
        result = LoadResult(**json.loads(await last_line(*command)))
        if result.refused:
            raise RefusedError(f"{self.module}: {result.refused} of its messages were not sent")
        return Sample(value=result.rate, cores=meter.cores(result.seconds, client=result.cpu_s))


def through_us(bench: Bench, connector: Connector, facebook: Facebook, in_flight: int) -> Replies:
    """By SendMessage."""
    server = process_ids(connector)["server"]
    return Replies(
        module="benchmarks.load.replies",
        target=connector.server_address,
        in_flight=in_flight,
        seconds=bench.extent.run_s,
        processes={"server": server, "sandbox": facebook.process},
    )


def past_us(bench: Bench, facebook: Facebook, in_flight: int) -> Replies:
    """By the baseline."""
    return Replies(
        module="benchmarks.baselines.httpx_client",
        target=facebook.url,
        in_flight=in_flight,
        seconds=bench.extent.run_s,
        processes={"sandbox": facebook.process},
    )


def to_nobody(bench: Bench, echo: Baseline, in_flight: int) -> Replies:
    """By the same calls of a server that does nothing."""
    return Replies(
        module="benchmarks.load.replies",
        target=echo.address,
        in_flight=in_flight,
        seconds=bench.extent.run_s,
        processes={"server": echo.process},
    )
