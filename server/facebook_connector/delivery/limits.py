"""The numbers of the inbound stream: what a client may ask for, and what the server keeps to itself.

The ranges and defaults are those of `inbound.proto`; durations are milliseconds, sizes bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from facebook_connector.errors import ConnectorError, FieldViolation


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Inclusive bounds of a number that a client may set; `unit` follows the number in errors."""

    minimum: int
    maximum: int
    unit: str = ""
    scale: int = 1
    """How many of our units make one unit of the error text: 1000 where we count milliseconds and say seconds."""

    def check(self, field: str, value: int) -> int:
        """Returns `value`. Raises `LIMIT_OUT_OF_RANGE`, naming `field`, when it lies outside."""
        if self.minimum <= value <= self.maximum:
            return value
        least, most, found = (self._text(number) for number in (self.minimum, self.maximum, value))
        raise ConnectorError(
            "LIMIT_OUT_OF_RANGE",
            f"{field} must be from {least} to {most}, not {found}",
            metadata={"field": field, "value": found, "minimum": least, "maximum": most},
            violations=(FieldViolation(field=field, description=f"must be from {least} to {most}"),),
        )

    def _text(self, number: int) -> str:
        whole, rest = divmod(abs(number), self.scale)
        fraction = f".{rest * 1000 // self.scale:03d}".rstrip("0") if rest else ""
        return f"{'-' if number < 0 else ''}{whole}{fraction}{self.unit}"


ACK_DEADLINE = Range(minimum=10_000, maximum=600_000, unit="s", scale=1000)
"""How long a delivery may stay unanswered; also the range of an extension."""

DEFAULT_ACK_DEADLINE_MS = 30_000

NACK_DELAY = Range(minimum=0, maximum=600_000, unit="s", scale=1000)

WINDOW_MESSAGES = Range(minimum=1, maximum=10_000)

WINDOW_BYTES = Range(minimum=1, maximum=64 * 1024 * 1024)

MAX_LEASE_MS = 3_600_000
"""A lease ends at the latest one hour after the delivery, however often it is extended."""

FRAME_BYTES = 1024 * 1024
"""A frame of messages is at most this large, unless it holds one larger message alone."""

FRAME_OVERHEAD_BYTES = 256
"""What a message costs in a frame beside itself: ack id, times, field tags."""

RESULTS_PER_FRAME = 5_000
"""Ack ids are about 60 bytes in a frame, so that a frame of results stays well below 1 MiB."""

CLAIM_BATCH = 250
"""Most heads that one claim takes: enough for a full frame, few enough that competing streams share a backlog."""

ACK_BATCH = 1_000
"""Most acknowledgements in one store call: an ingest that waits behind it must not wait long."""

CONTENDED_MS = 25
"""When to claim again where other servers had the keys in hand: about what a claim takes them."""

CLAIM_MARGIN_MS = 10_000
"""How much longer a claim lasts in the store than the lease that the client was told.

So the living server decides about an expired lease, with backoff, and the keys of a dead one come back by themselves.
"""

SEND_WITHIN_MS = 5_000
"""A claimed head that waits longer for room in a frame is claimed anew or given back; less than `CLAIM_MARGIN_MS`."""

CLOSING_GRACE_MS = 5_000
"""How long a client may still answer after a closing frame; the contract allows 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How much may be outstanding on a stream."""

    messages: int = 100
    bytes: int = 4 * 1024 * 1024
