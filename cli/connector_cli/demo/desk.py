"""What the contact centre of the demo does with messages: reads them, answers by the script, and counts.

How messages come and go is another's business: over the stream (`ccm`) or through the bridge (`rest_ccm`).
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable

from connector_cli.demo import cast
from connector_cli.demo.cast import Reply
from connector_cli.demo.reading import Arrival, is_last_part, reading, topic
from connector_cli.demo.tally import event_name
from connector_cli.demo.view import View
from connector_client import text_message
from expertflow.cim.v1 import message_pb2

AGENT = message_pb2.Sender(id="demo-agent", type="BOT", sender_name="Demo agent")

Send = Callable[[message_pb2.CimMessage], Awaitable[str]]
"""Has a message sent. Gives what went wrong; empty: it is accepted."""


class Desk:
    """Answers what was written since `since_ms`; older messages, of a run before, are only acknowledged.

    It answers first and has it acknowledged then: after a crash between the two the message comes again, and the answer
    is repeated under its old id, which sends nothing.
    """

    def __init__(self, view: View, *, since_ms: int) -> None:
        self._view = view
        self._since_ms = since_ms
        self._texts: dict[str, str] = {}
        """What was read and written, by CIM id: later messages quote it."""
        self.received = Counter[str]()
        """How often the first part of each mid was delivered."""
        self.acknowledged: set[str] = set()
        """The names of the events all of whose messages were acknowledged; see `event_name`."""
        self.accepted: set[str] = set()
        """The ids of accepted replies."""
        self.progress = asyncio.Event()
        """Set after each message."""

    async def reads(self, arrival: Arrival, send: Send) -> None:
        """Reads a message and answers it."""
        header = arrival.message.header
        if arrival.context.part.index == 0:
            self.received[header.provider_message_id] += 1
        if arrival.is_receipt or header.timestamp.ToMilliseconds() < self._since_ms:
            return
        text, quoted = reading(arrival), self._texts.get(header.original_message_id, "")
        self._texts[arrival.message.id] = text
        self._view.agent_reads(_name(arrival), text, quoting=quoted)
        if not arrival.is_reaction and is_last_part(arrival):
            for number, reply in enumerate(cast.replies_to(topic(arrival))):
                await self._answer(arrival, reply, number, send)

    def has_acknowledged(self, arrival: Arrival) -> None:
        """The parts of a message come one after the other: the last one acknowledged, all are."""
        if is_last_part(arrival):
            self.acknowledged.add(event_name(arrival.message.header.provider_message_id, arrival.psid))
        self.progress.set()

    async def _answer(self, arrival: Arrival, reply: Reply, number: int, send: Send) -> None:
        name, quoted = _name(arrival), arrival.message.body.markdown_text if reply.quotes else ""
        self._view.agent_answers(name, reply.text, quoting=quoted)
        message = _message(arrival, reply, number)
        self._texts[message.id] = reply.text
        if trouble := await send(message):
            self._view.trouble(f"the reply to {name} {trouble}")
        else:
            self.accepted.add(message.id)


def _message(arrival: Arrival, reply: Reply, number: int) -> message_pb2.CimMessage:
    message = text_message(
        arrival.message.header.channel_data.service_identifier,
        arrival.psid,
        reply.text,
        quote=arrival.message.id if reply.quotes else None,
        sender=AGENT,
    )
    # The same message again must not become a second answer.
    message.id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{arrival.message.id}/{number}"))
    return message


def _name(arrival: Arrival) -> str:
    return cast.PEOPLE[arrival.psid].first_name if arrival.psid in cast.PEOPLE else arrival.psid
