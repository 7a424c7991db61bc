from __future__ import annotations

import unicodedata

from connector_cli.demo.cast import PEOPLE, REPLIES, SCENES, TERMS, Deed, replies_to

ACTS = [act for scene in SCENES for act in scene.acts]
TEXTS = [act.text for act in ACTS]
WITHOUT_TEXT = {Deed.SENDS_PICTURES: "IMAGE", Deed.SENDS_STICKER: "STICKER"}
"""Deeds that are answered by the kind of what arrives last."""


def test_everything_in_the_script_that_calls_for_an_answer_has_one() -> None:
    assert {WITHOUT_TEXT.get(act.deed, act.text) for act in ACTS if act.deed is not Deed.REACTS} == set(REPLIES)


def test_the_script_shows_every_deed() -> None:
    assert {act.deed for act in ACTS} == set(Deed)


def test_nobody_reacts_twice() -> None:
    # A reaction is counted by its author.
    authors = [act.person.psid for act in ACTS if act.deed is Deed.REACTS]

    assert len(authors) == len(set(authors))


def test_everybody_who_speaks_is_in_the_cast() -> None:
    assert {act.person.psid for act in ACTS} == set(PEOPLE)


def test_the_script_shows_what_is_hard() -> None:
    names = " ".join(unicodedata.name(character, "") for character in "".join(TEXTS))

    assert any(len(scene.acts) > 1 for scene in SCENES), "two customers at once"
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
