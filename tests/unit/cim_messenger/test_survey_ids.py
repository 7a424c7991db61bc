from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cim_messenger.survey_ids import MAX_LENGTH, tied, untied

QUESTIONS = st.from_regex(re.compile(r"[A-Za-z0-9_]{0,20}[A-Za-z0-9]", re.ASCII), fullmatch=True)


@given(QUESTIONS, st.text(min_size=1, max_size=10))
def test_an_answer_names_the_message_that_asked(question: str, cim_id: str) -> None:
    wire_id = tied(question, cim_id)
    assume(len(wire_id) <= MAX_LENGTH)
    assert re.fullmatch(r"[A-Za-z0-9_]+", wire_id, re.ASCII)
    assert untied(wire_id) == (question, cim_id)


def test_the_usual_ids_of_cim_leave_room_for_the_question() -> None:
    assert tied("csat_1", "6a0f4d2be4b0a1b2c3d4e5f6") == "csat_1__fbc__6a0f4d2be4b0a1b2c3d4e5f6"
    assert len(tied("q" * 29, "5d1c1f0e-3b63-4a6e-9f2b-0d4c1f0aa111")) <= 80


@pytest.mark.parametrize(
    "wire_id", ["csat_1", "csat__speed", "a__fbc__", "__fbc__a", "a__fbc__b_", "a__fbc___ff", "q__fbc__x_ff"]
)
def test_a_question_of_another_app_stays_as_it_is(wire_id: str) -> None:
    assert untied(wire_id) == (wire_id, "")
