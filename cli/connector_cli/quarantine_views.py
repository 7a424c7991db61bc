"""Quarantine entries and audit events as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector_cli.channel_views import NOTHING
from expertflow.connector.v1.operations_pb2 import AuditEvent, QuarantineEntry
from expertflow.connector.v1.operations_service_pb2 import RetranslateResponse

QUARANTINE_HEADER = ("ID", "RECEIVED", "REASON", "PAGE", "BYTES", "DETAIL")
AUDIT_HEADER = ("TIME", "WHO", "DID", "TO", "DETAIL")


def quarantine_rows(entries: Iterable[QuarantineEntry]) -> list[Sequence[str]]:
    """One row per entry."""
    return [
        (
            entry.id,
            entry.receive_time.ToJsonString(),
            entry.reason,
            entry.page_id or NOTHING,
            str(entry.raw_size),
            entry.detail,
        )
        for entry in entries
    ]


def entry_rows(entry: QuarantineEntry) -> list[tuple[str, str]]:
    """Everything about one entry but its bytes."""
    version = f"version {entry.translator_version} gave up" if entry.translator_version else "none was tried"
    return [
        ("id", entry.id),
        ("reason", entry.reason),
        ("detail", entry.detail or NOTHING),
        ("page", entry.page_id or NOTHING),
        ("received", entry.receive_time.ToJsonString()),
        ("deleted", entry.expire_time.ToJsonString()),
        ("translation", version),
        ("bytes", str(entry.raw_size)),
    ]


def retranslation_lines(answer: RetranslateResponse) -> list[str]:
    """What became of the entries, and what can be done about those that stay."""
    left = f"{answer.translated_entries} entries left the quarantine: {answer.stored_events} events stored"
    duplicates = f", {answer.duplicate_events} had been stored before" if answer.duplicate_events else ""
    stay = [f"{one.count} stay: {one.reason}" for one in answer.remaining]
    return [left + duplicates, *stay]


def audit_rows(events: Iterable[AuditEvent]) -> list[Sequence[str]]:
    """One row per audit event."""
    return [
        (event.event_time.ToJsonString(), event.actor, event.action, event.target or NOTHING, event.detail)
        for event in events
    ]
