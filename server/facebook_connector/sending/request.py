"""Reads a send request: whom it is for, and what its options say. Refuses what lacks an address or a sane option."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1 import outbound_pb2
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.sending.free_json import broken_json
from facebook_connector.sending.values import SendOrigin

MAX_MESSAGE_BYTES = 3 * 1024 * 1024
"""Largest CimMessage, in protobuf's binary form."""
MAX_ID_LENGTH = 128
MAX_ADDRESS_DIGITS = 32
SECOND_MS = 1_000
WAIT_RANGE_MS = (0, 300 * SECOND_MS)
TTL_RANGE_MS = (SECOND_MS, 7 * 24 * 3600 * SECOND_MS)
DEFAULT_WAIT_MS = 10 * SECOND_MS
DEFAULT_TTL_MS = {SendOrigin.HUMAN: 24 * 3600 * SECOND_MS, SendOrigin.BOT: 15 * 60 * SECOND_MS}
"""A bot's answer that comes late is worse than none."""
HUMAN_SENDER = "AGENT"

_ORIGINS: Mapping[int, SendOrigin] = {
    outbound_pb2.SEND_ORIGIN_HUMAN: SendOrigin.HUMAN,
    outbound_pb2.SEND_ORIGIN_BOT: SendOrigin.BOT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Which message, from which page, to which person."""

    cim_id: str
    page_id: str
    psid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """The options of a send, defaults filled in."""

    wait_ms: int
    ttl_ms: int
    origin: SendOrigin
    record_refusals: bool = False
    """Makes a failure of what would be refused for its content, its window or its media."""


def read_address(message: CimMessage) -> Address:
    """Raises `ConnectorError` INVALID_FIELD naming every field at fault, or MESSAGE_TOO_LARGE."""
    if (size := message.ByteSize()) > MAX_MESSAGE_BYTES:
        raise ConnectorError(
            "MESSAGE_TOO_LARGE",
            f"the message has {size} bytes, at most {MAX_MESSAGE_BYTES} are taken",
            metadata={"size": str(size), "maximum": str(MAX_MESSAGE_BYTES)},
        )
    if violations := tuple(_violations(message)):
        raise ConnectorError(
            "INVALID_FIELD",
            "the message lacks what is needed to send it",
            metadata={"field": violations[0].field},
            violations=violations,
        )
    channel_data = message.header.channel_data
    return Address(
        cim_id=message.id,
        page_id=channel_data.service_identifier,
        psid=channel_data.channel_customer_identifier,
    )


def read_options(options: outbound_pb2.SendOptions, sender_type: str) -> SendOptions:
    """Fills in the defaults. Raises `ConnectorError` LIMIT_OUT_OF_RANGE, or INVALID_FIELD for an unknown origin."""
    origin = _origin(options.origin, sender_type)
    wait = _duration("options.wait", options.wait, WAIT_RANGE_MS) if options.HasField("wait") else DEFAULT_WAIT_MS
    ttl = _duration("options.ttl", options.ttl, TTL_RANGE_MS) if options.HasField("ttl") else DEFAULT_TTL_MS[origin]
    return SendOptions(wait_ms=wait, ttl_ms=ttl, origin=origin, record_refusals=options.record_refusals)


def read_ttl(ttl: Duration) -> int:
    """A time to live of its own, in milliseconds. Raises `ConnectorError` LIMIT_OUT_OF_RANGE."""
    return _duration("ttl", ttl, TTL_RANGE_MS)


def origin_of(origin: int) -> SendOrigin | None:
    """An origin as a condition; None: any. Raises `ConnectorError` INVALID_FIELD for one this server does not know."""
    return None if origin == outbound_pb2.SEND_ORIGIN_UNSPECIFIED else _known_origin("origin", origin)


def _origin(origin: int, sender_type: str) -> SendOrigin:
    if origin == outbound_pb2.SEND_ORIGIN_UNSPECIFIED:
        return SendOrigin.HUMAN if sender_type == HUMAN_SENDER else SendOrigin.BOT
    return _known_origin("options.origin", origin)


def _known_origin(field: str, origin: int) -> SendOrigin:
    if origin not in _ORIGINS:
        violation = FieldViolation(field=field, description=f"{origin} is no origin this server knows")
        raise ConnectorError(
            "INVALID_FIELD", violation.description, metadata={"field": violation.field}, violations=(violation,)
        )
    return _ORIGINS[origin]


def _violations(message: CimMessage) -> Iterator[FieldViolation]:
    channel_data = message.header.channel_data
    if not 1 <= len(message.id) <= MAX_ID_LENGTH or "\0" in message.id:
        yield FieldViolation(field="message.id", description=f"must have 1 to {MAX_ID_LENGTH} characters, none U+0000")
    for name, value in (
        ("service_identifier", channel_data.service_identifier),
        ("channel_customer_identifier", channel_data.channel_customer_identifier),
    ):
        if not (value.isascii() and value.isdigit() and len(value) <= MAX_ADDRESS_DIGITS):
            yield FieldViolation(
                field=f"message.header.channel_data.{name}",
                description=f"must have 1 to {MAX_ADDRESS_DIGITS} decimal digits",
            )
    for path, problem in broken_json(message, "message"):
        yield FieldViolation(field=f"{path}.text", description=problem)


def _duration(field: str, value: Duration, allowed_ms: tuple[int, int]) -> int:
    milliseconds = value.ToMilliseconds()
    least, most = allowed_ms
    if least <= milliseconds <= most:
        return milliseconds
    raise ConnectorError(
        "LIMIT_OUT_OF_RANGE",
        f"{field} must be from {_seconds(least)} to {_seconds(most)}",
        metadata={
            "field": field,
            "value": _seconds(milliseconds),
            "minimum": _seconds(least),
            "maximum": _seconds(most),
        },
    )


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / SECOND_MS:g}s" if milliseconds % SECOND_MS else f"{milliseconds // SECOND_MS}s"
