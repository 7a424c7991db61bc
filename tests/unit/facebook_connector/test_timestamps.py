from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from facebook_connector.timestamps import milliseconds_of, timestamp

MOMENTS = [0, 1, 999, 1_000, 1_794_300_000_123, 253_402_300_799_999]


@pytest.mark.parametrize("milliseconds", MOMENTS)
def test_a_moment_is_what_protobuf_makes_of_it(milliseconds: int) -> None:
    expected = Timestamp()
    expected.FromMilliseconds(milliseconds)
    assert timestamp(milliseconds) == expected
    assert milliseconds_of(expected) == milliseconds


def test_what_is_below_a_millisecond_is_cut() -> None:
    assert milliseconds_of(Timestamp(seconds=2, nanos=1_999_999)) == 2_001
