"""A small CCM: reads the inbound stream, answers by the script, and acknowledges."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter

from connector_cli.demo import cast
from connector_cli.demo.cast import Reply
from connector_cli.demo.reading import is_last_part, reading, topic
from connector_cli.demo.tally import event_name
from connector_cli.demo.view import View
from connector_client import (
    AckOutcome,
    ConnectorClient,
    ConnectorError,
    EventKind,
    Received,
    SendState,
    text_message,
)
from expertflow.cim.v1 import message_pb2
from service_runtime.lifecycle import Tasks, first_of

SUBSCRIPTION = "ccm"
SHOWN = frozenset({EventKind.MESSAGE, EventKind.REACTION})
"""The rest are receipts."""

AGENT = message_pb2.Sender(id="demo-agent", type="BOT", sender_name="Demo agent")


class DemoCcm:
    """Answers what was written since `since_ms`; older messages, of a run before, are only acknowledged.

    It answers first and acknowledges then: after a crash between the two the message comes again, and the answer is
    repeated under its old id, which sends nothing.
    """

    def __init__(self, client: ConnectorClient, view: View, *, since_ms: int) -> None:
        self._client = client
        self._view = view
        self._since_ms = since_ms
        self.received = Counter[str]()
        """How often the first part of each mid was delivered to this CCM."""
        self.acknowledged: set[str] = set()
        """The names of the events all of whose messages the server confirmed as acknowledged; see `event_name`."""
        self._texts: dict[str, str] = {}
        """What was read and written, by CIM id: later messages quote it."""
        self.accepted: dict[str, tuple[str, ...]] = {}
        """The ids of accepted replies, each with the mids it became."""
        self.progress = asyncio.Event()
        """Set after each message."""

    async def run(self) -> None:
        """Serves until cancelled. Conversations run side by side; within one the next comes after the ack."""
        async with Tasks() as tasks:
            await first_of(self._read(tasks), tasks.failure())

    async def _read(self, tasks: Tasks) -> None:
        async for received in self._client.inbound(SUBSCRIPTION):
            tasks.start(f"demo ccm {received.ordering_key}", self._serve(received))

    async def _serve(self, received: Received) -> None:
        header = received.message.header
        if received.context.part.index == 0:
            self.received[header.provider_message_id] += 1
        if received.kind in SHOWN and header.timestamp.ToMilliseconds() >= self._since_ms:
            await self._read_and_answer(received)
        # The parts of a message come one after the other: the last one acknowledged, all are.
        if await received.ack() is AckOutcome.OK and is_last_part(received):
            self.acknowledged.add(event_name(header.provider_message_id, _psid(received)))
        self.progress.set()

    async def _read_and_answer(self, received: Received) -> None:
        text, quoted = reading(received), self._texts.get(received.message.header.original_message_id, "")
        self._texts[received.message.id] = text
        self._view.agent_reads(_name(received), text, quoting=quoted)
        if received.kind is EventKind.MESSAGE and is_last_part(received):
            for number, reply in enumerate(cast.replies_to(topic(received))):
                await self._answer(received, reply, number)

    async def _answer(self, received: Received, reply: Reply, number: int) -> None:
        name, quoted = _name(received), received.message.body.markdown_text if reply.quotes else ""
        self._view.agent_answers(name, reply.text, quoting=quoted)
        message = _message(received, reply, number)
        self._texts[message.id] = reply.text
        try:
            response = await self._client.send(message)
        except ConnectorError as error:
            self._view.trouble(f"the reply to {name} was refused: {error}")
            return
        self.accepted[message.id] = tuple(part.provider_message_id for part in response.parts)
        if SendState(response.state) is not SendState.SENT:
            state, why = SendState(response.state).name, response.failure.detail
            self._view.trouble(f"the reply to {name} is {state} {why}".rstrip())


def _message(received: Received, reply: Reply, number: int) -> message_pb2.CimMessage:
    channel = received.message.header.channel_data
    message = text_message(
        channel.service_identifier,
        channel.channel_customer_identifier,
        reply.text,
        quote=received.message.id if reply.quotes else None,
        sender=AGENT,
    )
    # The same message again must not become a second answer.
    message.id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{received.message.id}/{number}"))
    return message


def _psid(received: Received) -> str:
    return received.message.header.channel_data.channel_customer_identifier


def _name(received: Received) -> str:
    psid = _psid(received)
    return cast.PEOPLE[psid].first_name if psid in cast.PEOPLE else psid
