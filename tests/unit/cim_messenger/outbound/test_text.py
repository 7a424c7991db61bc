from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim_messenger.outbound import limits
from cim_messenger.outbound.limits import utf16_units
from cim_messenger.outbound.text import cut

FAMILY = "👩‍👩‍👧‍👦"


def test_what_fits_is_not_cut() -> None:
    assert cut("x" * 20, limits.BUTTON_TITLE) == "x" * 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 21, "x" * 19 + "…"),
        ("Wednesday, 2 December, morning", "Wednesday, 2 Decemb…"),
        ("ends in blanks      and more", "ends in blanks…"),
        (FAMILY * 2, FAMILY + "…"),
    ],
)
def test_a_longer_one_is_cut_between_characters_and_marked(text: str, shown: str) -> None:
    assert cut(text, limits.BUTTON_TITLE) == shown


@given(st.text(min_size=1))
def test_a_cut_text_always_fits(text: str) -> None:
    assert utf16_units(cut(text, limits.BUTTON_TITLE)) <= 20
