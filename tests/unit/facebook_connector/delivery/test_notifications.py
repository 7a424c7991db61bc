from __future__ import annotations

import pytest

from facebook_connector.delivery.notifications import (
    CODE_OF_STATUS,
    DEFAULT_SENDER,
    GivenUp,
    failure_notification,
    reason_code,
)
from facebook_connector.errors import STATUS_OF_REASON

NEWS = GivenUp(
    page_id="1", psid="2", cim_id="out-1", reason="EXPIRED", detail="Too late.", time_ms=1_000, times_queued=1
)


def test_every_status_has_its_code() -> None:
    assert set(STATUS_OF_REASON.values()) <= set(CODE_OF_STATUS)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("CHANNEL_NOT_FOUND", "404"),
        ("PROVIDER_REJECTED", "400"),
        ("RECIPIENT_UNKNOWN", "400"),
        ("CANCELLED", "400"),
        ("DELIVERY_UNCERTAIN", "500"),
        ("PROVIDER_UNAVAILABLE", "500"),
        ("OF_A_NEWER_SERVER", "500"),
    ],
)
def test_a_reason_has_the_code_that_ccm_knows(reason: str, code: str) -> None:
    assert reason_code(reason) == code


def test_the_same_failure_has_the_same_id_and_the_next_another() -> None:
    again = GivenUp(
        page_id="1", psid="2", cim_id="out-1", reason="EXPIRED", detail="Too late.", time_ms=9_000, times_queued=2
    )
    first, same, other = (failure_notification(news, DEFAULT_SENDER).cim_id for news in (NEWS, NEWS, again))
    assert first == same != other
