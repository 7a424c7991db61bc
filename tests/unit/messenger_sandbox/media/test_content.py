from __future__ import annotations

import pytest

from messenger_sandbox.media.content import AUDIO, FILM_OR_SOUND, IMAGE, NEITHER, SIGNATURES, VIDEO, Content
from messenger_sandbox.media.kinds import MEDIA_ROWS

MADE = {
    "png": IMAGE,
    "jpeg": IMAGE,
    "gif": IMAGE,
    "sticker": IMAGE,
    "mp4": FILM_OR_SOUND,
    "3gp": FILM_OR_SOUND,
    "voice_clip": FILM_OR_SOUND,
    "m4a": AUDIO,
    "aac": AUDIO,
    "amr": AUDIO,
    "mp3": AUDIO,
    "ogg": FILM_OR_SOUND,
    "pdf": NEITHER,
    "bytes": NEITHER,
}


@pytest.mark.parametrize("kind", MEDIA_ROWS)
def test_what_the_sandbox_makes_is_told_by_its_first_bytes(kind: str) -> None:
    assert Content(data=MEDIA_ROWS[kind].build(b"label")).fits == MADE[kind]


@pytest.mark.parametrize(("offset", "mark", "kinds"), SIGNATURES)
def test_every_signature_is_found(offset: int, mark: bytes, kinds: frozenset[str]) -> None:
    assert Content(data=bytes(offset) + mark + bytes(8)).fits == kinds


def test_a_film_for_quicktime_is_no_sound() -> None:
    assert Content(data=b"\0\0\0\x14ftypqt  ").fits == VIDEO


def test_the_digest_is_that_of_the_bytes() -> None:
    assert Content(data=b"abc").sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
