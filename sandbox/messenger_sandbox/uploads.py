"""Attachments that the page handed over, by the ids that later sends may name.

An id belongs to the page that uploaded and lives 90 days. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/attachment-upload-api
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.media.shelf import MediaFile

LIFETIME_MS: Final = 90 * DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    attachment_id: str
    page_id: str
    kind: str
    """The attachment type it was uploaded as."""
    file: MediaFile
    sha256: str
    at_ms: int

    def shown(self) -> dict[str, Any]:
        """What the customer sees of it, for the journal."""
        return {
            "type": self.kind,
            "attachment_id": self.attachment_id,
            "name": self.file.name,
            "mime_type": self.file.content_type,
            "size_bytes": self.file.size_bytes,
            "sha256": self.sha256,
        }


class Uploads:
    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}

    def add(self, upload: Upload) -> Upload:
        self._uploads[upload.attachment_id] = upload
        return upload

    def find(self, page_id: str, attachment_id: str, now_ms: int) -> Upload | None:
        """None for an unknown id, one of another page, or one whose time is over."""
        upload = self._uploads.get(attachment_id)
        lives = upload is not None and upload.page_id == page_id and now_ms - upload.at_ms < LIFETIME_MS
        return upload if lives else None
