"""What can go wrong when a file is fetched: one row per fault.

A fault belongs to a file and happens to its next fetches. The bytes that were promised may never start, come slowly,
stop, be cut off, be others than they are called, or lie somewhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Ending(StrEnum):
    """What follows the bytes that are sent."""

    WHOLE = "whole"
    SILENCE = "silence"
    """The connection stays open and nothing more comes."""
    CUT = "cut"
    """The connection is closed although more was promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFault:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """Added to the usual ones, or instead of them."""
    body: bytes | None = None
    """Served instead of the file's own bytes."""
    hangs: bool = False
    """Not even a status comes."""
    sent_share: float = 1.0
    """The share of the bytes that are sent, 0 to 1."""
    ending: Ending = Ending.WHOLE
    takes_s: float = 0
    """How long the body is on its way, in pieces that are evenly spread."""
    tells_length: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.sent_share <= 1:
            raise ValueError("a share is 0 to 1")


_HTML: Final = b"<!DOCTYPE html><html><head><title>Facebook</title></head><body>Log in to continue</body></html>"


def redirect_to(location: str, *, status: int = 302) -> MediaFault:
    """Sends whoever fetches to another address."""
    return MediaFault(status=status, headers={"location": location}, body=b"")


MEDIA_FAULTS: Mapping[str, MediaFault] = MappingProxyType(
    {
        "hanging": MediaFault(hangs=True),
        "stalled": MediaFault(sent_share=0.5, ending=Ending.SILENCE),
        "slow": MediaFault(takes_s=10),
        "truncated": MediaFault(sent_share=0.5, ending=Ending.CUT),
        "cut_after_headers": MediaFault(sent_share=0, ending=Ending.CUT),
        "not_found": MediaFault(status=404, body=b"Content not found"),
        "gone": MediaFault(status=410, body=b""),
        "forbidden": MediaFault(status=403, body=b"Forbidden"),
        "too_many_requests": MediaFault(status=429, headers={"retry-after": "1"}, body=b""),
        "server_error": MediaFault(status=500, body=b""),
        "unavailable": MediaFault(status=503, headers={"retry-after": "1"}, body=b""),
        "wrong_type": MediaFault(headers={"content-type": "text/html; charset=utf-8"}, body=_HTML),
        "mislabelled": MediaFault(headers={"content-type": "text/html; charset=utf-8"}),
        "no_type": MediaFault(headers={"content-type": ""}),
        "no_length": MediaFault(tells_length=False),
        "empty": MediaFault(body=b""),
        "to_cloud_metadata": redirect_to("http://169.254.169.254/latest/meta-data/"),
        "to_loopback": redirect_to("http://127.0.0.1:1/private"),
        "to_another_site": redirect_to("https://files.example/p.jpg", status=301),
    }
)
"""By name; `redirect_to` makes a further one for any address."""
