"""A terminal in which our commands are typed: the console script as a real process, to its end or while it runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import COMMAND

PATIENCE_S = 30
"""How long a command may take."""


@dataclass(frozen=True, slots=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line with which a command fails."""
        assert self.status == 1, self
        (line,) = self.err.splitlines()
        assert line.startswith("facebook-connector: ")
        return line.removeprefix("facebook-connector: ")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A folder and the settings in which commands are typed."""

    folder: Path
    settings: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("FBC_")}
        return own | dict(self.settings)

    def having(self, **settings: str) -> Terminal:
        return Terminal(self.folder, {**self.settings, **settings})

    async def run(self, *arguments: str, stdin: str | None = None) -> Ended:
        """Runs a command to its end."""
        async with self.started(*arguments, stdin=asyncio.subprocess.PIPE) as process:
            out, err = await asyncio.wait_for(process.communicate((stdin or "").encode()), PATIENCE_S)
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    @asynccontextmanager
    async def started(
        self, *arguments: str, stdin: int = asyncio.subprocess.DEVNULL
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """A command that runs; killed afterwards if it still does."""
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            *arguments,
            cwd=self.folder,
            env=self.environment,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


async def read_until(stream: asyncio.StreamReader | None, text: str) -> str:
    """Everything a process prints up to the line that contains the text."""
    assert stream is not None
    told = ""
    async with asyncio.timeout(PATIENCE_S):
        while text not in told:
            line = await stream.readline()
            assert line, f"it ended after {told!r}"
            told += line.decode()
    return told
