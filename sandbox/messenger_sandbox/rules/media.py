"""Rules on the bytes of an attachment: size, type against content, name. The sandbox judges what it really got.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/attachment-upload-api.
Meta says MB and not what they are; the smaller, decimal ones are the strictest reading.
"""

from __future__ import annotations

from typing import Final

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.media.content import Content
from messenger_sandbox.rules.limits import LIMITS

_UNDECLARED: Final = frozenset({"", "application/octet-stream"})


def most_bytes(kind: str, *, by_url: bool) -> int:
    return LIMITS["image_by_url.bytes" if by_url and kind == "image" else "attachment.bytes"].most


def content_fault(kind: str, content: Content, *, by_url: bool) -> GraphError | None:
    """Judges content that is to be sent as this attachment type."""
    if len(content.data) > most_bytes(kind, by_url=by_url):
        return refusal(ErrorName.ATTACHMENT_TOO_LARGE)
    if not content.data:
        return refusal(ErrorName.UPLOAD_FAILED)
    if not (content.name or "").isascii():
        return refusal(ErrorName.UPLOAD_FAILED, "Upload attachment failure. File names must be ASCII")
    declared = content.mime_type.partition("/")[0]
    mislabelled = content.mime_type not in _UNDECLARED and declared != kind
    if kind != "file" and (mislabelled or kind not in content.fits):
        return refusal(ErrorName.UPLOAD_FAILED)
    return None
