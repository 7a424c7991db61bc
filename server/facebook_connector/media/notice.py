"""What an agent reads in place of a medium that has no link of its own, because there are no bytes: pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from facebook_connector.media.sniff import Kind

MEGABYTE: Final = 1_000_000

WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.IMAGE: "an image",
        Kind.VIDEO: "a video",
        Kind.AUDIO: "an audio message",
        Kind.FILE: "a file",
        Kind.STICKER: "a sticker",
    }
)

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "STORE_REFUSED": "the file store does not take it",
        "STORE": "the file store could not be reached for a day",
        "URL_EXPIRED": "Facebook does not give it any more",
        "NOT_FOUND": "Facebook does not have it any more",
    }
)
"""Reason of `MediaStatus` → words; all others are told as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A medium without bytes."""

    kind: Kind
    name: str
    """Empty: it has none."""
    reason: str
    size: int | None = None
    """In bytes, if it was the reason and is known."""


Notice = Callable[[Lost], str]
"""Makes the text that stands in a message in place of its medium."""


def notice_under(max_bytes: int) -> Notice:
    """For a place that takes files of at most so many bytes."""

    def notice(lost: Lost) -> str:
        what = f"The customer sent {WORDS[lost.kind]}{f': {lost.name}' if lost.name else ''}"
        if lost.reason == "TOO_LARGE":
            most = megabytes(max_bytes)
            size = f"{megabytes(lost.size)}; at most {most}" if lost.size else f"more than {most}"
            return f"{what} ({size} can be kept)."
        return f"{what}. It cannot be shown: {REASONS.get(lost.reason, lost.reason)}."

    return notice


def megabytes(size: int) -> str:
    """As the File Engine's own setting counts, to a tenth; never rounded down to the limit it exceeds."""
    tenths = -(-size * 10 // MEGABYTE)
    return f"{tenths // 10}.{tenths % 10} MB" if tenths % 10 else f"{tenths // 10} MB"
