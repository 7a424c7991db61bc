"""Writes into a message what became of its medium: pure."""

from __future__ import annotations

from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.messenger_context_pb2 import (
    MEDIA_STATE_FAILED,
    MEDIA_STATE_STORED,
    MessengerContext,
)
from facebook_connector.media.sniff import SUFFIXES, Kind
from facebook_connector.media.wanted import ATTACHED
from facebook_connector.store.media.values import MediaResult


def complete(message: bytes, context: bytes, result: MediaResult) -> tuple[bytes, bytes]:
    """A message and its context, both serialized, with the medium's end in them."""
    cim, told = CimMessage.FromString(message), MessengerContext.FromString(context)
    told.media.state = MEDIA_STATE_FAILED if result.reason else MEDIA_STATE_STORED
    told.media.failure_reason = result.reason
    content = cim.body.WhichOneof("content")
    if not result.reason and content in ATTACHED:
        attachment = getattr(cim.body, str(content)).attachment
        attachment.mime_type = result.mime_type
        attachment.size = result.size or 0
        attachment.media_name = result.name
        if not attachment.media_label:
            attachment.media_label = result.name
    return cim.SerializeToString(deterministic=True), told.SerializeToString(deterministic=True)


def name_of(name: str, kind: Kind, mime_type: str) -> str:
    """The name that a medium is kept under: its own, or its kind with the suffix of its type."""
    if name and "." in name:
        return name
    suffix = SUFFIXES.get(mime_type, "")
    return ".".join(filter(None, (name or kind.value, suffix)))
