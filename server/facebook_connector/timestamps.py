"""Stored times as protobuf has them."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(milliseconds: int) -> Timestamp:
    """The moment so many milliseconds after the epoch, UTC."""
    result = Timestamp()
    result.FromMilliseconds(milliseconds)
    return result
