from __future__ import annotations

from dataclasses import replace

import pytest

from cim_messenger.outbound import PartKind
from facebook_connector.sending.reconciliation import (
    CLOCKS_DIFFER_MS,
    Absent,
    Claims,
    ConversationView,
    Found,
    SeenMessage,
    Undecided,
    find,
)
from tests.support.lane_situations import NOW, part

CLAIMS = Claims(begin_time_ms=NOW, claimed=frozenset())
PART = part()
OURS = SeenMessage(mid="m_1", of_page=True, time_ms=NOW + 500, text="part 0", bare=True)
CUSTOMERS = SeenMessage(mid="m_0", of_page=False, time_ms=NOW - 1_000, text="part 0", bare=True)
PICTURE = replace(OURS, mid="m_2", text="", bare=False)


def view(*messages: SeenMessage, complete: bool = True) -> ConversationView:
    return ConversationView(messages=messages, complete=complete)


def test_the_one_message_of_the_page_with_its_text_is_it() -> None:
    assert find(PART, view(OURS, CUSTOMERS), CLAIMS) == Found(mid="m_1")


def test_facebook_may_trim_blanks() -> None:
    assert find(PART, view(replace(OURS, text=" part  0\n")), CLAIMS) == Found(mid="m_1")


def test_a_conversation_without_it_says_that_it_is_absent() -> None:
    assert find(PART, view(CUSTOMERS), CLAIMS) == Absent()


def test_what_another_part_claims_is_not_it() -> None:
    assert find(PART, view(OURS), replace(CLAIMS, claimed={"m_1"})) == Absent()


def test_what_was_said_well_before_the_call_is_not_it() -> None:
    before = replace(OURS, time_ms=NOW - CLOCKS_DIFFER_MS - 1)
    assert find(PART, view(before), CLAIMS) == Absent()


def test_what_a_slow_clock_of_facebook_dates_before_the_call_is_it() -> None:
    assert find(PART, view(replace(OURS, time_ms=NOW - CLOCKS_DIFFER_MS)), CLAIMS) == Found(mid="m_1")


def test_two_equal_candidates_decide_nothing() -> None:
    assert isinstance(find(PART, view(OURS, replace(OURS, mid="m_3")), CLAIMS), Undecided)


def test_a_view_that_does_not_reach_back_past_the_call_decides_nothing() -> None:
    late = replace(CUSTOMERS, time_ms=NOW)
    assert isinstance(find(PART, view(late, complete=False), CLAIMS), Undecided)


def test_a_view_that_reaches_back_past_the_call_may_be_incomplete() -> None:
    early = replace(CUSTOMERS, time_ms=NOW - CLOCKS_DIFFER_MS - 1)
    assert find(PART, view(early, complete=False), CLAIMS) == Absent()


@pytest.mark.parametrize("kind", [PartKind.MEDIA, PartKind.IMAGES, PartKind.STICKER])
def test_media_are_told_by_there_being_more_than_text(kind: PartKind) -> None:
    medium = part(kind=kind)
    assert find(medium, view(PICTURE, replace(OURS, text="other words")), CLAIMS) == Found(mid="m_2")
    assert find(medium, view(OURS), CLAIMS) == Absent()
    assert isinstance(find(medium, view(PICTURE, replace(PICTURE, mid="m_3")), CLAIMS), Undecided)


def test_a_text_is_no_picture() -> None:
    assert find(PART, view(PICTURE), CLAIMS) == Absent()


@pytest.mark.parametrize("kind", [PartKind.TEMPLATE, PartKind.UTILITY, PartKind.RAW])
def test_cards_may_be_any_message_of_the_page(kind: PartKind) -> None:
    card = part(kind=kind)
    assert find(card, view(PICTURE), CLAIMS) == Found(mid="m_2")
    assert find(card, view(CUSTOMERS), CLAIMS) == Absent()
    assert isinstance(find(card, view(OURS), CLAIMS), Undecided)
