from __future__ import annotations

from expertflow.connector.v1.ingest_service_pb2 import (
    INGEST_OUTCOME_DUPLICATE,
    INGEST_OUTCOME_QUARANTINED,
    INGEST_OUTCOME_STORED,
)
from facebook_connector.delivery.values import IngestOutcome
from facebook_connector.inbox.ingest_meter import MINUTE_S, IngestFigures, IngestMeter

STORED = IngestOutcome(outcome=INGEST_OUTCOME_STORED)
DUPLICATE = IngestOutcome(outcome=INGEST_OUTCOME_DUPLICATE)
QUARANTINED = IngestOutcome(outcome=INGEST_OUTCOME_QUARANTINED)


def test_nothing_is_told_of_nothing() -> None:
    assert IngestMeter().figures(0.0) == IngestFigures(
        stored=0, duplicates=0, commits=0, mean_items=0.0, median_s=None, p99_s=None
    )


def test_outcomes_are_counted_from_the_start_and_times_over_the_last_minute() -> None:
    meter = IngestMeter()
    meter.committed([STORED, DUPLICATE, QUARANTINED], 0.0, 9.0)
    meter.committed([STORED], MINUTE_S, 0.1)
    meter.committed([STORED, STORED], MINUTE_S, 0.3)
    figures = meter.figures(MINUTE_S + 1)
    assert (figures.stored, figures.duplicates, figures.commits) == (4, 1, 3)
    assert (figures.mean_items, figures.median_s, figures.p99_s) == (1.5, 0.1, 0.3)


def test_one_slow_commit_in_a_hundred_is_no_part_of_99_percent() -> None:
    meter = IngestMeter()
    for number in range(100):
        meter.committed([STORED], 1.0, 5.0 if number == 7 else number / 1000)
    figures = meter.figures(1.0)
    assert (figures.median_s, figures.p99_s) == (0.05, 0.099)
