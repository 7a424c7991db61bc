"""What bytes are, by the bytes themselves: pure.

Facebook tells neither type nor size of a medium. The containers MP4, 3GP, Ogg and WebM hold sound or pictures: there
the kind of the message's body decides. Sources of the signatures: https://mimesniff.spec.whatwg.org and the
registrations at https://www.iana.org/assignments/media-types
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

SNIFF_BYTES: Final = 512
"""How much of the beginning is looked at."""

OCTETS: Final = "application/octet-stream"
"""What nothing is known about."""


class Kind(StrEnum):
    """What the body of a message says its medium is."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    STICKER = "sticker"


FAMILY_OF_KIND: Mapping[Kind, str] = MappingProxyType(
    {Kind.IMAGE: "image/", Kind.VIDEO: "video/", Kind.AUDIO: "audio/", Kind.FILE: "", Kind.STICKER: "image/"}
)
"""How the media type of what is kept under a kind begins."""

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"#!AMR-WB\n", "audio/amr-wb"),
    (b"#!AMR\n", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
)

CONTAINERS: tuple[tuple[bytes, str], ...] = ((b"OggS", "ogg"), (b"\x1aE\xdf\xa3", "webm"))
"""What holds sound or pictures, and how both types end."""

RIFF_TYPES: Mapping[bytes, str] = MappingProxyType({b"WEBP": "image/webp", b"WAVE": "audio/wav"})

BRANDS: Mapping[bytes, str] = MappingProxyType(
    {
        b"heic": "image/heic",
        b"heix": "image/heic",
        b"mif1": "image/heif",
        b"avif": "image/avif",
        b"qt  ": "video/quicktime",
    }
)
"""Brands of ISO media files that are neither MP4 nor 3GP."""

OLD_MP4_BOXES: Final = frozenset({b"moov", b"mdat", b"wide"})
"""How a QuickTime file without a brand begins, after the length."""

_OFFICE = "application/vnd.openxmlformats-officedocument"

NAMED: Mapping[str, tuple[bytes, str]] = MappingProxyType(
    {
        "docx": (b"PK\x03\x04", f"{_OFFICE}.wordprocessingml.document"),
        "xlsx": (b"PK\x03\x04", f"{_OFFICE}.spreadsheetml.sheet"),
        "pptx": (b"PK\x03\x04", f"{_OFFICE}.presentationml.presentation"),
        "zip": (b"PK\x03\x04", "application/zip"),
        "doc": (b"\xd0\xcf\x11\xe0", "application/msword"),
        "xls": (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"),
        "ppt": (b"\xd0\xcf\x11\xe0", "application/vnd.ms-powerpoint"),
    }
)
"""Suffix → how such a file begins, and its type: containers that only their names tell apart."""

TEXTS: Mapping[str, str] = MappingProxyType({"txt": "text/plain", "csv": "text/csv"})
"""Suffix → type of files without any signature, if they hold no NUL."""

SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/gif": "gif",
        "image/webp": "webp",
        "image/heic": "heic",
        "image/heif": "heif",
        "image/avif": "avif",
        "video/mp4": "mp4",
        "video/3gpp": "3gp",
        "video/quicktime": "mov",
        "video/webm": "webm",
        "video/ogg": "ogv",
        "audio/aac": "aac",
        "audio/amr": "amr",
        "audio/amr-wb": "awb",
        "audio/mp4": "m4a",
        "audio/mpeg": "mp3",
        "audio/ogg": "ogg",
        "audio/wav": "wav",
        "audio/webm": "weba",
        "audio/3gpp": "3gp",
        "application/pdf": "pdf",
        "application/rtf": "rtf",
        "application/zip": "zip",
    }
)
"""Type → suffix for a medium that has no name."""


def sniff(head: bytes, kind: Kind, name: str = "") -> str:
    """The media type of what begins with `head`; `application/octet-stream` if nothing is recognised."""
    for look in (_by_signature, _by_container, _by_frame):
        if found := look(head, kind):
            return found
    return _by_name(head, name) or OCTETS


def is_allowed(mime_type: str, kind: Kind) -> bool:
    """Whether a medium of this type may stand under a kind: under `file` every one may."""
    return mime_type.startswith(FAMILY_OF_KIND[kind])


def _by_signature(head: bytes, _kind: Kind) -> str:
    if head[:4] == b"RIFF":
        return RIFF_TYPES.get(head[8:12], "")
    return next((mime_type for signature, mime_type in SIGNATURES if head.startswith(signature)), "")


def _by_container(head: bytes, kind: Kind) -> str:
    family = "audio" if kind is Kind.AUDIO else "video"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand[:2] == b"3g":
            return f"{family}/3gpp"
        if brand in {b"M4A ", b"M4B "}:
            return "audio/mp4" if kind is not Kind.VIDEO else "video/mp4"
        found = BRANDS.get(brand, f"{family}/mp4")
        return "audio/mp4" if kind is Kind.AUDIO and found.startswith("video/") else found
    if head[4:8] in OLD_MP4_BOXES:
        return "audio/mp4" if kind is Kind.AUDIO else "video/quicktime"
    if head.startswith(b"OggS") and kind is not Kind.VIDEO:
        return "audio/ogg"
    return next((f"{family}/{end}" for signature, end in CONTAINERS if head.startswith(signature)), "")


def _by_frame(head: bytes, _kind: Kind) -> str:
    """AAC and MP3 without any header: both frames begin with eleven bits of ones; AAC's layer is 0."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004 - the sync word
        return ""
    if head[1] & 0xF6 == 0xF0:  # noqa: PLR2004 - ADTS
        return "audio/aac"
    layer, bitrate = head[1] & 0x06, head[2] & 0xF0
    # Neither a reserved layer nor a reserved bit rate, which is how UTF-16 begins.
    return "audio/mpeg" if layer and bitrate != 0xF0 and head[1] != 0xFE else ""  # noqa: PLR2004


def _by_name(head: bytes, name: str) -> str:
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    signature, mime_type = NAMED.get(suffix, (b"", ""))
    if mime_type and head.startswith(signature):
        return mime_type
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"
    return TEXTS.get(suffix, "") if b"\x00" not in head else ""
