from __future__ import annotations

from facebook_connector.delivery.retention import DAY_MS, HOUR_MS, cutoffs

NOW_MS = 1_794_300_000_000


def test_what_is_kept_is_kept_as_long_as_the_contract_says() -> None:
    cut = cutoffs(NOW_MS)
    ages = {
        "abandoned": NOW_MS - cut.abandoned_ms,
        "quarantine": NOW_MS - cut.quarantine_ms,
        "outbound": NOW_MS - cut.outbound_ms,
        "names": NOW_MS - cut.names_ms,
        "audit": NOW_MS - cut.audit_ms,
        "request": NOW_MS - cut.request_ms,
    }
    days = {"abandoned": 7, "quarantine": 30, "outbound": 30, "names": 400, "audit": 400, "request": 1}
    assert ages == {name: number * DAY_MS for name, number in days.items()}


def test_an_event_has_had_its_seven_days_however_late_it_was_noted() -> None:
    cut = cutoffs(NOW_MS)
    # Stored just before the cut-off, acknowledged just before it would have been noted as late.
    assert cut.events_ms + 2 * HOUR_MS + 7 * DAY_MS == NOW_MS
    assert cut.late_ms == NOW_MS - HOUR_MS
    assert cut.read_ms == NOW_MS - 7 * DAY_MS
