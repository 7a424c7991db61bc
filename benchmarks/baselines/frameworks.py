"""Baselines for Node: Bottender and Botkit, with the signature check on and a bot that says nothing. They keep nothing.

Their locked versions are installed by npm into a temporary folder; without Node or without a registry that can be
reached they are left out.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.baselines.processes import Baseline
from benchmarks.world import APP_ID, APP_SECRET, PAGE, VERIFY_TOKEN, page_token
from tests.support.processes import free_port

SOURCES = Path(__file__).with_name("node")

INSTALL_WITHIN_S = 180

START_WITHIN_S = 60

FRAMEWORKS: Mapping[str, str] = {"Bottender": "bottender", "Botkit": "botkit"}
"""By name: its folder."""


class FrameworksMissingError(Exception):
    """They cannot be measured here; says why."""


@dataclass(frozen=True, slots=True)
class Frameworks:
    """Installed in a folder."""

    folder: Path
    node: str

    @asynccontextmanager
    async def running(self, name: str) -> AsyncIterator[Baseline]:
        """One of them; killed when the block is left."""
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            self.node,
            "server.js",
            cwd=self.folder / FRAMEWORKS[name],
            env=os.environ | _settings(port),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START_WITHIN_S):
                await _says_ready(name, process.stdout)
            yield Baseline(name=name, address=f"127.0.0.1:{port}", process=process.pid)
        finally:
            process.kill()
            await process.wait()


async def installed_frameworks(folder: Path) -> Frameworks:
    """Installs them into a folder. Raises FrameworksMissingError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise FrameworksMissingError("Node and npm are not installed")
    await asyncio.to_thread(shutil.copytree, SOURCES, folder)
    process = await asyncio.create_subprocess_exec(
        *(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(INSTALL_WITHIN_S):
            _, printed = await process.communicate()
    except TimeoutError:
        process.kill()
        raise FrameworksMissingError(f"npm did not install them within {INSTALL_WITHIN_S} s") from None
    if process.returncode:
        first, *_ = printed.decode(errors="replace").splitlines() or ["it says nothing"]
        raise FrameworksMissingError(f"npm could not install them: {first}")
    return Frameworks(folder, node)


def _settings(port: int) -> dict[str, str]:
    return {
        "NODE_ENV": "production",
        "PORT": str(port),
        "PAGE": PAGE,
        "APP_ID": APP_ID,
        "APP_SECRET": APP_SECRET,
        "PAGE_TOKEN": page_token(PAGE),
        "VERIFY_TOKEN": VERIFY_TOKEN,
    }


async def _says_ready(name: str, lines: asyncio.StreamReader) -> None:
    async for line in lines:
        if line.strip() == b"ready":
            return
    raise FrameworksMissingError(f"{name} does not start")
