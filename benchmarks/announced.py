"""Processes of the benchmark's own that say on a line when they are ready."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.processes import Command


class NotStartedError(Exception):
    """It ended before it was ready; says what it printed."""


@asynccontextmanager
async def announced(module: str, *arguments: str, folder: Path) -> AsyncIterator[int]:
    """Runs a module until the block is left; gives its process id. Raises NotStartedError."""
    name = module.rpartition(".")[2]
    command = Command(name, {}, folder, program=(sys.executable, "-m", module, *arguments))
    await command.start(piped=True)
    assert command.process is not None
    assert command.process.stdout is not None
    try:
        if not await command.process.stdout.readline():
            raise NotStartedError(f"{name}: {command.log}")
        yield command.process.pid
    finally:
        await command.kill()
