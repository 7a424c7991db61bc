"""Parts as they are kept between acceptance and sending, and as Facebook gets them once their media are there.

Kept is JSON: `message`, the Send API's object, and `media`, one object for each reference, if there are any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cim_messenger.outbound.values import MediaKind, MediaReference, Part, PartKind, UploadedMedia


def written_part(part: Part) -> bytes:
    """The part as JSON, without its kind, which is kept beside it."""
    kept: dict[str, Any] = {"message": part.message}
    if part.media:
        kept["media"] = [_written(medium) for medium in part.media]
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def read_part(kind: PartKind, kept: bytes) -> Part:
    """The inverse of `written_part`."""
    tree = json.loads(kept)
    return Part(kind=kind, message=tree["message"], media=tuple(_read(medium) for medium in tree.get("media", ())))


def message_of(part: Part, uploaded: Sequence[UploadedMedia] = ()) -> Mapping[str, Any]:
    """The Send API's `message` object. `uploaded` are the part's media at Facebook, in their order."""
    assert len(uploaded) == len(part.media), "every medium is uploaded before its part is sent"
    attachments = [
        {"type": medium.kind.value, "payload": {"attachment_id": medium.attachment_id}} for medium in uploaded
    ]
    match part.kind:
        case PartKind.MEDIA:
            return {"attachment": attachments[0], **part.message}
        case PartKind.IMAGES:
            return {"attachments": attachments, **part.message}
        case _:
            return part.message


def _written(medium: MediaReference) -> dict[str, str]:
    return {
        "url": medium.url,
        "kind": medium.kind.value if medium.kind else "",
        "mime_type": medium.mime_type,
        "file_name": medium.file_name,
    }


def _read(kept: Mapping[str, str]) -> MediaReference:
    kind = MediaKind(kept["kind"]) if kept["kind"] else None
    return MediaReference(url=kept["url"], kind=kind, mime_type=kept["mime_type"], file_name=kept["file_name"])
