from __future__ import annotations

from facebook_connector.delivery.pauses import FORGOTTEN_AFTER_MS, PauseCause, Pauses

NOW_MS = 1_700_000_000_000


def pauses() -> Pauses:
    """Whose pauses are as long as can be."""
    return Pauses(lambda: 0.999_999)


def test_a_pause_begins_once_more_is_given_back_than_is_out() -> None:
    present = pauses()

    assert present.gave_back(2, outstanding=3, now_ms=NOW_MS) is None
    pause = present.gave_back(1, outstanding=2, now_ms=NOW_MS)

    assert pause is not None
    assert (pause.cause, pause.first) == (PauseCause.UNAVAILABLE, True)
    assert NOW_MS + 1_000 <= pause.until_ms <= NOW_MS + 2_000


def test_one_that_is_given_back_makes_no_pause() -> None:
    assert pauses().gave_back(1, outstanding=0, now_ms=NOW_MS) is None


def test_whoever_acknowledges_shows_that_not_all_is_given_back() -> None:
    present = pauses()
    present.gave_back(3, outstanding=3, now_ms=NOW_MS)
    assert not present.acknowledged()

    assert present.gave_back(3, outstanding=3, now_ms=NOW_MS) is None


def test_an_acknowledgement_ends_the_pause_of_consumers_that_could_not_work() -> None:
    present = pauses()
    present.gave_back(2, outstanding=0, now_ms=NOW_MS)

    assert present.acknowledged()
    assert present.present is None


def test_an_acknowledgement_does_not_end_the_pause_for_failing_messages() -> None:
    present = pauses()
    present.spared(NOW_MS)

    assert not present.acknowledged()
    assert present.present is not None


def test_pauses_in_a_row_grow_to_a_minute_and_only_the_first_is_news() -> None:
    present, now_ms, lengths, news = pauses(), NOW_MS, [], []
    for _ in range(8):
        pause = present.gave_back(2, outstanding=0, now_ms=now_ms)
        assert pause is not None
        assert present.gave_back(2, outstanding=0, now_ms=now_ms) is None
        lengths.append(round((pause.until_ms - now_ms) / 1000))
        news.append(pause.first)
        now_ms = pause.until_ms
        assert not present.tick(now_ms - 1)
        assert present.tick(now_ms)

    assert lengths == [2, 4, 8, 16, 32, 60, 60, 60]
    assert news == [True, *[False] * 7]


def test_after_a_quiet_time_or_an_acknowledgement_a_pause_is_short_and_news_again() -> None:
    present = pauses()
    for now_ms in (NOW_MS, NOW_MS + 10_000):
        present.gave_back(2, outstanding=0, now_ms=now_ms)
        present.tick(now_ms + 9_000)
    later = present.gave_back(2, outstanding=0, now_ms=NOW_MS + 20_000 + FORGOTTEN_AFTER_MS)
    present.acknowledged()
    after_work = present.gave_back(2, outstanding=0, now_ms=NOW_MS + 30_000 + FORGOTTEN_AFTER_MS)

    assert later is not None
    assert later.first
    assert after_work is not None
    assert after_work.first


def test_once_a_message_is_given_up_the_next_pause_for_failing_ones_is_news() -> None:
    present = pauses()
    present.spared(NOW_MS)
    present.tick(NOW_MS + 5_000)
    present.gave_up()
    pause = present.spared(NOW_MS + 6_000)

    assert pause is not None
    assert pause.first
