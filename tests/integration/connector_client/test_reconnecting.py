"""When the client comes back to a stream that ended, and what it says then."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import grpc
import pytest

from connector_client import AckOutcome, ConnectorClient, ConnectorError
from connector_client._conversation import Watch
from connector_client._inbound import Pace
from expertflow.connector.v1 import inbound_pb2
from tests.integration.connector_client.streams import DONE, QUICK, listening, rest
from tests.support.scripted_connector import ScriptedConnector, Wire, serving


async def test_it_comes_back_with_what_the_user_still_holds() -> None:
    starts = []

    async def breaks(wire: Wire) -> None:
        starts.append(await wire.start())
        await wire.deliver("held", "acked")
        await wire.answer((await wire.read()).ack.ack_ids)
        await wire.refuse(grpc.StatusCode.UNAVAILABLE)

    async def goes_on(wire: Wire) -> None:
        starts.append(await wire.start())
        await wire.deliver("next")
        await wire.answer((await wire.read()).ack.ack_ids)
        await rest(wire)

    async with listening(breaks, goes_on) as messages:
        held, acked = await anext(messages), await anext(messages)
        await acked.ack()
        following = await anext(messages)
        outcome = await held.ack()

    assert (following.message.id, outcome) == ("cim-next", AckOutcome.OK)
    assert [list(start.held_ack_ids) for start in starts] == [[], ["held"]]
    assert {start.client_id for start in starts} == {"ccm-1"}


async def test_an_ack_whose_answer_was_lost_is_sent_again() -> None:
    async def breaks(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await wire.read()
        await wire.refuse(grpc.StatusCode.UNAVAILABLE)

    async def goes_on(wire: Wire) -> None:
        await wire.start()
        await wire.answer((await wire.read()).ack.ack_ids)
        await rest(wire)

    async with listening(breaks, goes_on) as messages:
        assert await (await anext(messages)).ack() is AckOutcome.OK


async def test_a_message_whose_lease_ended_meanwhile_is_not_handed_out() -> None:
    lost = asyncio.Event()

    async def breaks(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a", "b")
        await lost.wait()
        await wire.refuse(grpc.StatusCode.UNAVAILABLE)

    async def knows_none(wire: Wire) -> None:
        await wire.start(held=inbound_pb2.ACK_OUTCOME_STALE)
        await wire.deliver("b2")
        await rest(wire)

    async with listening(breaks, knows_none) as messages:
        first = await anext(messages)
        lost.set()
        assert await first.ack() is AckOutcome.STALE
        assert (await anext(messages)).message.id == "cim-b2"


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
    ],
)
async def test_it_does_not_come_back_where_that_is_no_use(code: grpc.StatusCode) -> None:
    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await wire.read()
        await wire.refuse(code)

    async with listening(script) as messages:
        settlement = (await anext(messages)).ack()
        with pytest.raises(ConnectorError) as caught:
            await anext(messages)

        assert caught.value.code is code
        with pytest.raises(ConnectorError):
            await settlement


async def test_it_comes_back_after_a_clean_end() -> None:
    async def ends(wire: Wire) -> None:
        await wire.start()

    async def goes_on(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await rest(wire)

    async with listening(ends, ends, goes_on) as messages:
        assert (await anext(messages)).message.id == "cim-a"


async def test_the_delay_of_a_closing_frame_is_kept() -> None:
    times = []

    async def closes(wire: Wire) -> None:
        await wire.start()
        await wire.close(reconnect_after_ms=300)
        await wire.half_closed()
        times.append(asyncio.get_running_loop().time())
        await wire.refuse(grpc.StatusCode.UNAVAILABLE)

    async def goes_on(wire: Wire) -> None:
        times.append(asyncio.get_running_loop().time())
        await wire.refuse(DONE)

    async with listening(closes, goes_on) as messages:
        with pytest.raises(ConnectorError):
            await anext(messages)

    assert times[1] - times[0] >= 0.3


async def test_a_closing_frame_without_a_delay_forbids_to_come_back() -> None:
    async def closes(wire: Wire) -> None:
        await wire.start()
        await wire.close(reconnect_after_ms=None)
        await wire.refuse(grpc.StatusCode.UNAVAILABLE)

    async with listening(closes) as messages:
        with pytest.raises(ConnectorError) as caught:
            await anext(messages)

    assert caught.value.code is grpc.StatusCode.UNAVAILABLE


async def test_a_server_without_a_sign_of_life_is_left() -> None:
    async def dead(wire: Wire) -> None:
        await wire.start()
        await asyncio.Event().wait()

    async def alive(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await rest(wire)

    pace = Pace(backoff=QUICK.backoff, watch=Watch(silence=0.05, patience=0.05))
    async with listening(dead, alive, pace=pace) as messages:
        assert (await anext(messages)).message.id == "cim-a"


async def test_it_waits_for_a_server_that_is_not_there_yet() -> None:
    async with serving(ScriptedConnector()) as address:
        """Finds a free port and leaves it."""

    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await rest(wire)

    async with ConnectorClient(address) as client, aclosing(client.inbound("ccm")) as messages:
        first = asyncio.create_task(anext(messages))
        with pytest.raises(ConnectorError, match="cannot be reached"):
            await client.connection.ready(timeout=0.2)
        async with serving(ScriptedConnector(script), address):
            assert (await first).message.id == "cim-a"
            await messages.aclose()
