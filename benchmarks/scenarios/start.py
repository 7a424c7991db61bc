"""How long it takes from a start until the first webhook has its 200, on a database that exists already."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.connectors import NOWHERE, running_connector
from benchmarks.extent import MANY
from benchmarks.goals import GoalName
from benchmarks.load.http_connection import connected
from benchmarks.load.prepared import Webhooks
from benchmarks.processor import cpu_s
from benchmarks.report.rows import Findings, Row
from tests.support.chaos.databases import on_sqlite
from tests.support.processes import Command, free_port

NAME = "start"

LOOK_EVERY_S = 0.005

PATIENCE_S = 60

WAYS: dict[str, Sequence[str]] = {"server and gateway at once": ("server", "gateway"), "`up`": ("up",)}


async def start(bench: Bench) -> Findings:
    """See the module."""
    folder = bench.folder / "ours"
    async with running_connector(folder, on_sqlite()) as connector:
        await connector.gateway.stop()
        await connector.server.stop()
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(bench.extent.starts):
        for way, names in WAYS.items():
            found[way].append(await _one_start(folder, names))
    return Findings(
        [
            Row(
                scenario=NAME,
                what=f"{way}, to the first 200",
                unit="s",
                ours=median(seconds for seconds, _ in times),
                goal=GoalName.START,
            )
            for way, times in found.items()
        ],
        notes=[
            f"{NAME}: {way} takes {median(cpu for _, cpu in times):.2f} s of processor" for way, times in found.items()
        ],
    )


async def _one_start(folder: Path, names: Sequence[str]) -> tuple[float, float]:
    """Seconds, and those of the processor."""
    listen, gateway = (f"127.0.0.1:{free_port()}" for _ in range(2))
    settings = {"listen": listen, "server": listen, "gateway_listen": gateway, "graph_url": NOWHERE, **on_sqlite()}
    commands = [Command(name, settings, folder) for name in names]
    begun = time.monotonic()
    for command in commands:
        await command.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _first_200(f"http://{gateway}/webhook")
        seconds = time.monotonic() - begun
        return seconds, sum(cpu_s(command.process.pid) for command in commands if command.process)
    finally:
        for command in reversed(commands):
            await command.stop()


async def _first_200(url: str) -> None:
    """As Facebook does, but sooner: sends again until it is taken."""
    webhooks = Webhooks(conversations=MANY)
    while await _status(url, webhooks) != HTTPStatus.OK:  # noqa: ASYNC110 - another process has no event to wait for
        await asyncio.sleep(LOOK_EVERY_S)


async def _status(url: str, webhooks: Webhooks) -> int:
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    with suppress(OSError):
        connection = await connected(url)
        connection.send(webhooks.request(url), answer.set_result)
        try:
            return await answer
        finally:
            connection.close()
    return 0
