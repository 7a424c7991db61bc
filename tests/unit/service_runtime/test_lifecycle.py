from __future__ import annotations

import asyncio
import os
import signal

import pytest

from service_runtime.lifecycle import Tasks, first_of, stop_signals, unless


async def test_leaving_the_group_cancels_and_awaits_its_tasks() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("work")

    async with Tasks() as tasks:
        tasks.start("work", work())
        await asyncio.sleep(0)

    assert ended == ["work"]


async def test_a_task_that_dies_is_reported() -> None:
    async def work() -> None:
        raise OSError("disk full")

    async with Tasks() as tasks:
        tasks.start("work", work())
        with pytest.raises(OSError, match="disk full"):
            await tasks.failure()


async def test_a_task_that_ends_by_itself_is_no_failure() -> None:
    async with Tasks() as tasks:
        await tasks.start("work", asyncio.sleep(0))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(tasks.failure(), 0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_asks_to_stop(number: signal.Signals) -> None:
    with stop_signals() as stop:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), 5)


async def test_first_of_cancels_the_others_and_raises_what_the_first_raised() -> None:
    cancelled = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def fail() -> None:
        await asyncio.sleep(0)
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await first_of(wait(), fail())
    assert cancelled.is_set()


async def test_work_that_ends_before_the_stop_gives_what_it_gives() -> None:
    async def work() -> int:
        return 7

    assert await unless(asyncio.Event(), work()) == 7


async def test_work_that_fails_before_the_stop_raises() -> None:
    async def work() -> None:
        raise OSError

    with pytest.raises(OSError):
        await unless(asyncio.Event(), work())


async def test_work_is_cancelled_at_the_stop() -> None:
    stop, ended = asyncio.Event(), []

    async def work() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return 7

    asyncio.get_running_loop().call_soon(stop.set)
    assert await unless(stop, work()) is None
    assert ended == [True]
