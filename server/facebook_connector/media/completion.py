"""Writes into a message what became of its medium: pure.

The link of a message is our own from the beginning. A place with links of its own puts them in its stead.
"""

from __future__ import annotations

from dataclasses import dataclass

from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody
from expertflow.connector.v1.messenger_context_pb2 import (
    MEDIA_STATE_FAILED,
    MEDIA_STATE_STORED,
    MessengerContext,
)
from facebook_connector.media.sniff import SUFFIXES, Kind
from facebook_connector.media.wanted import ATTACHED
from facebook_connector.store.media.values import MediaResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a download ended, and what stands in the message for it."""

    result: MediaResult
    link: str = ""
    """Where everybody may read the bytes; empty: under our own link alone."""
    stored_name: str = ""
    """What the place with that link calls them."""
    notice: str = ""
    """Text in place of a medium that has no bytes; empty: the medium stays, with our own link."""


def complete(message: bytes, context: bytes, ending: Ending) -> tuple[bytes, bytes]:
    """A message and its context, both serialized, with the medium's end in them."""
    cim, told = CimMessage.FromString(message), MessengerContext.FromString(context)
    reason = ending.result.reason
    told.media.state = MEDIA_STATE_FAILED if reason else MEDIA_STATE_STORED
    told.media.failure_reason = reason
    if not reason:
        _describe(cim.body, ending)
    elif ending.notice:
        _replace(cim.body, ending.notice)
    return cim.SerializeToString(deterministic=True), told.SerializeToString(deterministic=True)


def _describe(body: MessageBody, ending: Ending) -> None:
    content, result = body.WhichOneof("content"), ending.result
    if content == Kind.STICKER.value and ending.link:
        body.sticker.media_url = ending.link
    if content not in ATTACHED:
        return
    attachment = getattr(body, str(content)).attachment
    attachment.mime_type = result.mime_type
    attachment.size = result.size or 0
    attachment.media_name = ending.stored_name or result.name
    if not attachment.media_label:
        attachment.media_label = result.name
    if ending.link:
        attachment.media_url = ending.link
        attachment.thumbnail = ""  # as CCM's other connectors have it: nobody makes smaller pictures


def _replace(body: MessageBody, text: str) -> None:
    said = body.markdown_text
    body.Clear()
    body.type = "PLAIN"
    body.markdown_text = f"{said}\n{text}" if said else text
    body.plain.SetInParent()


def name_of(name: str, kind: Kind, mime_type: str) -> str:
    """The name that a medium is kept under: its own, or its kind with the suffix of its type."""
    if name and "." in name:
        return name
    suffix = SUFFIXES.get(mime_type, "")
    return ".".join(filter(None, (name or kind.value, suffix)))
