"""The spellings of a moment in CIM JSON, and `google.protobuf.Timestamp`.

CIM's Java model reads milliseconds as a number or a numeric string, and ISO 8601; it takes "" for null. Seconds are not
guessed at: 1705583492 is a day in January 1970, for Java as for us. Written are milliseconds as a number.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from cim_messenger.cim_json.errors import CimJsonError, UnheldError
from cim_messenger.cim_json.json_text import JsonValue, Number, wrong_kind

FIRST_SECOND: Final = -62_135_596_800
"""0001-01-01T00:00:00Z, the first moment that a Timestamp holds."""
LAST_SECOND: Final = 253_402_300_799
"""9999-12-31T23:59:59Z, the last second that a Timestamp holds."""

_NANOS_PER_MILLI: Final = 1_000_000
_NANOS_PER_SECOND: Final = 1_000_000_000
_MAX_DIGITS: Final = 20
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK: Final = ("hour", "minute", "second", "zone_hour", "zone_minute")
_MILLIS = re.compile(r"-?[0-9]+")
_ISO = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?:Z|(?P<sign>[+-])(?P<zone_hour>[01][0-9]|2[0-3])(?::?(?P<zone_minute>[0-5][0-9]))?)?)?"
)


def read_timestamp(value: JsonValue, path: str) -> Timestamp | None:
    """Read a moment; None stands for null. A moment without a zone is in UTC."""
    if isinstance(value, Number):
        return _from_millis(value.token, path)
    if isinstance(value, str):
        if not value:
            return None
        return _from_millis(value, path) if _MILLIS.fullmatch(value) else _from_iso(value, path)
    raise wrong_kind(value, path, "a timestamp")


def write_timestamp(moment: Timestamp, path: str) -> Number:
    """Write a moment as milliseconds since 1970, a finer part cut off; raise CimJsonError if it is none."""
    if not (FIRST_SECOND <= moment.seconds <= LAST_SECOND and 0 <= moment.nanos < _NANOS_PER_SECOND):
        raise CimJsonError(path, "is a Timestamp outside the years 1 to 9999")
    return Number(str(moment.seconds * 1000 + moment.nanos // _NANOS_PER_MILLI))


def _from_millis(token: str, path: str) -> Timestamp:
    if not _MILLIS.fullmatch(token):
        raise CimJsonError(path, "is no whole number of milliseconds")
    if len(token) > _MAX_DIGITS:
        raise _out_of_range(path)
    seconds, millis = divmod(int(token), 1000)
    if not FIRST_SECOND <= seconds <= LAST_SECOND:
        raise _out_of_range(path)
    return Timestamp(seconds=seconds, nanos=millis * _NANOS_PER_MILLI)


def _from_iso(text: str, path: str) -> Timestamp:
    match = _ISO.fullmatch(text)
    if match is None:
        raise CimJsonError(path, "is no timestamp: milliseconds or ISO 8601 is wanted")
    hour, minute, second, zone_hour, zone_minute = (int(match[name] or 0) for name in _CLOCK)
    try:
        local = datetime.fromisoformat(match["date"]).replace(hour=hour, minute=minute, second=second, tzinfo=UTC)
    except ValueError:
        raise CimJsonError(path, "is no timestamp: no calendar has such a moment") from None
    east = (zone_hour * 60 + zone_minute) * (-60 if match["sign"] == "-" else 60)
    seconds = (local - _EPOCH) // timedelta(seconds=1) - east
    if not FIRST_SECOND <= seconds <= LAST_SECOND:
        raise _out_of_range(path)
    return Timestamp(seconds=seconds, nanos=int((match["fraction"] or "").ljust(9, "0")))


def _out_of_range(path: str) -> UnheldError:
    return UnheldError(path, "is a moment outside the years 1 to 9999")
