"""How long a message takes from the webhook to CCM at a fixed rate, beside the same way without a disk."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.baselines import relaxed_server
from benchmarks.bench import Bench
from benchmarks.connectors import entered, process_ids, running_connector
from benchmarks.contest import Sample, contest
from benchmarks.goals import GoalName
from benchmarks.load.generator import RefusedError, last_line
from benchmarks.processor import CpuMeter
from benchmarks.report.percentiles import percentile
from benchmarks.report.rows import Findings, Row, costs
from tests.support.chaos.databases import on_sqlite
from tests.support.processes import Connector

NAME = "latency"

RATE = 500

PERCENTILES = {50.0: GoalName.LATENCY_P50, 99.0: GoalName.LATENCY_P99, 99.9: None}

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, on which we make a folder of our own

NEEDED_BYTES = 500_000_000
"""More than the database grows to. Containers often have less."""

RELAXED = (sys.executable, "-m", relaxed_server.__name__)


async def latency(bench: Bench) -> Findings:
    """See the module."""
    with _folder_in_memory(bench.folder) as folder:
        without_disk = {"data_dir": str(folder / "data")}
        async with AsyncExitStack() as stack:
            connectors = await entered(
                stack,
                running_connector(bench.folder / "ours", on_sqlite()),
                running_connector(bench.folder / "relaxed", without_disk, server=RELAXED),
            )
            kept, unkept = (OpenLoop(connector=each, seconds=bench.extent.open_loop_s) for each in connectors)
            found = await contest(bench, {"on a disk": kept, "without a disk": unkept})
    rows = [
        Row(
            scenario=NAME,
            what=f"webhook → CCM at {RATE}/s, p{percent:g}",
            unit="ms",
            ours=percentile(kept.waits_ms, percent),
            baseline=f"{folder.parent}, synchronous=OFF",
            theirs=percentile(unkept.waits_ms, percent),
            goal=goal,
        )
        for percent, goal in PERCENTILES.items()
    ]
    late = ", ".join(f"p{percent:g} {percentile(kept.late_ms, percent):.1f} ms" for percent in PERCENTILES)
    return Findings(rows, costs(NAME, found), [f"latency: the generator itself was late by {late}"])


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoop:
    """Runs at the fixed rate; the times of all runs stand together."""

    connector: Connector
    seconds: int
    waits_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)

    @property
    def processes(self) -> dict[str, int]:
        """See `Run`."""
        return process_ids(self.connector)

    async def __call__(self) -> Sample:
        meter, target = CpuMeter(self.processes), self.connector
        module = ("-m", "benchmarks.load.open_loop", target.webhook_url, target.server_address)
        told = json.loads(await last_line(sys.executable, *module, str(RATE), str(self.seconds)))
        if told["refused"]:
            raise RefusedError(f"{told['refused']} webhooks did not get a 200")
        self.waits_ms.extend(told["waits_ms"])
        self.late_ms.extend(told["late_ms"])
        return Sample(value=RATE, cores=meter.cores(self.seconds, generator=told["cpu_s"]))


@contextmanager
def _folder_in_memory(otherwise: Path) -> Iterator[Path]:
    """On a machine without enough of it, the disk is left out by `synchronous=OFF` alone."""
    enough = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= NEEDED_BYTES
    where = MEMORY if enough else otherwise
    with tempfile.TemporaryDirectory(prefix="fbc-bench-", dir=where) as folder:
        yield Path(folder)
