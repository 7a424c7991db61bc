from __future__ import annotations

import pytest

from facebook_connector.media.notice import WORDS, Lost, megabytes, notice_under
from facebook_connector.media.sniff import Kind

NOTICE = notice_under(5_000_000)


def test_every_kind_has_a_word() -> None:
    assert set(WORDS) == set(Kind)


def test_what_is_too_large_is_told_with_name_and_size() -> None:
    lost = Lost(kind=Kind.FILE, name="Plan Küche.pdf", reason="TOO_LARGE", size=12_345_678)
    assert NOTICE(lost) == "The customer sent a file: Plan Küche.pdf (12.4 MB; at most 5 MB can be kept)."


def test_without_name_and_size_it_is_told_all_the_same() -> None:
    lost = Lost(kind=Kind.VIDEO, name="", reason="TOO_LARGE")
    assert NOTICE(lost) == "The customer sent a video (more than 5 MB can be kept)."


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("STORE_REFUSED", "the file store does not take it"),
        ("URL_EXPIRED", "Facebook does not give it any more"),
        ("TIMEOUT", "TIMEOUT"),
    ],
)
def test_what_is_lost_otherwise_is_told_with_the_reason(reason: str, words: str) -> None:
    lost = Lost(kind=Kind.IMAGE, name="1.png", reason=reason)
    assert NOTICE(lost) == f"The customer sent an image: 1.png. It cannot be shown: {words}."


@pytest.mark.parametrize(
    ("size", "told"),
    [(5_000_000, "5 MB"), (5_000_001, "5.1 MB"), (5_040_000, "5.1 MB"), (24_000_000, "24 MB"), (1, "0.1 MB")],
)
def test_megabytes_are_never_rounded_down(size: int, told: str) -> None:
    assert megabytes(size) == told
