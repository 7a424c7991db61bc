from __future__ import annotations

from facebook_connector.sending.typing import MOST_LANES, REPEAT_AFTER_MS, ShownTyping
from facebook_connector.sending.values import Lane

NOW = 1_794_300_000_000
LANE = Lane(page_id="1", psid="2")


def test_typing_is_said_again_only_when_it_is_about_to_vanish() -> None:
    typing = ShownTyping()
    assert not typing.is_shown(LANE, NOW)
    typing.started(LANE, NOW)
    assert [typing.is_shown(LANE, NOW + ms) for ms in (0, REPEAT_AFTER_MS - 1, REPEAT_AFTER_MS)] == [True, True, False]


def test_after_a_message_it_is_said_again_at_once() -> None:
    typing = ShownTyping()
    typing.started(LANE, NOW)
    typing.ended(LANE)
    assert not typing.is_shown(LANE, NOW)


def test_one_persons_typing_says_nothing_of_anothers() -> None:
    typing = ShownTyping()
    typing.started(LANE, NOW)
    assert not typing.is_shown(Lane(page_id="1", psid="3"), NOW)


def test_the_memory_does_not_grow_for_ever() -> None:
    typing = ShownTyping()
    for number in range(MOST_LANES + 1):
        typing.started(Lane(page_id="1", psid=str(number)), NOW + number * REPEAT_AFTER_MS)
    assert len(typing._repeat_ms) == 1
