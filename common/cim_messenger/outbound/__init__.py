"""CIM → Messenger: one CIM message becomes the Send API messages it is made of, or a refusal with its reason."""

from __future__ import annotations

from cim_messenger.outbound.payloads import message_of, read_part, written_part
from cim_messenger.outbound.render import render
from cim_messenger.outbound.values import (
    DEFAULT_EDITED_MARKER,
    DEFAULT_PROMPT,
    Action,
    MediaKind,
    MediaReference,
    Part,
    PartKind,
    Quote,
    Refusal,
    Rendered,
    Result,
    Rules,
    UploadedMedia,
    Warned,
)

__all__ = [
    "DEFAULT_EDITED_MARKER",
    "DEFAULT_PROMPT",
    "Action",
    "MediaKind",
    "MediaReference",
    "Part",
    "PartKind",
    "Quote",
    "Refusal",
    "Rendered",
    "Result",
    "Rules",
    "UploadedMedia",
    "Warned",
    "message_of",
    "read_part",
    "render",
    "written_part",
]
