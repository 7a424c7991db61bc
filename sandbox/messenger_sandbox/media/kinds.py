"""What media people send: one row per kind, with its attachment type, content type, place on the CDN and maker.

Meta documents no content types of its CDN; they follow from the extensions it gives its files, which is why a voice
clip (an MP4 with AAC in it) may well be served as video. Places and names are those of public captures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from messenger_sandbox.media import containers, documents, pictures, sounds

IMAGES: Final = "t1.15752-9"
STICKERS: Final = "t39.1997-6"
VIDEOS: Final = "t42.3356-2"
SOUNDS: Final = "t59.3654-21"
FILES: Final = "t59.2708-21"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRow:
    attachment_type: str
    """The type of the attachment that carries it."""
    content_type: str
    extension: str
    bucket: str
    """The part of the path that tells the CDN's kinds of media apart."""
    build: Callable[[bytes], bytes]
    """Makes the bytes; the argument is a label that makes them unlike any others."""
    name: str | None = None
    """The last segment of the path, if this kind has one; `{at_ms}` stands for the time it was sent."""


def _image(content_type: str, extension: str, build: Callable[[bytes], bytes], *, bucket: str = IMAGES) -> MediaRow:
    return MediaRow(attachment_type="image", content_type=content_type, extension=extension, bucket=bucket, build=build)


def _video(content_type: str, extension: str, build: Callable[[bytes], bytes]) -> MediaRow:
    return MediaRow(attachment_type="video", content_type=content_type, extension=extension, bucket=VIDEOS, build=build)


def _sound(content_type: str, extension: str, build: Callable[[bytes], bytes]) -> MediaRow:
    return MediaRow(
        attachment_type="audio",
        content_type=content_type,
        extension=extension,
        bucket=SOUNDS,
        build=build,
        name=f"audioclip-{{at_ms}}-2560.{extension}",
    )


def _file(content_type: str, extension: str, build: Callable[[bytes], bytes], name: str) -> MediaRow:
    return MediaRow(
        attachment_type="file",
        content_type=content_type,
        extension=extension,
        bucket=FILES,
        build=build,
        name=name,
    )


MEDIA_ROWS: Mapping[str, MediaRow] = MappingProxyType(
    {
        "png": _image("image/png", "png", pictures.png),
        "jpeg": _image("image/jpeg", "jpg", pictures.jpeg),
        "gif": _image("image/gif", "gif", pictures.gif),
        "sticker": _image("image/png", "png", pictures.png, bucket=STICKERS),
        "mp4": _video("video/mp4", "mp4", containers.mp4),
        "3gp": _video("video/3gpp", "3gp", containers.three_gp),
        "voice_clip": _sound("video/mp4", "mp4", containers.mp4),
        "m4a": _sound("audio/mp4", "m4a", containers.m4a),
        "aac": _sound("audio/aac", "aac", sounds.aac),
        "amr": _sound("audio/amr", "amr", sounds.amr),
        "mp3": _sound("audio/mpeg", "mp3", sounds.mp3),
        "ogg": _sound("audio/ogg", "ogg", sounds.ogg),
        "pdf": _file("application/pdf", "pdf", documents.pdf, "Invoice №1047 (final).pdf"),
        "bytes": _file("application/octet-stream", "bin", documents.any_bytes, "backup.bin"),
    }
)

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        **{row.extension: row.content_type for row in MEDIA_ROWS.values()},
        "csv": "text/csv",
        "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "exe": "application/x-msdownload",
        "html": "text/html",
        "txt": "text/plain",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "zip": "application/zip",
    }
)
"""What the CDN calls a file by the extension of its name."""
