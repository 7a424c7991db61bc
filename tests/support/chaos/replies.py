"""The contact centre of an outbound run: numbered replies to many customers, sent until the server has accepted each.

Reply n + 1 of a conversation is sent only once n was accepted: a call that broke is repeated under the same id, as the
contract says.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import grpc.aio

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.connector_service_pb2 import GetMessageRequest, SendMessageRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from expertflow.connector.v1.outbound_pb2 import SEND_ORIGIN_HUMAN, OutboundMessage
from tests.support.channels import PAGE_ID
from tests.support.chaos.chance import Chance
from tests.support.chaos.conduct import psid
from tests.support.chaos.journal import Said
from tests.support.processes import KNOCK_OFTEN

WAIT_S = 3
"""How long a call stays to hear of its outcome."""

THINKS_S = (0.1, 1.5)
"""How long an agent thinks before the next reply."""

LOOK_EVERY_S = 0.5

REPEATABLE = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED}
"""What a call ends with when its server dies."""


def cim_id(said: Said) -> str:
    return f"reply-{said.conversation}-{said.number}"


def reply(said: Said) -> CimMessage:
    message = CimMessage(id=cim_id(said))
    message.header.sender.type = "AGENT"
    message.header.channel_data.service_identifier = PAGE_ID
    message.header.channel_data.channel_customer_identifier = psid(said.conversation)
    message.body.type = "PLAIN"
    message.body.markdown_text = str(said)
    message.body.plain.SetInParent()
    return message


@dataclass(slots=True, kw_only=True)
class Replies:
    """All conversations of a run."""

    server: str
    chance: Chance
    conversations: int
    each: int
    """Replies of a conversation."""
    accepted: set[Said] = field(default_factory=set)
    pending: set[Said] = field(default_factory=set)
    """Replies with a call under way: not accepted, or their outcome not known."""
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def all(self) -> list[Said]:
        return [Said(c, n) for c in range(1, self.conversations + 1) for n in range(1, self.each + 1)]

    async def send(self) -> None:
        """Returns when every reply is accepted."""
        async with grpc.aio.insecure_channel(self.server, KNOCK_OFTEN) as channel, asyncio.TaskGroup() as agents:
            for conversation in range(1, self.conversations + 1):
                agents.create_task(self._converse(channel, conversation), name=f"agent {conversation}")

    async def until_accepted(self, count: int) -> None:
        """Returns when so many are accepted."""
        async with self.progress:
            await self.progress.wait_for(lambda: len(self.accepted) >= count)

    @property
    def busy(self) -> bool:
        """Whether a call is under way, or none ever will be."""
        return bool(self.pending) or len(self.accepted) == len(self.all)

    async def until_busy(self) -> None:
        """Returns when a call begins, or none ever will."""
        async with self.progress:
            await self.progress.wait_for(lambda: self.busy)

    async def outcomes(self) -> dict[Said, OutboundMessage]:
        """Waits until every reply is final, and returns them."""
        final: dict[Said, OutboundMessage] = {}
        async with grpc.aio.insecure_channel(self.server, KNOCK_OFTEN) as channel:
            stub = ConnectorServiceStub(channel)
            for said in self.all:
                while said not in final:
                    request = GetMessageRequest(id=cim_id(said), page_id=PAGE_ID)
                    message = (await stub.GetMessage(request, wait_for_ready=True)).message
                    if message.terminal:
                        final[said] = message
                    else:
                        await asyncio.sleep(LOOK_EVERY_S)
        return final

    async def _converse(self, channel: grpc.aio.Channel, conversation: int) -> None:
        for number in range(1, self.each + 1):
            said = Said(conversation, number)
            await asyncio.sleep(self.chance.between(*THINKS_S, "thinks", said))
            await self._send(channel, said)

    async def _send(self, channel: grpc.aio.Channel, said: Said) -> None:
        request = SendMessageRequest(message=reply(said))
        request.options.origin = SEND_ORIGIN_HUMAN
        request.options.wait.seconds = WAIT_S
        async with self.progress:
            self.pending.add(said)
            self.progress.notify_all()
        while said not in self.accepted:
            try:
                await ConnectorServiceStub(channel).SendMessage(request, wait_for_ready=True)
            except grpc.aio.AioRpcError as error:
                if error.code() not in REPEATABLE:
                    raise
                await asyncio.sleep(0.05)
                continue
            self.accepted.add(said)
        async with self.progress:
            self.pending.discard(said)
            self.progress.notify_all()
