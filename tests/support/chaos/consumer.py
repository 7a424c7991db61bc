"""What both kinds of consumer share: what they are told, and how they tell the journal.

A consumer is killed like everything else. What it writes to its standard output before that is not lost, because a
pipe takes a short line whole; so it writes first and acts then.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import time

from expertflow.connector.v1.inbound_pb2 import ReceivedMessage
from tests.support.chaos import journal as j
from tests.support.chaos.chance import Chance
from tests.support.chaos.conduct import Text
from tests.support.chaos.journal import AnyRecord, line_of, now

SUBSCRIPTION = "ccm"

STANDARD_OUTPUT = 1

AWAY_S = (0.05, 0.5)
"""How long a consumer stays away after it dropped its stream or lost it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a consumer process is told on its command line."""

    name: str
    kind: str
    """`client` or `stub`; see `ccm`."""
    seed: int
    servers: Sequence[tuple[str, str]]
    """Names and addresses; a consumer chooses among them whenever it connects."""
    life: int = 1
    """Which life of the process this is."""

    @property
    def chance(self) -> Chance:
        """The chance of the whole run."""
        return Chance(self.seed)

    def server(self, connection: int) -> tuple[str, str]:
        """Name and address of the server for a connection of this life."""
        weights = dict.fromkeys(map(tuple, self.servers), 1.0)
        name, address = self.chance.pick(weights, "server", self.name, self.life, connection)
        return name, address

    def as_argument(self) -> str:
        """As one word of a command line."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, argument: str) -> Setting:
        """The reverse of `as_argument`."""
        return cls(**json.loads(argument))


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A message that was delivered to this process."""

    consumer: str
    text: Text
    attempt: int
    ack_id: str
    deadline_at: float

    @classmethod
    def of(cls, received: ReceivedMessage, consumer: str) -> InHand:
        """The deadline moves from the calendar's clock to the one that the journal keeps."""
        deadline = received.ack_deadline_time.ToNanoseconds() / 1_000_000_000
        return cls(
            consumer=consumer,
            text=Text.read(received.message.body.markdown_text),
            attempt=received.delivery_attempt,
            ack_id=received.ack_id,
            deadline_at=now() + deadline - time(),
        )

    def delivered(self, cim_id: str, stream: int, server: str) -> j.Delivered:
        """The record of its coming."""
        conversation, number = self.text.said
        return j.Delivered(
            at=now(),
            consumer=self.consumer,
            conversation=conversation,
            number=number,
            attempt=self.attempt,
            stream=stream,
            server=server,
            cim_id=cim_id,
            deadline_at=self.deadline_at,
        )

    def resumed(self, stream: int, server: str, deadline_at: float) -> j.Resumed:
        """The record of its lease going on."""
        conversation, number = self.text.said
        return j.Resumed(
            at=now(),
            consumer=self.consumer,
            conversation=conversation,
            number=number,
            attempt=self.attempt,
            stream=stream,
            server=server,
            deadline_at=deadline_at,
        )

    def acking(self) -> j.Acking:
        """The record that its acknowledgement leaves."""
        conversation, number = self.text.said
        return j.Acking(
            at=now(), consumer=self.consumer, conversation=conversation, number=number, attempt=self.attempt
        )

    def nacked(self) -> j.Nacked:
        """The record that it is given back."""
        conversation, number = self.text.said
        return j.Nacked(
            at=now(), consumer=self.consumer, conversation=conversation, number=number, attempt=self.attempt
        )

    def answered(self, outcome: str) -> j.AckAnswered:
        """The record of the server's answer to its acknowledgement."""
        conversation, number = self.text.said
        return j.AckAnswered(
            at=now(),
            consumer=self.consumer,
            conversation=conversation,
            number=number,
            attempt=self.attempt,
            outcome=outcome,
        )


def report(record: AnyRecord) -> None:
    """Hands a record over to the journal. Blocks until the pipe has it."""
    os.write(STANDARD_OUTPUT, line_of(record).encode())
