from __future__ import annotations

import unicodedata

from connector_cli.demo.cast import PEOPLE, REPLIES, SCENES, TERMS, replies_to

TEXTS = [line.text for scene in SCENES for line in scene.lines]


def test_every_line_of_the_script_has_its_answer() -> None:
    assert set(TEXTS) == set(REPLIES)


def test_everybody_who_speaks_is_in_the_cast() -> None:
    assert {line.person.psid for scene in SCENES for line in scene.lines} == set(PEOPLE)


def test_the_script_shows_what_is_hard() -> None:
    names = " ".join(unicodedata.name(character, "") for character in "".join(TEXTS))

    assert any(len(scene.lines) > 1 for scene in SCENES), "two customers at once"
    assert any(scene.twice for scene in SCENES), "a repeated webhook"
    assert any(reply.quotes for replies in REPLIES.values() for reply in replies), "a quoted reply"
    for script in ("CYRILLIC", "ARABIC", "ZERO WIDTH JOINER", "EMOJI MODIFIER"):
        assert script in names


def test_the_long_answer_is_two_messages() -> None:
    assert 2000 < len(TERMS.encode("utf-16-le")) // 2 < 2 * 1999


def test_what_nobody_foresaw_is_answered_too() -> None:
    (reply,) = replies_to("something typed")

    assert reply.quotes
    assert "15 characters" in reply.text
