"""Stored times as protobuf has them.

`Timestamp`'s own methods are not used for those of every message: they know all kinds of time, and cost 1 µs each.
"""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

NANOS_PER_MILLISECOND = 1_000_000


def timestamp(milliseconds: int) -> Timestamp:
    """The moment so many milliseconds after the epoch, UTC."""
    result = Timestamp()
    write_time(result, milliseconds)
    return result


def write_time(time: Timestamp, milliseconds: int) -> None:
    """Makes it the moment so many milliseconds after the epoch, UTC."""
    time.seconds = milliseconds // 1000
    time.nanos = milliseconds % 1000 * NANOS_PER_MILLISECOND


def milliseconds_of(time: Timestamp) -> int:
    """The milliseconds from the epoch to then, cut to whole ones."""
    return time.seconds * 1000 + time.nanos // NANOS_PER_MILLISECOND
