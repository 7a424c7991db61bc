from __future__ import annotations

from facebook_connector.timestamps import timestamp


def test_times_keep_their_milliseconds() -> None:
    assert timestamp(1_794_300_000_123).ToMilliseconds() == 1_794_300_000_123
