from __future__ import annotations

import asyncio
from itertools import pairwise

from starlette.types import Message, Receive, Scope, Send

from service_runtime.pacing import BEGUN_AT_ONCE, Paced

REQUESTS = 3 * BEGUN_AT_ONCE


class App:
    """Notes which requests have begun, and ends none before `gate` is open."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.gate = asyncio.Event()

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.begun.append(scope["number"])
        await self.gate.wait()


async def _nothing() -> Message:
    return {}


async def _dropped(_message: Message) -> None:
    pass


async def test_a_burst_leaves_the_loop_its_turns_and_keeps_its_order() -> None:
    app = App()
    paced = Paced(app)
    async with asyncio.TaskGroup() as burst:
        for number in range(REQUESTS):
            burst.create_task(paced({"type": "http", "number": number}, _nothing, _dropped))
        begun_by_turn = [0]
        while begun_by_turn[-1] < REQUESTS:
            await asyncio.sleep(0)
            begun_by_turn.append(len(app.begun))
        app.gate.set()

    steps = [later - before for before, later in pairwise(begun_by_turn)]
    assert max(steps) == BEGUN_AT_ONCE
    assert app.begun == list(range(REQUESTS))
