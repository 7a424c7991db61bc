from __future__ import annotations

from facebook_connector.outbox.lane_pass import TIMEOUT_S
from facebook_connector.sending.kinds import HANDLING, Bucket


def test_a_send_that_may_bring_media_is_given_the_time_that_facebook_takes_for_them() -> None:
    assert TIMEOUT_S.keys() == {handling.bucket for handling in HANDLING.values()}
    assert (TIMEOUT_S[Bucket.TEXT], TIMEOUT_S[Bucket.MEDIA]) == (30.0, 90.0)
