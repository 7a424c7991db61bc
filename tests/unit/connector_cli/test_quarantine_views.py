from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from connector_cli.quarantine_views import audit_rows, entry_rows, quarantine_rows, retranslation_lines
from expertflow.connector.v1.operations_pb2 import AuditEvent, QuarantineEntry
from expertflow.connector.v1.operations_service_pb2 import RetranslateResponse
from expertflow.connector.v1.statistics_pb2 import QuarantineCount

NOON = Timestamp(seconds=1_794_312_000)


def test_an_entry_is_a_row_without_its_bytes() -> None:
    entry = QuarantineEntry(
        id="7", reason="NOT_JSON", detail="the body is no JSON", raw=b"canary", raw_size=6, receive_time=NOON
    )
    (row,) = quarantine_rows([entry])
    assert row == ("7", "2026-11-10T12:00:00Z", "NOT_JSON", "-", "6", "the body is no JSON")
    assert "canary" not in str(entry_rows(entry))


def test_an_entry_says_whether_a_translation_was_tried() -> None:
    assert dict(entry_rows(QuarantineEntry()))["translation"] == "none was tried"
    assert dict(entry_rows(QuarantineEntry(translator_version=3)))["translation"] == "version 3 gave up"


def test_what_became_of_entries_is_told_reason_by_reason() -> None:
    answer = RetranslateResponse(
        stored_events=3,
        duplicate_events=1,
        translated_entries=2,
        remaining=[QuarantineCount(reason="NOT_JSON", count=4), QuarantineCount(reason="UNKNOWN_PAGE", count=1)],
    )
    assert retranslation_lines(answer) == [
        "2 entries left the quarantine: 3 events stored, 1 had been stored before",
        "4 stay: NOT_JSON",
        "1 stay: UNKNOWN_PAGE",
    ]


def test_an_audit_event_is_a_row() -> None:
    event = AuditEvent(event_time=NOON, actor="anna", action="EraseCustomer", target="1/2", detail="events: 3")
    assert audit_rows([event]) == [("2026-11-10T12:00:00Z", "anna", "EraseCustomer", "1/2", "events: 3")]
