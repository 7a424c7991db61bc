"""Reads the fields of Facebook's JSON leniently: any of them may be missing, null, or of another type than documented.

Ids come as strings or numbers, flags as booleans or strings, times in milliseconds, seconds or digit strings, lists as
a single object. A reader never raises; it gives the empty value of its type for what it cannot use.
"""

from __future__ import annotations

import math
import re
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from cim_messenger.cim_json.json_text import JsonObject, JsonValue, Number, dump
from expertflow.cim.v1.json_pb2 import Json

FIRST_MILLISECOND: Final = 10**12
"""Smaller times count seconds: in milliseconds it was September 2001, before Messenger."""

LAST_MS: Final = 253_402_300_799_999
"""The end of the year 9999, where protobuf's Timestamp ends."""

REPLACEMENT: Final = "\ufffd"
"""Stands for what no text can hold: half a surrogate pair (JSON can escape one) and U+0000, which databases refuse."""

_UNCLEAN = re.compile("[\x00\ud800-\udfff]")
_INTEGER = re.compile(r"([+-]?[0-9]{1,18})(?:\.0+)?")


def text_of(value: JsonValue) -> str:
    """A string, or a number's spelling; empty for anything else."""
    return optional_text(value) or ""


def optional_text(value: JsonValue) -> str | None:
    """Like `text_of`, but tells an empty string from none."""
    if isinstance(value, str):
        return _UNCLEAN.sub(REPLACEMENT, value)
    return value.token if isinstance(value, Number) else None


def identifier(value: JsonValue) -> str:
    """An id as a string without blanks around it, exact however long; empty for none."""
    return text_of(value).strip()


def integer(value: JsonValue) -> int | None:
    """A whole number of at most 18 digits, written as a number or a string."""
    match = _INTEGER.fullmatch(identifier(value))
    return int(match[1]) if match else None


def coordinate(value: JsonValue, limit: float) -> float | None:
    """Degrees between -limit and limit; None for anything else."""
    try:
        degrees = float(identifier(value))
    except ValueError:
        return None
    return degrees if math.isfinite(degrees) and abs(degrees) <= limit else None


def flag(value: JsonValue) -> bool:
    """True for `true`, also as a string (an old page of Facebook's documentation prints `"true"`)."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def members(value: JsonValue) -> JsonObject:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def elements(value: JsonValue) -> list[JsonValue]:
    """A list, or a list of the one value that stands where a list should; nulls are no elements."""
    if isinstance(value, list):
        return [element for element in value if element is not None]
    return [] if value is None else [value]


def time_ms(value: JsonValue) -> int | None:
    """A moment in milliseconds since 1970, from milliseconds or seconds; None for what is no moment after 1970."""
    number = integer(value)
    if number is None or number <= 0:
        return None
    milliseconds = number if number >= FIRST_MILLISECOND else number * 1000
    return milliseconds if milliseconds <= LAST_MS else None


def timestamp(milliseconds: int | None) -> Timestamp | None:
    """A moment as protobuf wants it."""
    if milliseconds is None:
        return None
    seconds, rest = divmod(milliseconds, 1000)
    return Timestamp(seconds=seconds, nanos=rest * 1_000_000)


def without(value: JsonValue, *known: str) -> JsonObject:
    """The members of an object that are none of `known` and not null."""
    if not isinstance(value, dict):
        return {}
    return {key: member for key, member in value.items() if key not in known and member is not None}


def json_of(value: JsonValue) -> Json:
    """Free-form JSON, number tokens and key order as they came. Raises `CimJsonError` beyond 200 levels."""
    return Json(text=dump(value))
