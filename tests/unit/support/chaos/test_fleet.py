from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from tests.support.chaos.fleet import Member, Role
from tests.support.chaos.journal import Journal
from tests.support.processes import Command


async def test_an_end_that_is_broken_off_can_be_repeated(tmp_path: Path) -> None:
    async def works(_: Member) -> None:
        return

    command = Command("sleeper", {}, tmp_path, program=("sleep", "60"))
    member = Member(name="sleeper", role=Role.SERVER, command=command, works=works, journal=Journal())
    await member.start()

    ending = asyncio.create_task(member.end())
    await asyncio.sleep(0)
    ending.cancel()
    await asyncio.gather(ending, return_exceptions=True)
    await member.end()

    assert command.process is not None
    assert command.process.returncode == -signal.SIGKILL
