from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.chaos import journal as j
from tests.support.chaos.journal import TYPES, AnyRecord, Journal, line_of, read_line
from tests.unit.support.chaos.test_in_flight import ACKING, ANSWERED, CONFIRMED, DELIVERED, ENDED, NACKED, POSTED

RESUMED = j.Resumed(
    at=3, consumer="ccm-1", conversation=1, number=1, attempt=1, stream=2, server="server-1", deadline_at=13.5
)
RECORDS: list[AnyRecord] = [
    POSTED,
    ANSWERED,
    DELIVERED,
    RESUMED,
    ACKING,
    CONFIRMED,
    NACKED,
    ENDED,
    j.Killed(at=6, process="ccm-1"),
    j.Started(at=7, process="ccm-1"),
    j.Ready(at=8, process="ccm-1"),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_survives_the_pipe(record: AnyRecord) -> None:
    assert read_line(line_of(record)) == record


def test_every_kind_of_record_is_tried() -> None:
    assert {type(record) for record in RECORDS} == set(TYPES.values())


def test_it_is_read_in_the_order_of_time_and_shown_as_it_comes(tmp_path: Path) -> None:
    journal, shown = Journal(), list[AnyRecord]()
    journal.show(shown.append)
    for record in (DELIVERED, POSTED, ANSWERED):
        journal.add(record)
    journal.write(tmp_path / "journal")

    assert list(journal) == [POSTED, ANSWERED, DELIVERED]
    assert shown == [DELIVERED, POSTED, ANSWERED]
    assert [read_line(line) for line in (tmp_path / "journal").read_text().splitlines()] == list(journal)
