from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.connector.v1.operations_service_pb2 import ListAuditEventsRequest
from facebook_connector.errors import ConnectorError
from facebook_connector.operations.conditions import MAX_TEXT, moment_ms, require_texts


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (None, None),
        (Timestamp(), 0),
        (Timestamp(seconds=12, nanos=345_000_000), 12_345),
        (Timestamp(seconds=12, nanos=345_000_001), 12_346),
        (Timestamp(seconds=-1, nanos=1), -999),
        (Timestamp(seconds=253_402_300_799), 253_402_300_799_000),
    ],
)
def test_a_time_counts_from_the_next_whole_millisecond(time: Timestamp | None, expected: int | None) -> None:
    assert moment_ms(ListAuditEventsRequest(start_time=time), "start_time") == expected


@pytest.mark.parametrize(
    "time", [Timestamp(seconds=253_402_300_800), Timestamp(seconds=-62_135_596_801), Timestamp(nanos=-1)]
)
def test_what_is_no_time_is_refused(time: Timestamp) -> None:
    with pytest.raises(ConnectorError) as raised:
        moment_ms(ListAuditEventsRequest(end_time=time), "end_time")
    assert (raised.value.reason, raised.value.metadata) == ("INVALID_FIELD", {"field": "end_time"})


@pytest.mark.parametrize(("text", "refused"), [("a" * MAX_TEXT, False), ("a" * (MAX_TEXT + 1), True), ("a\0", True)])
def test_a_text_that_nothing_can_equal_is_refused(text: str, *, refused: bool) -> None:
    request = ListAuditEventsRequest(actor="anna", target=text)
    if not refused:
        require_texts(request, "actor", "target")
        return
    with pytest.raises(ConnectorError) as raised:
        require_texts(request, "actor", "target")
    assert [violation.field for violation in raised.value.violations] == ["target"]
