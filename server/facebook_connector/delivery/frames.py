"""What the server says on an inbound stream, as values; `services` writes them as protobuf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from facebook_connector.delivery.limits import Window
from facebook_connector.delivery.values import Head
from facebook_connector.errors import ConnectorError


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one ack id that came in."""

    ack_id: str
    outcome: int
    """`expertflow.connector.v1.AckOutcome`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One head as it goes out."""

    head: Head
    ack_id: str
    deadline_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The first frame: the values in force and what became of the held leases, in the order they were named."""

    window: Window
    held: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Deliveries, each of another key."""

    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Answers to ack, nack and extend, after the commit."""

    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong:
    """Answer to a ping."""

    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Announces that the server will end the stream."""

    reason: int
    """`expertflow.connector.v1.ClosingReason`."""
    reconnect_after_ms: int | None = None
    """None: the client must not reconnect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Not a frame but the stream's end: with an error, or well, after the client said that it was done."""

    error: ConnectorError | None = None


Frame: TypeAlias = Started | Messages | Results | Pong | Closing
