"""Conditions of operators' filters, checked and made values. Pure."""

from __future__ import annotations

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from facebook_connector.channels.rules import refuse
from facebook_connector.errors import FieldViolation

FIRST_SECOND = -62_135_596_800
LAST_SECOND = 253_402_300_799
"""The years 1 to 9999: what a `Timestamp` may name."""

NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MS = 1_000_000

MAX_TEXT = 512
"""Longest text of a condition: longer than any id."""


def moment_ms(request: Message, field: str) -> int | None:
    """The time in a field, in milliseconds since the epoch, rounded up; None if it is absent.

    Rounded up, because stored times are whole milliseconds: both "at or after" and "before" then hold exactly.
    Raises `ConnectorError` INVALID_FIELD for what is no time.
    """
    if not request.HasField(field):
        return None
    time: Timestamp = getattr(request, field)
    if not (FIRST_SECOND <= time.seconds <= LAST_SECOND and 0 <= time.nanos < NANOS_PER_SECOND):
        refuse([FieldViolation(field=field, description="is no time between the years 1 and 9999")])
    return time.seconds * 1000 - (-time.nanos // NANOS_PER_MS)


def require_texts(request: Message, *fields: str) -> None:
    """Raises `ConnectorError` INVALID_FIELD if one of the fields holds what nothing stored can equal."""
    refuse(
        FieldViolation(field=field, description=problem)
        for field in fields
        if (problem := _problem(getattr(request, field)))
    )


def _problem(text: str) -> str:
    if len(text) > MAX_TEXT:
        return f"has more than {MAX_TEXT} characters"
    return "holds a NUL character" if "\0" in text else ""
