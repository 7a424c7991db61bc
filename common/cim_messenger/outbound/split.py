"""Cuts a long text into pieces of which each fits into one Messenger message.

A cut never falls into a URL or between the code points of what a reader sees as one character (an emoji family, a
flag, a letter with its accents), and falls between words where it can. Nothing is added or taken away: the pieces
joined are the text, except that a piece of nothing but blanks is left out, because Messenger takes no such message.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import regex

from cim_messenger.outbound.limits import utf16_units

Span = tuple[int, int]
"""Start and end offsets of a stretch that must stay whole."""

_GRAPHEME = regex.compile(r"\X")
_WORD_START = regex.compile(r"(?w)\b(?!\p{P})")
"""Between words by Unicode's rules, which also know scripts without blanks; never before a punctuation mark."""
_LINK_START = r"(?i)(?:[a-z][a-z0-9+.-]{0,30}://|www\.)"
_LINK = regex.compile(_LINK_START + r"[^\s\p{Ps}\p{Pe}\p{Pi}\p{Pf}、。，；：！？]+")
"""A link as a reader sees it, letters of every script included; ends at blanks, brackets and ideographic marks."""
_ASCII_LINK = regex.compile(_LINK_START + r"[a-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
"""A link by the letter of RFC 3986: where text without blanks follows a link, only this tells where it ends."""


class LinkTooLongError(ValueError):
    """A link is longer than one message may be, so it could only be sent broken. `units`: its length."""

    def __init__(self, units: int) -> None:
        super().__init__(f"a link of {units} UTF-16 units does not fit into one message")
        self.units = units


def split_text(text: str, limit: int) -> tuple[str, ...]:
    """The text in pieces of at most `limit` UTF-16 units. Raises `LinkTooLongError`."""
    if utf16_units(text) <= limit:
        return (text,)
    return tuple(piece for piece in _pieces(text, limit, tuple(_links(text, limit))) if piece.strip())


def _pieces(text: str, limit: int, links: Sequence[Span]) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = _cut(text, start, _furthest(text, start, limit), links)
        yield text[start:end]
        start = end


def _cut(text: str, start: int, furthest: int, links: Sequence[Span]) -> int:
    """Where the piece from `start` ends: after the last blank, else after the last word, else after a character."""
    if furthest == len(text):
        return furthest
    borders = [offset for offset in _characters(text, start, furthest) if not _inside(offset, links)]
    borders.reverse()
    after_blank = next((offset for offset in borders if text[offset - 1].isspace()), None)
    if after_blank is not None:
        return after_blank
    word = next((offset for offset in borders if _WORD_START.match(text, offset)), None)
    return word or next(iter(borders), furthest)


def _characters(text: str, start: int, furthest: int) -> Iterator[int]:
    """The ends of the characters as readers see them, up to `furthest`."""
    for match in _GRAPHEME.finditer(text, start):
        if match.end() > furthest:
            return
        yield match.end()


def _furthest(text: str, start: int, limit: int) -> int:
    """The end of the longest piece from `start` that keeps the limit; at least one code point."""
    units, end = 0, start
    while end < len(text) and (units := units + utf16_units(text[end])) <= limit:
        end += 1
    return max(end, start + 1)


def _inside(offset: int, links: Sequence[Span]) -> bool:
    following = bisect_left(links, (offset, 0))
    return following > 0 and offset < links[following - 1][1]


def _links(text: str, limit: int) -> Iterator[Span]:
    """What must stay whole, in order."""
    for match in _LINK.finditer(text):
        if utf16_units(match.group()) <= limit:
            yield match.span()
            continue
        for strict in _ASCII_LINK.finditer(text, *match.span()):
            if (units := utf16_units(strict.group())) > limit:
                raise LinkTooLongError(units)
            yield strict.span()
