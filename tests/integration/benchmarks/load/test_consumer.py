from __future__ import annotations

import pytest

from benchmarks.load.consumer import consume
from expertflow.connector.v1 import inbound_pb2
from tests.support.scripted_connector import ScriptedConnector, Wire, serving


async def test_each_frame_of_messages_is_acknowledged_by_one_frame() -> None:
    acknowledged: list[list[str]] = []

    async def script(wire: Wire) -> None:
        await wire.start()
        for ack_ids in (["a", "b"], ["c"]):
            await wire.deliver(*ack_ids)
            acknowledged.append(list((await wire.read()).ack.ack_ids))
            await wire.answer(ack_ids)

    confirmed: list[int] = []
    async with serving(ScriptedConnector(script)) as address:
        await consume(address, "test", acknowledged=confirmed.append)

    assert acknowledged == [["a", "b"], ["c"]]
    assert confirmed == [2, 1]


async def test_an_acknowledgement_that_is_not_taken_ends_it() -> None:
    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await wire.read()
        await wire.answer(["a"], inbound_pb2.ACK_OUTCOME_STALE)
        await wire.half_closed()

    async with serving(ScriptedConnector(script)) as address:
        with pytest.raises(RuntimeError, match="not taken"):
            await consume(address, "test")
