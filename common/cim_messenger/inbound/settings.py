"""What an installation may choose about the translation of Facebook's events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MediaLink = Callable[[str], str]
"""Gives the lasting link of the media in the CIM message with this id. Each part of a message has an id of its own."""

DEFAULT_SENDER_ID: Final = "3f0d6f8e-5a0e-4a53-9d0c-6f3c7f1b2a10"
DEFAULT_SENDER_NAME: Final = "FACEBOOK_CONNECTOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatorSettings:
    """Fixed for a process: the same webhook under the same settings gives the same bytes."""

    media_link: MediaLink
    sender_id: str = DEFAULT_SENDER_ID
    """`header.sender.id` of what customers write; not blank."""
    sender_name: str = DEFAULT_SENDER_NAME
    """`header.sender.senderName` of what customers write."""
    reactions_as_text: bool = False
    """True: a reaction is PLAIN `reacted ❤` that quotes its message. False: CUSTOM with `kind` `reaction`."""


def media_links_under(base_url: str) -> MediaLink:
    """Links of the form `<base_url>/media/<message id>`; `base_url` has scheme, host and, if need be, a path."""
    base = base_url.rstrip("/")
    return lambda message_id: f"{base}/media/{message_id}"
