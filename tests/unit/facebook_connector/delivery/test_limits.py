from __future__ import annotations

import pytest

from facebook_connector.delivery import limits
from facebook_connector.errors import ConnectorError, FieldViolation


@pytest.mark.parametrize("value", [10_000, 30_000, 600_000])
def test_a_value_within_its_range_is_taken(value: int) -> None:
    assert limits.ACK_DEADLINE.check("start.ack_deadline", value) == value


@pytest.mark.parametrize(
    ("limit", "value", "found", "least", "most"),
    [
        (limits.ACK_DEADLINE, 9_999, "9.999s", "10s", "600s"),
        (limits.ACK_DEADLINE, 600_001, "600.001s", "10s", "600s"),
        (limits.ACK_DEADLINE, 5_500, "5.5s", "10s", "600s"),
        (limits.NACK_DELAY, -1_000, "-1s", "0s", "600s"),
        (limits.WINDOW_MESSAGES, 0, "0", "1", "10000"),
        (limits.WINDOW_MESSAGES, 10_001, "10001", "1", "10000"),
        (limits.WINDOW_BYTES, 67_108_865, "67108865", "1", "67108864"),
    ],
)
def test_a_value_outside_is_refused_in_words_that_name_it(
    limit: limits.Range, value: int, found: str, least: str, most: str
) -> None:
    with pytest.raises(ConnectorError) as refused:
        limit.check("a.field", value)

    error = refused.value
    assert error.reason == "LIMIT_OUT_OF_RANGE"
    assert error.metadata == {"field": "a.field", "value": found, "minimum": least, "maximum": most}
    assert error.violations == (FieldViolation(field="a.field", description=f"must be from {least} to {most}"),)


def test_a_head_leaves_before_its_claim_ends_in_the_store() -> None:
    assert limits.SEND_WITHIN_MS < limits.CLAIM_MARGIN_MS


def test_a_closing_stream_ends_within_the_ten_seconds_of_the_contract() -> None:
    assert limits.CLOSING_GRACE_MS <= 10_000
