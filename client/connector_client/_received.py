"""What the inbound stream hands to its user: a message under a lease, and what became of settling it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Any

from connector_client._actions import Ack, Action, Extend, Nack
from connector_client._enums import AckOutcome, EventKind, NackReason
from connector_client._errors import ConnectorError
from expertflow.cim.v1 import message_pb2
from expertflow.connector.v1 import inbound_pb2, messenger_context_pb2


class Settlement:
    """What became of an ack, a nack or an extension, which is on its way already. Awaiting it is optional.

    Awaited it gives an `AckOutcome` after the server has committed. It raises `ConnectorError` if the stream ended
    for good before the server answered; an unacknowledged message then comes again.
    """

    __slots__ = ("_answer",)

    def __init__(self) -> None:
        self._answer: asyncio.Future[AckOutcome] = asyncio.get_running_loop().create_future()

    @property
    def done(self) -> bool:
        """Whether the answer is there."""
        return self._answer.done()

    def settle(self, outcome: AckOutcome) -> None:
        """Sets the outcome; the first stays."""
        if not self._answer.done():
            self._answer.set_result(outcome)

    def fail(self, error: ConnectorError) -> None:
        """Ends the waiting with an error."""
        if not self._answer.done():
            self._answer.set_exception(error)
            # Whoever does not await a settlement must not find a warning in the log for it.
            self._answer.exception()

    def __await__(self) -> Generator[Any, None, AckOutcome]:
        # Shielded: whoever stops waiting takes nothing back.
        return asyncio.shield(self._answer).__await__()


Ask = Callable[[str, Action], Settlement]
"""Queues an action on the lease of an ack id."""

Holds = Callable[[str], bool]
"""Says whether the lease of an ack id goes on."""


class Received:
    """One inbound message under a lease, which the client keeps alive for up to an hour.

    Settle it with `ack()` or `nack()`; the next message of its `ordering_key` comes only then. The same message may
    come again, with the same `message.id`. If `message.body.content` is unset these stubs do not know the body type:
    nack it as REJECTED.
    """

    __slots__ = ("_ask", "_holds", "envelope")

    def __init__(self, envelope: inbound_pb2.ReceivedMessage, ask: Ask, holds: Holds) -> None:
        self._ask = ask
        self._holds = holds
        self.envelope = envelope
        """Everything the server said, as the contract has it."""

    def __repr__(self) -> str:
        return f"<Received {self.message.id} of {self.ordering_key}, attempt {self.delivery_attempt}>"

    @property
    def message(self) -> message_pb2.CimMessage:
        """The CIM message."""
        return self.envelope.message

    @property
    def ordering_key(self) -> str:
        """The conversation: `<page id>/<PSID>`."""
        return self.envelope.ordering_key

    @property
    def kind(self) -> EventKind:
        """What the message stands for."""
        return EventKind(self.envelope.kind)

    @property
    def delivery_attempt(self) -> int:
        """Number of this delivery, from 1."""
        return self.envelope.delivery_attempt

    @property
    def context(self) -> messenger_context_pb2.MessengerContext:
        """What Messenger says beyond CIM."""
        return self.envelope.context

    @property
    def store_time(self) -> datetime:
        """When the message was stored, in UTC."""
        return self.envelope.store_time.ToDatetime(tzinfo=UTC)

    @property
    def held(self) -> bool:
        """Whether its lease goes on, as far as is known here. If not, the message comes again, here or elsewhere."""
        return self._holds(self.envelope.ack_id)

    def ack(self) -> Settlement:
        """Says that the message is processed. Many acks leave in one frame."""
        return self._ask(self.envelope.ack_id, Ack())

    def nack(
        self, reason: NackReason = NackReason.UNAVAILABLE, *, delay: float | None = None, detail: str = ""
    ) -> Settlement:
        """Gives the message back: it comes again before any later one of its conversation.

        `delay` is the least time until then, 0 to 600 seconds; None leaves it to the server's backoff. `detail` is for
        the operator who finds the message among the dead letters. Raises ValueError for another delay.
        """
        return self._ask(self.envelope.ack_id, Nack(reason=reason, delay=delay, detail=detail))

    def extend(self, seconds: float) -> Settlement:
        """Moves the deadline to 10 to 600 seconds from now. Needed only beyond what the client does by itself.

        Raises ValueError for another duration.
        """
        return self._ask(self.envelope.ack_id, Extend(seconds=seconds))
