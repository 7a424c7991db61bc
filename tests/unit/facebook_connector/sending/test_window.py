from __future__ import annotations

import pytest

from facebook_connector.sending.values import SendOrigin
from facebook_connector.sending.window import HOUR_MS, Label, WindowClosed, judge_window

LAST = 1_794_300_000_000
MINUTE = 60_000
DAY = 24 * HOUR_MS
BOT, HUMAN = SendOrigin.BOT, SendOrigin.HUMAN


@pytest.mark.parametrize(
    ("origin", "after", "feature", "verdict"),
    [
        (BOT, 0, False, Label.RESPONSE),
        (BOT, DAY - 1, False, Label.RESPONSE),
        (HUMAN, DAY - 1, True, Label.RESPONSE),
        (BOT, DAY, True, WindowClosed(close_time_ms=LAST + DAY)),
        (BOT, DAY + MINUTE, True, WindowClosed(close_time_ms=LAST + DAY)),
        (HUMAN, DAY + MINUTE, False, WindowClosed(close_time_ms=LAST + DAY)),
        (HUMAN, DAY, True, Label.HUMAN_AGENT),
        (HUMAN, DAY + MINUTE, True, Label.HUMAN_AGENT),
        (HUMAN, 7 * DAY - 1, True, Label.HUMAN_AGENT),
        (HUMAN, 7 * DAY, True, WindowClosed(close_time_ms=LAST + 7 * DAY)),
        (HUMAN, 7 * DAY + MINUTE, True, WindowClosed(close_time_ms=LAST + 7 * DAY)),
    ],
)
def test_who_may_write_how_long_after_the_customer(
    origin: SendOrigin,
    after: int,
    feature: bool,
    verdict: Label | WindowClosed,
) -> None:
    assert judge_window(origin, LAST, human_agent_enabled=feature, now_ms=LAST + after) == verdict


def test_without_a_known_clock_facebook_decides() -> None:
    assert judge_window(BOT, None, human_agent_enabled=False, now_ms=LAST) is Label.RESPONSE
