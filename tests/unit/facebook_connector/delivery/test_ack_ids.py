from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facebook_connector.delivery import ack_ids
from facebook_connector.delivery.values import AckToken

LARGE = st.integers(0, 2**63 - 1)
SMALL = st.integers(0, 2**32 - 1)
ATTEMPTS = st.integers(0, 2**31 - 1)
TOKENS = st.builds(AckToken, subscription_id=SMALL, key_id=LARGE, seq=LARGE, attempt=ATTEMPTS, epoch=LARGE)
TOKEN = AckToken(subscription_id=1, key_id=2, seq=3, attempt=4, epoch=5)


@given(TOKENS, SMALL)
def test_an_id_says_what_was_put_into_it(token: AckToken, size: int) -> None:
    assert ack_ids.decode(ack_ids.encode(token, size)) == ack_ids.AckId(token=token, size=size)


@pytest.mark.parametrize("number", ["key_id", "seq", "epoch", "attempt"])
def test_a_made_up_id_with_a_number_that_no_database_holds_is_unknown(number: str) -> None:
    too_large = 2**31 if number == "attempt" else 2**63

    assert ack_ids.decode(ack_ids.encode(replace(TOKEN, **{number: too_large}), 6)) is None


@given(TOKENS, SMALL)
def test_an_id_is_56_url_safe_characters(token: AckToken, size: int) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{56}", ack_ids.encode(token, size))


def test_the_form_of_an_id_stays_over_releases() -> None:
    # A client may come back to a newer server with ids of the older one.
    expected = ack_ids.AckId(token=TOKEN, size=6)

    assert ack_ids.decode("AQAAAAEAAAAAAAAAAgAAAAAAAAADAAAABAAAAAAAAAAFAAAABhWGHNSL") == expected


@given(st.integers(0, 55), st.sampled_from("ABab01_-"))
def test_an_id_with_another_character_is_unknown(place: int, other: str) -> None:
    text = ack_ids.encode(TOKEN, 6)
    changed = text[:place] + other + text[place + 1 :]

    assert (ack_ids.decode(changed) is None) == (changed != text)


@pytest.mark.parametrize("text", ["", "A", "A" * 55, "A" * 57, "=" * 56, "é" * 56, "A" * 55 + "\n"])
def test_what_is_no_id_is_unknown(text: str) -> None:
    assert ack_ids.decode(text) is None


@given(st.text(max_size=70))
def test_no_text_raises(text: str) -> None:
    ack_ids.decode(text)
