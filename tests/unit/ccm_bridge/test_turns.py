from __future__ import annotations

import asyncio

import pytest

from ccm_bridge.turns import Turns


async def test_a_conversation_is_worked_on_in_the_order_of_coming_and_others_beside_it() -> None:
    turns, free, done = Turns(), asyncio.Event(), list[str]()

    async def work(conversation: str, name: str, until: asyncio.Event | None = None) -> None:
        async with turns.of(conversation):
            if until is not None:
                await until.wait()
            done.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(work("ana", "first", free))
        group.create_task(work("ana", "second"))
        group.create_task(work("ana", "third"))
        await group.create_task(work("ben", "other"))
        assert done == ["other"]
        free.set()

    assert done == ["other", "first", "second", "third"]


async def test_who_waits_too_long_gives_up_and_holds_up_nobody() -> None:
    turns = Turns()
    async with turns.of("ana"):
        with pytest.raises(TimeoutError):
            async with turns.of("ana", within_s=0):
                pytest.fail("two at a time")
    async with turns.of("ana", within_s=5):
        pass


async def test_a_failure_ends_the_turn() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError):
        async with turns.of("ana"):
            raise RuntimeError
    async with turns.of("ana", within_s=5):
        pass
