"""What the client does within one stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from connector_client import (
    AckOutcome,
    ConnectorClient,
    ConnectorError,
    EventKind,
    NackReason,
    Received,
    Window,
    _conversation,
)
from connector_client._conversation import Watch
from connector_client._inbound import Pace
from expertflow.connector.v1 import inbound_pb2
from tests.integration.connector_client.streams import DONE, listening, rest
from tests.support.scripted_connector import ScriptedConnector, Wire, serving


async def test_the_start_frame_says_what_was_asked_for() -> None:
    starts = []

    async def script(wire: Wire) -> None:
        starts.append(await wire.start())
        await wire.refuse(DONE)

    connector = ScriptedConnector(script)
    async with serving(connector) as address, ConnectorClient(address, token="t", client_id="ccm-1") as client:
        messages = client.inbound(
            "ccm",
            page_ids=["1001"],
            kinds=[EventKind.MESSAGE, EventKind.RECEIPT],
            ack_deadline=60,
            window=Window(max_messages=7),
        )
        with pytest.raises(ConnectorError, match="as the script says"):
            await anext(messages)

    (start,) = starts
    assert (start.subscription, start.client_id, list(start.page_ids), list(start.kinds)) == (
        "ccm",
        "ccm-1",
        ["1001"],
        [1, 3],
    )
    assert (start.ack_deadline.seconds, start.window.max_messages, start.window.HasField("max_bytes")) == (60, 7, False)
    assert connector.metadata["authorization"] == "Bearer t"


async def test_a_message_is_acked_and_the_outcome_told() -> None:
    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await wire.answer((await wire.read()).ack.ack_ids)
        await rest(wire)

    async with listening(script) as messages:
        received = await anext(messages)
        outcome = await received.ack()

    assert (received.message.id, received.ordering_key, received.kind) == ("cim-a", "1001/a", EventKind.MESSAGE)
    assert outcome is AckOutcome.OK


async def test_many_acks_leave_in_one_frame() -> None:
    frames = []

    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a", "b", "c")
        frames.append(await wire.read())
        await wire.answer(frames[0].ack.ack_ids)
        await rest(wire)

    async with listening(script) as messages:
        received = [await anext(messages) for _ in range(3)]
        await asyncio.gather(*[each.ack() for each in received])

    assert list(frames[0].ack.ack_ids) == ["a", "b", "c"]


async def test_a_nack_carries_reason_delay_and_detail() -> None:
    frames = []

    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        frames.append(await wire.read())
        await wire.answer(["a"])
        await rest(wire)

    async with listening(script) as messages:
        await (await anext(messages)).nack(NackReason.REJECTED, delay=3, detail="no customer")

    nack = frames[0].nack
    assert (list(nack.ack_ids), nack.reason, nack.delay.seconds, nack.detail) == (["a"], 2, 3, "no customer")


async def test_a_stale_ack_is_told_and_the_stream_goes_on() -> None:
    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await wire.read()
        await wire.answer(["a"], inbound_pb2.ACK_OUTCOME_STALE)
        await wire.deliver("b")
        await rest(wire)

    async with listening(script) as messages:
        first = await anext(messages)
        assert await first.ack() is AckOutcome.STALE
        assert (await anext(messages)).message.id == "cim-b"
        assert await first.ack() is AckOutcome.STALE


async def test_a_lease_is_extended_while_the_user_works() -> None:
    extensions = []

    async def script(wire: Wire) -> None:
        await wire.start(ack_deadline_ms=200)
        await wire.deliver("a")
        extensions.append((await wire.read()).extend)
        await wire.answer(["a"])
        await wire.deliver("b")
        await rest(wire)

    async with listening(script) as messages:
        await anext(messages)
        await anext(messages)

    assert list(extensions[0].ack_ids) == ["a"]


async def test_leaving_the_loop_gives_back_what_is_not_settled() -> None:
    nacks = []

    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("handed out", "never seen")
        nacks.append((await wire.read()).nack)
        await wire.answer(nacks[0].ack_ids)
        await wire.half_closed()

    async with listening(script) as messages:
        received = await anext(messages)
    outcome = await received.ack()

    assert (list(nacks[0].ack_ids), nacks[0].reason) == (["handed out", "never seen"], NackReason.UNAVAILABLE)
    assert outcome is AckOutcome.STALE


async def test_a_break_out_of_the_loop_gives_back_too() -> None:
    given_back = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        assert list((await wire.read()).nack.ack_ids) == ["a"]
        given_back.set()
        await wire.answer(["a"])
        await wire.half_closed()

    async with serving(ScriptedConnector(script)) as address, ConnectorClient(address) as client:
        async for _ in client.inbound("ccm"):
            break
        async with asyncio.timeout(3):
            await given_back.wait()


async def test_closing_the_client_ends_a_loop_that_waits() -> None:
    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        await rest(wire)

    async def consume(client: ConnectorClient, seen: asyncio.Event) -> list[str]:
        ids = []
        async for received in client.inbound("ccm"):
            ids.append(received.message.id)
            seen.set()
        return ids

    async with serving(ScriptedConnector(script)) as address:
        async with ConnectorClient(address) as client:
            seen = asyncio.Event()
            consumer = asyncio.create_task(consume(client, seen))
            await seen.wait()
        async with asyncio.timeout(3):
            assert await consumer == ["cim-a"]


async def test_a_silent_server_is_asked_for_a_sign_of_life() -> None:
    pinged = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.start()
        assert (await wire.read()).WhichOneof("frame") == "ping"
        pinged.set()
        await wire.deliver("a")
        await rest(wire)

    async with listening(script, pace=Pace(watch=Watch(silence=0.05, patience=5))) as messages:
        await anext(messages)

    assert pinged.is_set()


async def test_a_fault_of_the_client_ends_the_loop_instead_of_silencing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # No input is known that does this; whatever does must not end in a stream that acknowledges nothing any more.
    def broken(_changes: object) -> list[object]:
        raise ValueError("cannot be written")

    async def script(wire: Wire) -> None:
        await wire.start()
        await wire.deliver("a")
        async for _ in wire.frames:
            pass

    async def read_all(messages: AsyncGenerator[Received, None]) -> None:
        async for _ in messages:
            pass

    monkeypatch.setattr(_conversation, "frames", broken)
    async with listening(script) as messages:
        with pytest.raises(ValueError, match="cannot be written"):
            await asyncio.wait_for(read_all(messages), 10)
