from __future__ import annotations

import pytest

from facebook_connector.delivery.poison import EVIDENCE_KEYS, Verdict, WorkingKeys, is_hopeless, judge_hopeless

NOW_MS = 1_700_000_000_000
MINUTES_15_MS = 900_000


@pytest.mark.parametrize(
    ("failures", "age_ms", "hopeless"),
    [
        (10, MINUTES_15_MS, True),
        (9, 10 * MINUTES_15_MS, False),
        (100, MINUTES_15_MS - 1, False),
        (1, 0, False),
    ],
)
def test_ten_counted_attempts_and_a_quarter_of_an_hour_make_a_message_hopeless(
    failures: int, age_ms: int, *, hopeless: bool
) -> None:
    assert is_hopeless(failures=failures, first_failure_ms=NOW_MS - age_ms, now_ms=NOW_MS) is hopeless


@pytest.mark.parametrize(
    ("failing", "working", "verdict"),
    [
        (1, 1, Verdict.GIVE_UP),
        (1, 100, Verdict.GIVE_UP),
        (20, 80, Verdict.GIVE_UP),
        (21, 79, Verdict.SPARE),
        (2, 7, Verdict.SPARE),
        (2, 8, Verdict.GIVE_UP),
        (1, 0, Verdict.SPARE),
        (50, 0, Verdict.SPARE),
    ],
)
def test_a_hopeless_message_is_given_up_unless_too_many_fail_with_it(
    failing: int, working: int, verdict: Verdict
) -> None:
    assert judge_hopeless(failing_keys=failing, working_keys=working) is verdict


def test_a_key_works_for_a_quarter_of_an_hour_after_an_acknowledgement_unless_it_fails() -> None:
    keys = WorkingKeys()
    keys.acknowledged(1, NOW_MS)
    keys.acknowledged(2, NOW_MS + 1)
    keys.acknowledged(3, NOW_MS + 2)
    keys.acknowledged(1, NOW_MS + 3)
    keys.failed(3)

    assert keys.count(NOW_MS + 4) == 2
    assert keys.count(NOW_MS + MINUTES_15_MS + 1) == 1
    assert keys.count(NOW_MS + MINUTES_15_MS + 3) == 0


def test_no_more_keys_are_remembered_than_a_window_holds() -> None:
    keys = WorkingKeys()
    for key_id in range(EVIDENCE_KEYS + 5):
        keys.acknowledged(key_id, NOW_MS)

    assert keys.count(NOW_MS) == EVIDENCE_KEYS
