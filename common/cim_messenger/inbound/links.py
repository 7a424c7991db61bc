"""Links as Facebook writes them: wrapped in redirects, relative, or no links at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from cim_messenger.inbound.fields import optional_text

FACEBOOK: Final = "https://www.facebook.com"
"""What relative links (`/reel/<id>/`) are relative to."""

REDIRECT_HOSTS: Final = frozenset({"l.facebook.com", "lm.facebook.com", "l.messenger.com", "l.instagram.com"})
"""Hosts whose `/l.php?u=<link>` leads to the link itself."""

_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")
_TRACKER = re.compile(r"(?<=[?&])fbclid=[^&#]*&?")
_DECORATION = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link and its title; either may be empty."""

    url: str
    title: str

    def is_all_of(self, text: str) -> bool:
        """Whether a text says nothing but this link or its title."""
        said = text.strip()
        return said == self.title.strip() or (bool(self.url) and _bare(said) == _bare(self.url))

    def stands_in(self, text: str) -> bool:
        """Whether the link, however decorated, is part of a text."""
        bare = _bare(self.url)
        return bool(bare) and bare in text.lower()


def link_from(address: str, title: str) -> Link:
    """Makes the link usable: redirects off, relative made absolute, anything that is no web address left empty."""
    return Link(url=_unwrapped(web_address(address)), title=title)


def web_address(text: str) -> str:
    """An absolute http or https address; empty if the text is none."""
    address = text.strip()
    if address.startswith("/") and not address.startswith("//"):
        address = FACEBOOK + address
    if _UNPRINTABLE.search(address):
        return ""
    parts = _split(address)
    return address if parts and parts.scheme in {"http", "https"} and parts.hostname else ""


def file_name(address: str) -> str:
    """The last segment of a web address's path, decoded; empty if the path ends in a slash."""
    parts = _split(address)
    segment = parts.path.rpartition("/")[2] if parts else ""
    return optional_text(unquote(segment)) or ""


def _unwrapped(address: str) -> str:
    parts = _split(address)
    if parts is None or parts.hostname not in REDIRECT_HOSTS or parts.path != "/l.php":
        return address
    targets = parse_qs(parts.query).get("u", [])
    target = web_address(targets[0]) if targets else ""
    return _TRACKER.sub("", target).rstrip("?&") if target else address


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.hostname
    except ValueError:  # a bracket that is no IPv6 address, a host that Unicode normalisation would change
        return None
    return parts


def _bare(address: str) -> str:
    """Without what people leave out when they type a link."""
    return _DECORATION.sub("", address.strip()).rstrip("/").lower()
