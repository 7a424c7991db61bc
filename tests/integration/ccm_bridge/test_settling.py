"""What the server hears of each message, by what CCM answered: acks and nacks on a real stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import grpc
import pytest

from ccm_bridge.app import RunningBridge, running_bridge
from ccm_bridge.settings import BridgeSettings
from expertflow.cim.v1.message_pb2 import ChannelData, CimMessage, MessageBody, MessageHeader
from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest, StreamInboundResponse
from tests.support.ccm_stand_in import StandInCcm, stand_in_ccm
from tests.support.scripted_connector import ScriptedConnector, Wire, serving

WORDS = "my secret address is 12 Elm Street"


def message(number: int, *, body: MessageBody | None = None) -> inbound_pb2.ReceivedMessage:
    plain = MessageBody(type="PLAIN", markdown_text=WORDS)
    plain.plain.SetInParent()
    channel = ChannelData(service_identifier="1001", channel_customer_identifier=str(number))
    return inbound_pb2.ReceivedMessage(
        ack_id=f"a{number}",
        message=CimMessage(id=f"cim-{number}", header=MessageHeader(channel_data=channel), body=body or plain),
        ordering_key=f"1001/{number}",
        kind="EVENT_KIND_MESSAGE",
        delivery_attempt=1,
    )


async def deliver(wire: Wire, *messages: inbound_pb2.ReceivedMessage) -> None:
    await wire.send(StreamInboundResponse(messages=inbound_pb2.InboundMessages(messages=messages)))


@asynccontextmanager
async def bridged(
    script: Callable[[Wire], Awaitable[None]], ccm: StandInCcm, *further: Callable[[Wire], Awaitable[None]]
) -> AsyncIterator[RunningBridge]:
    async with serving(ScriptedConnector(script, *further)) as server:
        settings = BridgeSettings.load(ccm_url=ccm.url, server=server, bridge_listen="127.0.0.1:0", bridge_parallel=4)
        async with running_bridge(settings, grace_s=5) as running:
            yield running


async def frame_for(ccm: StandInCcm, *messages: inbound_pb2.ReceivedMessage) -> StreamInboundRequest:
    """The first frame that the server gets after a delivery."""
    frames: list[StreamInboundRequest] = []

    async def script(wire: Wire) -> None:
        await wire.start()
        await deliver(wire, *messages)
        frames.append(frame := await wire.read())
        await wire.answer([*frame.ack.ack_ids, *frame.nack.ack_ids])
        await wire.half_closed()

    async with bridged(script, ccm):
        await ccm_was_asked(frames)
    return frames[0]


async def ccm_was_asked(frames: list[StreamInboundRequest]) -> None:
    async with asyncio.timeout(10):
        while not frames:  # noqa: ASYNC110 - the script has no event to wait for
            await asyncio.sleep(0.01)


@pytest.fixture
async def ccm() -> AsyncIterator[StandInCcm]:
    async with stand_in_ccm() as running:
        yield running


@pytest.mark.parametrize("status", [200, 202])
async def test_what_ccm_takes_is_acknowledged(ccm: StandInCcm, status: int) -> None:
    ccm.always = status

    assert (await frame_for(ccm, message(1))).ack.ack_ids == ["a1"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, inbound_pb2.NACK_REASON_REJECTED),
        (404, inbound_pb2.NACK_REASON_REJECTED),
        (429, inbound_pb2.NACK_REASON_UNAVAILABLE),
        (500, inbound_pb2.NACK_REASON_UNAVAILABLE),
        (503, inbound_pb2.NACK_REASON_UNAVAILABLE),
        (307, inbound_pb2.NACK_REASON_UNAVAILABLE),
        (401, inbound_pb2.NACK_REASON_UNAVAILABLE),
    ],
)
async def test_what_ccm_does_not_take_is_given_back_with_the_reason(ccm: StandInCcm, status: int, reason: int) -> None:
    ccm.always = status
    nack = (await frame_for(ccm, message(1))).nack

    assert (list(nack.ack_ids), int(nack.reason)) == (["a1"], reason)
    assert nack.detail == f"CCM answered {status}: CCM says {status}"
    assert not nack.HasField("delay")


async def test_a_retry_after_is_asked_of_the_server(ccm: StandInCcm) -> None:
    ccm.always = 429
    ccm.answer_headers["retry-after"] = "42"

    assert (await frame_for(ccm, message(1))).nack.delay.seconds == 42


async def test_a_404_inside_a_200_is_a_refusal(ccm: StandInCcm) -> None:
    ccm.answer_body = {"type": "DELIVERYNOTIFICATION", "reasonCode": 404, "markdownText": "channel not registered"}
    nack = (await frame_for(ccm, message(1))).nack

    assert nack.reason == inbound_pb2.NACK_REASON_REJECTED
    assert "channel not registered" in nack.detail


async def test_a_ccm_that_is_away_is_unavailable(ccm: StandInCcm) -> None:
    await ccm.go_down()
    nack = (await frame_for(ccm, message(1))).nack

    assert (nack.reason, nack.detail) == (inbound_pb2.NACK_REASON_UNAVAILABLE, "CCM does not answer: connect")


async def test_the_customers_words_go_into_no_reason_and_no_log(
    ccm: StandInCcm, capsys: pytest.CaptureFixture[str]
) -> None:
    ccm.always = 400
    ccm.answer_body = {"message": f"cannot read {WORDS!r}"}
    nack = (await frame_for(ccm, message(1))).nack

    assert "Elm" not in nack.detail
    assert "[text]" in nack.detail
    assert "Elm" not in "".join(capsys.readouterr())


async def test_what_this_release_cannot_write_is_refused_and_never_posted(ccm: StandInCcm) -> None:
    nack = (await frame_for(ccm, message(1, body=MessageBody(type="OF_A_NEWER_SERVER")))).nack

    assert nack.reason == inbound_pb2.NACK_REASON_REJECTED
    assert "upgrade the bridge" in nack.detail
    assert ccm.calls == []


async def test_what_ccm_has_and_comes_again_for_a_late_acknowledgement_is_not_posted_again(ccm: StandInCcm) -> None:
    acked: list[str] = []

    async def script(wire: Wire) -> None:
        await wire.start()
        live, replay = inbound_pb2.DELIVERY_ORIGIN_LIVE, inbound_pb2.DELIVERY_ORIGIN_REPLAY
        for ack_id, origin in (("a1", live), ("a2", live), ("a3", live), ("a4", replay)):
            again = message(1)
            again.ack_id, again.origin = ack_id, origin
            await deliver(wire, again)
            acked.extend((await wire.read()).ack.ack_ids)
            outcome = inbound_pb2.ACK_OUTCOME_STALE if ack_id == "a1" else inbound_pb2.ACK_OUTCOME_OK
            await wire.answer([ack_id], outcome)
        await wire.half_closed()

    async with bridged(script, ccm), asyncio.timeout(20):
        while len(acked) < 4:  # noqa: ASYNC110 - the script has no event to wait for
            await asyncio.sleep(0.01)

    assert acked == ["a1", "a2", "a3", "a4"]
    # The first; the third, for the second was confirmed; and what an operator wants to come again.
    assert len(ccm.calls) == 3


async def test_what_comes_again_while_ccm_has_it_in_hand_waits_for_its_answer(ccm: StandInCcm) -> None:
    ccm.speaks.clear()
    acked: list[str] = []

    async def script(wire: Wire) -> None:
        await wire.start()
        first, again, other = message(1), message(1), message(2)
        again.ack_id = "a1, its lease lost"
        for each in (first, again, other):
            each.origin = inbound_pb2.DELIVERY_ORIGIN_LIVE
        await deliver(wire, first, again, other)
        async for frame in wire.frames:
            acked.extend(frame.ack.ack_ids)
            await wire.answer([each for each in frame.ack.ack_ids if each == "a1"], inbound_pb2.ACK_OUTCOME_STALE)
            await wire.answer([each for each in frame.ack.ack_ids if each != "a1"])

    async with bridged(script, ccm), asyncio.timeout(20):
        # The other one shows that the relay had time for the second of the two.
        while ccm.waiting < 2:  # noqa: ASYNC110 - another listener has no event to wait for
            await asyncio.sleep(0.01)
        ccm.speaks.set()
        while len(acked) < 3:  # noqa: ASYNC110 - the script has no event to wait for
            await asyncio.sleep(0.01)

    assert sorted(call.message["id"] for call in ccm.calls) == ["cim-1", "cim-2"]


async def test_what_waits_for_room_and_belongs_to_others_meanwhile_is_not_posted(ccm: StandInCcm) -> None:
    ccm.speaks.clear()
    acked: list[str] = []

    async def loses_them(wire: Wire) -> None:
        await wire.start()
        await deliver(wire, *(message(number) for number in range(6)))
        async with asyncio.timeout(10):
            while ccm.waiting < 4:  # noqa: ASYNC110 - another listener has no event to wait for
                await asyncio.sleep(0.01)
        await wire.refuse(grpc.StatusCode.UNAVAILABLE)

    async def has_given_them_away(wire: Wire) -> None:
        await wire.start(ack_deadline_ms=100, held=inbound_pb2.ACK_OUTCOME_STALE)
        await deliver(wire, message(9))
        # Whoever extends the new lease has read what became of the old ones.
        await wire.answer((await wire.read()).extend.ack_ids)
        ccm.speaks.set()
        async for frame in wire.frames:
            acked.extend(frame.ack.ack_ids)
            await wire.answer(frame.ack.ack_ids)

    async with bridged(loses_them, ccm, has_given_them_away), asyncio.timeout(20):
        while not acked:  # noqa: ASYNC110 - the script has no event to wait for
            await asyncio.sleep(0.01)

    assert sorted(call.message["id"] for call in ccm.calls) == ["cim-0", "cim-1", "cim-2", "cim-3", "cim-9"]


async def test_what_is_in_ccms_hands_at_a_stop_is_finished_and_the_rest_given_back(ccm: StandInCcm) -> None:
    ccm.speaks.clear()
    acked: list[str] = []
    nacked: list[str] = []
    delivered = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.start()
        await deliver(wire, *(message(number) for number in range(6)))
        delivered.set()
        async for frame in wire.frames:
            acked.extend(frame.ack.ack_ids)
            nacked.extend(frame.nack.ack_ids)
            await wire.answer([*frame.ack.ack_ids, *frame.nack.ack_ids])

    async def speaks() -> None:
        # Late enough that the stop has begun; if it has not, the test says less and is true all the same.
        await asyncio.sleep(0.3)
        ccm.speaks.set()

    async with bridged(script, ccm):
        await delivered.wait()
        async with asyncio.timeout(10):
            while ccm.waiting < 4:  # noqa: ASYNC110 - another listener has no event to wait for
                await asyncio.sleep(0.01)
        speaking = asyncio.create_task(speaks())
    await speaking

    assert {"a0", "a1", "a2", "a3"} <= set(acked)
    assert sorted([*acked, *nacked]) == [f"a{number}" for number in range(6)]
    assert sorted(call.message["id"].replace("cim-", "a") for call in ccm.calls) == sorted(acked)
