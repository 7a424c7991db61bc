"""A consumer as we recommend it: `connector_client` reconnects with what it holds and extends leases by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from itertools import count

from connector_client import ConnectorClient, ConnectorError, NackReason, Received, Window
from tests.support.chaos.conduct import ACK_DEADLINE_S, HANDLING_S, Act, act_of
from tests.support.chaos.consumer import AWAY_S, SUBSCRIPTION, InHand, Setting, report
from tests.support.chaos.journal import StreamEnded, now

WINDOW = Window(max_messages=50)

NACK_DELAY_S = (0.0, 0.5)

SLOW_S = ACK_DEADLINE_S * 1.2
"""How long a stalled message is worked on: the client keeps its lease alive."""


class ClientConsumer:
    """Consumes until it is killed."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._chance = setting.chance
        self._leave = asyncio.Event()

    async def run(self) -> None:
        """Iterates, leaves, stays away for a while, and comes back."""
        for stream in count(1):
            name, address = self._setting.server(stream)
            async with ConnectorClient(address, client_id=self._setting.name) as client:
                self._leave.clear()
                await self._iterate(client, stream, name)
            await asyncio.sleep(self._chance.between(*AWAY_S, "away", self._setting.name, stream))

    async def _iterate(self, client: ConnectorClient, stream: int, server: str) -> None:
        inbound = client.inbound(SUBSCRIPTION, ack_deadline=ACK_DEADLINE_S, window=WINDOW)
        reading = asyncio.create_task(self._read(inbound, stream, server))
        leaving = asyncio.create_task(self._leave.wait())
        await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
        # Leaving gives back what is unsettled: that is known before it happens.
        report(StreamEnded(at=now(), consumer=self._setting.name, stream=stream))
        for task in (reading, leaving):
            task.cancel()
        await asyncio.gather(reading, leaving, return_exceptions=True)
        await inbound.aclose()
        if reading.done() and not reading.cancelled() and (error := reading.exception()):
            raise error

    async def _read(self, inbound: AsyncGenerator[Received, None], stream: int, server: str) -> None:
        async with asyncio.TaskGroup() as work:
            async for received in inbound:
                in_hand = InHand.of(received.envelope, self._setting.name)
                report(in_hand.delivered(received.message.id, stream, server))
                work.create_task(self._handle(received, in_hand))

    async def _handle(self, received: Received, in_hand: InHand) -> None:
        said, attempt = in_hand.text.said, in_hand.attempt
        await asyncio.sleep(self._chance.between(*HANDLING_S, "handling", said, attempt))
        act = act_of(self._chance, in_hand.text, attempt)
        match act:
            case Act.DROP:
                self._leave.set()
            case Act.UNAVAILABLE | Act.REJECT:
                reason = NackReason.REJECTED if act is Act.REJECT else NackReason.UNAVAILABLE
                report(in_hand.nacked())
                received.nack(reason, delay=self._chance.between(*NACK_DELAY_S, "nack", said, attempt))
            case _:
                if act is Act.STALL:
                    await asyncio.sleep(SLOW_S)
                await self._ack(received, in_hand)

    async def _ack(self, received: Received, in_hand: InHand) -> None:
        report(in_hand.acking())
        try:
            outcome = await received.ack()
        except ConnectorError:
            # The stream ended for good: nobody knows whether it was committed.
            return
        report(in_hand.answered(outcome.name))
