"""The media type that a file's name and its attachment type promise. Whoever sees the bytes knows better."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MEDIA_TYPES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "image": {
            "gif": "image/gif",
            "jpeg": "image/jpeg",
            "jpg": "image/jpeg",
            "png": "image/png",
            "webp": "image/webp",
        },
        "video": {"3gp": "video/3gpp", "mov": "video/quicktime", "mp4": "video/mp4", "webm": "video/webm"},
        # Messenger records voice clips into MP4 containers: their type is that of the attachment, not of the suffix.
        "audio": {
            "aac": "audio/aac",
            "amr": "audio/amr",
            "m4a": "audio/mp4",
            "mp3": "audio/mpeg",
            "mp4": "audio/mp4",
            "mpeg": "audio/mpeg",
            "oga": "audio/ogg",
            "ogg": "audio/ogg",
            "wav": "audio/wav",
        },
        "file": {
            "csv": "text/csv",
            "doc": "application/msword",
            "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "pdf": "application/pdf",
            "ppt": "application/vnd.ms-powerpoint",
            "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "rtf": "application/rtf",
            "txt": "text/plain",
            "xls": "application/vnd.ms-excel",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "zip": "application/zip",
        },
    }
)
"""Attachment type → suffix in lower case → media type (https://www.iana.org/assignments/media-types)."""


def media_type(attachment_type: str, name: str) -> str:
    """The media type of a file of this name; empty if the table does not say."""
    _, dot, suffix = name.rpartition(".")
    return MEDIA_TYPES.get(attachment_type, {}).get(suffix.lower(), "") if dot else ""
