from __future__ import annotations

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cim_messenger.outbound.limits import utf16_units
from cim_messenger.outbound.split import LinkTooLongError, split_text

FAMILY = "👩‍👩‍👧‍👦"
FLAG = "🇵🇰"
LINK = "https://shop.example/orders/4711?lang=en&from=chat#items"

CHARACTERS = st.sampled_from(
    [
        "a",
        "word ",
        "\n",
        "  ",
        "مرحبا",
        " سلام ",
        "न",
        "क्षि",
        "你",
        "。",
        "e\u0301",
        "🙂",
        FAMILY,
        FLAG,
        "\r\n",
        LINK,
        ".",
    ]
)


def graphemes(text: str) -> list[str]:
    return regex.findall(r"\X", text)


def test_a_text_within_the_limit_stays_whole() -> None:
    assert split_text("a" * 10, 10) == ("a" * 10,)


def test_the_limit_counts_utf16_units() -> None:
    assert split_text("🙂🙂🙂", 4) == ("🙂🙂", "🙂")


def test_a_cut_falls_after_a_blank() -> None:
    assert split_text("one two three", 9) == ("one two ", "three")


def test_without_blanks_a_cut_falls_between_words() -> None:
    assert split_text("alpha-beta-gamma", 12) == ("alpha-beta-", "gamma")


def test_a_cut_never_falls_before_a_punctuation_mark() -> None:
    assert split_text("你好世界。再见", 4) == ("你好世", "界。再见")


def test_a_word_longer_than_the_limit_is_cut_between_characters() -> None:
    assert split_text("abcdefgh", 3) == ("abc", "def", "gh")


@pytest.mark.parametrize("character", [FAMILY, FLAG, "e\u0301", "क्षि"])
def test_a_character_of_several_code_points_stays_whole(character: str) -> None:
    assert split_text(character * 3, utf16_units(character) + 1) == (character,) * 3


def test_a_character_longer_than_the_limit_is_cut_between_code_points() -> None:
    assert "".join(split_text("a" + "\u0301" * 20, 5)) == "a" + "\u0301" * 20


def test_a_link_stays_whole() -> None:
    assert split_text(f"see:{LINK}.", len(LINK) + 1) == ("see:", f"{LINK}.")


def test_a_link_without_scheme_stays_whole() -> None:
    link = "www.shop.example/a-b-c"
    assert link in split_text(f"xxxx({link})", len(link))


def test_a_link_in_a_text_without_blanks_ends_where_its_ascii_ends() -> None:
    pieces = split_text(f"{LINK}{'你' * 300}", 200)
    assert pieces[0].startswith(LINK)
    assert len(pieces) == 2


def test_a_link_longer_than_the_limit_is_refused() -> None:
    with pytest.raises(LinkTooLongError) as raised:
        split_text("see https://shop.example/" + "a" * 100, 50)
    assert raised.value.units == 121


def test_a_piece_of_blanks_alone_is_left_out() -> None:
    assert split_text("a" + " " * 25 + "b", 10) == ("a" + " " * 9, " " * 6 + "b")


def test_twelve_thousand_characters_of_every_script_keep_all_their_characters() -> None:
    text = f"Hello {FAMILY} مرحبا بالعالم {FLAG}क्षि {LINK} 你好。" * 150
    pieces = split_text(text, 1999)
    assert "".join(pieces) == text
    assert all(utf16_units(piece) <= 1999 for piece in pieces)
    assert [g for piece in pieces for g in graphemes(piece)] == graphemes(text)


@settings(max_examples=300)
@given(st.lists(CHARACTERS, max_size=60), st.integers(min_value=70, max_value=120))
@example(["\r\n"], 70)
def test_pieces_keep_the_limit_the_characters_and_the_links(characters: list[str], limit: int) -> None:
    text = "".join(characters)
    if any(utf16_units(run) > limit for run in regex.findall(r"https[!-~]+", text)):
        return
    pieces = split_text(text, limit)
    assert all(utf16_units(piece) <= limit for piece in pieces)
    if "".join(pieces) == text:
        assert [g for piece in pieces for g in graphemes(piece)] == graphemes(text)
        assert sum(piece.count(LINK) for piece in pieces) == text.count(LINK)
    else:
        assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_text_of_three_megabytes_is_split_in_reasonable_time() -> None:
    assert len(split_text("word " * 200_000, 1999)) == 502
