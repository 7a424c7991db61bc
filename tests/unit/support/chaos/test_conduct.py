from __future__ import annotations

import pytest

from tests.support.chaos.chance import Chance
from tests.support.chaos.conduct import ACTS, AT_FIRST_ONLY, Act, Text, act_of
from tests.support.chaos.journal import Said

MESSAGES = [Text(said=Said(conversation, number)) for conversation in range(1, 21) for number in range(1, 101)]


@pytest.mark.parametrize("text", [Text(said=Said(17, 42)), Text(said=Said(1, 1), last=True)])
def test_a_text_says_who_said_it(text: Text) -> None:
    assert Text.read(str(text)) == text


def test_every_act_has_its_share_and_is_done() -> None:
    assert set(ACTS) == set(Act)
    assert {act_of(Chance(1), text, 1) for text in MESSAGES} == set(Act)


def test_a_message_is_rejected_or_stalled_at_most_once_and_so_never_becomes_a_dead_letter() -> None:
    assert AT_FIRST_ONLY.isdisjoint(act_of(Chance(1), text, attempt) for text in MESSAGES for attempt in (2, 3))


def test_the_last_message_of_a_conversation_is_acknowledged() -> None:
    last = [Text(said=text.said, last=True) for text in MESSAGES]

    assert {act_of(Chance(1), text, 1) for text in last} == {Act.ACK}
