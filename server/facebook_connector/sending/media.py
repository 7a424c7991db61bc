"""Media on their way to Facebook: as which kind their bytes go, under which name, and why they cannot.

Messenger publishes no list of formats; what is not in this one goes as a file, which takes anything. Sources:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/attachment-upload-api
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

from cim_messenger.outbound import MediaKind, PartKind
from facebook_connector.sending.values import Failure

MAX_BYTES = 25_000_000
"""Largest file that Messenger takes; Meta says 25 MB, and this is its smaller reading."""
LONGEST_STEM = 100

KIND_OF_TYPE: Mapping[str, MediaKind] = MappingProxyType(
    {
        "image/jpeg": MediaKind.IMAGE,
        "image/png": MediaKind.IMAGE,
        "image/gif": MediaKind.IMAGE,
        "video/mp4": MediaKind.VIDEO,
        "video/3gpp": MediaKind.VIDEO,
        "audio/aac": MediaKind.AUDIO,
        "audio/mp4": MediaKind.AUDIO,
        "audio/amr": MediaKind.AUDIO,
        "audio/mpeg": MediaKind.AUDIO,
        "audio/ogg": MediaKind.AUDIO,
    }
)
"""Media type, found in the bytes → the kind that Messenger shows it as; all others are files."""

_UNFIT = re.compile(r"""[^\x20-\x7e]+|[\\/:*?"<>|%;]+""")


class MediaFailedError(Exception):
    """The bytes of a medium could not be had, or Messenger has no place for them. `final`: no repeat will help."""

    def __init__(self, failure: Failure, *, final: bool) -> None:
        super().__init__(failure.reason)
        self.failure = failure
        self.final = final


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A medium whose bytes are at hand."""

    sha256: str
    """Lower-case hex."""
    mime_type: str
    """Found in the bytes, and where they leave it open by the kind that was declared."""
    file_name: str
    """As its place names it, in any script, with an ending; the caller's own name goes before it."""
    open: Callable[[], AbstractAsyncContextManager[BinaryIO]]
    """The bytes as a temporary file. Raises `MediaFailedError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentKey:
    """What makes an upload the same as an earlier one."""

    page_id: str
    sha256: str
    """Lower-case hex."""
    kind: MediaKind
    name: str
    """Of a file, whose name the customer sees; empty for the other kinds."""


def kind_to_send(mime_type: str, part: PartKind, *, as_file: bool) -> MediaKind:
    """As what the medium goes. Raises `MediaFailedError` for what cannot stand in a message of several images."""
    if part is PartKind.IMAGES:
        if not mime_type.startswith("image/"):
            raise MediaFailedError(_no_image(mime_type), final=True)
        return MediaKind.IMAGE
    return MediaKind.FILE if as_file else KIND_OF_TYPE.get(mime_type, MediaKind.FILE)


def ascii_name(name: str) -> str:
    """A file name as Facebook takes it: printable ASCII; accents are dropped, and what has no letters is `file`.

    Without any path, and without what a form or a disk could mistake.
    """
    plain = unicodedata.normalize("NFKD", name.replace("\\", "/").rpartition("/")[2])
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        stem, ending = plain, ""
    stem, ending = (_UNFIT.sub("_", text).strip("_. ") for text in (stem, ending))
    return f"{stem[:LONGEST_STEM] or 'file'}{'.' if ending else ''}{ending[:16]}"


def _no_image(mime_type: str) -> Failure:
    return Failure(
        reason="MEDIA_REJECTED",
        detail=f"Only images can be shown together in one message; a file of type {mime_type} has to go alone.",
        metadata={"provider_code": "", "provider_subcode": ""},
    )
