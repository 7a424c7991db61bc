"""The sandbox as a Facebook that takes no time: all pages, customers who have just written, and no webhooks.

    python -m benchmarks.load.facebook PORT

Says `ready` once it listens.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks.announced import announced
from benchmarks.world import APP_ID, APP_SECRET, CUSTOMERS, PAGES, VERIFY_TOKEN, page_of, page_token, psid
from messenger_sandbox import Page, Person, RunningSandbox, SandboxConfig, run
from tests.support.processes import free_port

KEPT = 1_000
"""Entries of its journal: a run has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facebook:
    """One that runs."""

    url: str
    process: int


@asynccontextmanager
async def running_facebook(folder: Path) -> AsyncIterator[Facebook]:
    """Killed when the block is left."""
    port = free_port()
    async with announced("benchmarks.load.facebook", str(port), folder=folder) as process:
        yield Facebook(url=f"http://127.0.0.1:{port}", process=process)


def config(port: int) -> SandboxConfig:
    """Everybody who takes part."""
    return SandboxConfig(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        port=port,
        pages=tuple(Page(page_id=page, token=page_token(page)) for page in PAGES),
        people=tuple(Person(psid=psid(number), page_id=page_of(number)) for number in range(CUSTOMERS)),
        journal_kept=KEPT,
    )


def open_windows(sandbox: RunningSandbox) -> None:
    """Everybody writes, so that everybody may be written to."""
    for number in range(CUSTOMERS):
        sandbox.person(psid(number)).says("Hello?")
    print("ready", flush=True)


if __name__ == "__main__":
    uvloop.run(run(config(int(sys.argv[1])), announce=open_windows))
