"""Messages that nobody can process, until they are given up."""

from __future__ import annotations

from expertflow.connector.v1 import inbound_pb2
from tests.support.inbound_wire import StreamCall, Wire

REJECTED = inbound_pb2.NACK_REASON_REJECTED

ROUND_S = 61
"""Longer than the longest backoff."""

ROUNDS = 16
"""More than ten attempts, and more than 15 minutes."""


async def answer(stream: StreamCall, count: int, poison: set[str]) -> list[str]:
    """Answers so many messages: the poisonous are rejected, all others processed. Returns those processed."""
    done: list[str] = []
    while count > 0:
        received = await stream.messages()
        count -= len(received)
        for one in received:
            if one.message.id in poison:
                nack = inbound_pb2.InboundNack(ack_ids=[one.ack_id], reason=REJECTED, detail="no such field")
                await stream.send(nack=nack)
            else:
                done.append(one.message.id)
                await stream.ack(one)
    await stream.settled()
    return done


async def give_up(wire: Wire, *names: str, with_ids: frozenset[str] | set[str] = frozenset()) -> None:
    """Messages of as many customers that nobody can process become dead letters, while others are processed.

    With them messages of these ids, which are stored already.
    """
    poison = {f"cim-{name}" for name in names} | with_ids
    for name in names:
        await wire.texts(name, psid=f"7{name}")
    async with wire.stream("ccm-poison") as stream:
        for number in range(ROUNDS):
            others = [f"other-{name}-{number}-{copy}" for name in poison for copy in range(4)]
            for other in others:
                await wire.texts(other, psid=other)
            await answer(stream, len(others) + len(poison), poison)
            await stream.elapse(ROUND_S)
