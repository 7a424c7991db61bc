"""A file that somebody hands over: its bytes, what it is called, and what its first bytes say it is. Pure.

Formats are told by their signatures, as any receiver does that does not trust a name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

IMAGE: Final = frozenset({"image"})
VIDEO: Final = frozenset({"video"})
AUDIO: Final = frozenset({"audio"})
FILM_OR_SOUND: Final = VIDEO | AUDIO
"""Containers that hold either."""
NEITHER: Final[frozenset[str]] = frozenset()

SIGNATURES: Final[tuple[tuple[int, bytes, frozenset[str]], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", IMAGE),
    (0, b"\xff\xd8\xff", IMAGE),
    (0, b"GIF8", IMAGE),
    (8, b"WEBP", IMAGE),
    (0, b"BM", IMAGE),
    (8, b"AVI ", VIDEO),
    (8, b"WAVE", AUDIO),
    (4, b"ftypM4A", AUDIO),
    (4, b"ftypqt", VIDEO),
    (4, b"ftyp", FILM_OR_SOUND),
    (0, b"\x1a\x45\xdf\xa3", FILM_OR_SOUND),
    (0, b"OggS", FILM_OR_SOUND),
    (0, b"FLV\x01", VIDEO),
    (0, b"ID3", AUDIO),
    (0, b"#!AMR", AUDIO),
    (0, b"\xff\xf1", AUDIO),
    (0, b"\xff\xf9", AUDIO),
    (0, b"\xff\xfb", AUDIO),
    (0, b"\xff\xf3", AUDIO),
)
"""Offset, bytes that stand there, attachment types that fit; the first row that matches counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    data: bytes = field(repr=False)
    name: str | None = None
    mime_type: str = ""
    """As declared by whoever hands it over, without parameters; empty if nothing is."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def fits(self) -> frozenset[str]:
        """The attachment types this content can be; besides these everything is a file."""
        matches = (kinds for offset, mark, kinds in SIGNATURES if self.data.startswith(mark, offset))
        return next(matches, NEITHER)
