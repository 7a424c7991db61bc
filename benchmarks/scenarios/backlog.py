"""A long backlog: memory, the first delivery after a start, the rate of draining it, and a CCM that reads nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import grpc.aio

from benchmarks.bench import Bench
from benchmarks.connectors import NOWHERE, outstanding_of
from benchmarks.contest import Outcome, Sample
from benchmarks.extent import MILLION
from benchmarks.goals import GoalName
from benchmarks.load.backlog import fill
from benchmarks.load.consumer import WINDOW
from benchmarks.processor import CpuMeter, memory_of
from benchmarks.profiler import Profiler
from benchmarks.report.rows import Cost, Findings, Row
from connector_client import ConnectorClient, Window
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from tests.support.processes import Command, free_port, serves

NAME = "backlog"

SERVES_WITHIN_S = 120

SETTLES_S = 1.0
"""Until a client that reads nothing has its window full."""


@dataclass(slots=True)
class Size:
    """A backlog and what was found of it."""

    events: int
    folder: Path
    serving_s: list[float] = field(default_factory=list)
    first_delivery_s: list[float] = field(default_factory=list)
    """From then to the first message in the client's hand."""
    drained: list[Sample] = field(default_factory=list)
    """Messages a second."""
    most_mb: float = 0.0
    """Most memory that the server has had until the end of a drain."""

    def __str__(self) -> str:
        return f"{self.events:,} waiting".replace(",", "\N{NARROW NO-BREAK SPACE}")


async def backlog(bench: Bench) -> Findings:
    """See the module."""
    sizes = [Size(events, bench.folder / str(events)) for events in bench.extent.backlogs]
    for size in sizes:
        bench.tell(f"{NAME}: stores {size.events} events")
        await asyncio.to_thread(size.folder.mkdir)
        await fill(size.folder, size.events)
    for _ in range(bench.extent.rounds):
        for size in sizes:
            await _one_round(bench, size)
    if bench.profiler is not None:
        for size in sizes:
            await _watched(bench, bench.profiler, size)
    findings = Findings([row for size in sizes for row in rows_of(size, sizes[0])], [_cost(size) for size in sizes])
    for size in sizes:
        findings.notes.append(f"{NAME}: {await _left_unread(bench, size)}")
    return findings


async def _one_round(bench: Bench, size: Size) -> None:
    """Starts a server, drains some, and stops it."""
    begun = time.monotonic()
    async with _server(size.folder) as (address, process):
        size.serving_s.append(time.monotonic() - begun)
        await _drain(bench, size, address, process)
        size.most_mb = max(size.most_mb, memory_of(process).peak)


async def _watched(bench: Bench, profiler: Profiler, size: Size) -> None:
    """One more round, which does not count."""
    async with (
        _server(size.folder) as (address, process),
        profiler.watching(f"{NAME} {size}", {"server": process}),
    ):
        await _drain(bench, replace(size, first_delivery_s=[], drained=[]), address, process)


async def _drain(bench: Bench, size: Size, address: str, process: int) -> None:
    begun, count = time.monotonic(), 0
    async with ConnectorClient(address, client_id="drains") as client:
        async for received in client.inbound("ccm", window=Window(max_messages=WINDOW)):
            if not count:
                size.first_delivery_s.append(time.monotonic() - begun)
                begun, meter = time.monotonic(), CpuMeter({"server": process})
            count += 1
            received.ack()
            if count == bench.extent.drained:
                break
        seconds = time.monotonic() - begun
        size.drained.append(Sample(value=count / seconds, cores=meter.cores(seconds)))


async def _left_unread(bench: Bench, size: Size) -> str:
    """Opens a stream, never reads from it, and says what that comes to."""
    async with _server(size.folder) as (address, process), grpc.aio.insecure_channel(address) as channel:
        call = ConnectorServiceStub(channel).StreamInbound()
        start = inbound_pb2.InboundStart(subscription="ccm", client_id="reads-nothing")
        start.window.max_messages = WINDOW
        await call.write(StreamInboundRequest(start=start))
        await asyncio.sleep(SETTLES_S)
        before = memory_of(process).resident
        await asyncio.sleep(bench.extent.unread_s)
        later, outstanding = memory_of(process).resident, await outstanding_of(address)
        call.cancel()
    return (
        f"{size}, a CCM that reads nothing has {outstanding} of its window of {WINDOW};"
        f" the server holds {before:.0f} MB then and {later:.0f} MB {bench.extent.unread_s:g} s later"
    )


def rows_of(size: Size, least: Size) -> Iterator[Row]:
    """Of one size, its draining beside that of the least."""
    yield Row(
        scenario=NAME,
        what=f"{size}: drained",
        unit="/s",
        ours=_drain_rate(size),
        baseline="" if size is least else str(least),
        theirs=None if size is least else _drain_rate(least),
    )
    goal = GoalName.BACKLOG_MEMORY if size.events >= MILLION else None
    yield Row(scenario=NAME, what=f"{size}: server at most (RSS)", unit="MB", ours=size.most_mb, goal=goal)
    yield Row(scenario=NAME, what=f"{size}: start to SERVING", unit="s", ours=median(size.serving_s))
    yield Row(scenario=NAME, what=f"{size}: SERVING to first delivery", unit="s", ours=median(size.first_delivery_s))


def _drain_rate(size: Size) -> float:
    return Outcome(tuple(size.drained)).value


def _cost(size: Size) -> Cost:
    outcome = Outcome(tuple(size.drained))
    return Cost(scenario=NAME, what=f"{size}: drained", rate=outcome.value, cores=outcome.cores)


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[tuple[str, int]]:
    """The product's own command on the data of the folder; its address and process id, once it serves."""
    address = f"127.0.0.1:{free_port()}"
    settings = {"data_dir": str(folder), "listen": address, "graph_url": NOWHERE, "profiles": "false"}
    command = Command("server", settings, folder)
    await command.start()
    assert command.process is not None
    process = command.process.pid
    try:
        await serves(address, within_s=SERVES_WITHIN_S)
        yield address, process
    finally:
        await command.stop()
