"""Starts what we are compared with, each as a process of its own on a free port."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.announced import announced
from tests.support.processes import Command, free_port, is_ready

STARLETTE = "bare Starlette"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """One that runs."""

    name: str
    address: str
    process: int

    @property
    def webhook_url(self) -> str:
        """Where it takes webhooks."""
        return f"http://{self.address}/webhook"


@asynccontextmanager
async def running_starlette(folder: Path) -> AsyncIterator[Baseline]:
    """The bare Starlette application; killed when the block is left."""
    address = f"127.0.0.1:{free_port()}"
    program = (sys.executable, "-m", "benchmarks.baselines.starlette_app", address)
    command = Command("starlette", {}, folder, program=program)
    await command.start()
    assert command.process is not None
    try:
        await is_ready(address)
        yield Baseline(name=STARLETTE, address=address, process=command.process.pid)
    finally:
        await command.kill()


@asynccontextmanager
async def running_echo(folder: Path) -> AsyncIterator[Baseline]:
    """The bare gRPC server; killed when the block is left."""
    address = f"127.0.0.1:{free_port()}"
    async with announced("benchmarks.baselines.grpc_echo", address, folder=folder) as process:
        yield Baseline(name="bare grpc.aio", address=address, process=process)
