"""IMAGE, VIDEO, AUDIO, FILE, MULTIMEDIA and STICKER: references to media, to be resolved by whoever sends.

Media go before text. Nothing is merged: only MULTIMEDIA, whose sender wants its pictures together, makes one message
of several images. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

from cim_messenger.outbound.free_form import as_list, as_object, as_text, first_text, object_of
from cim_messenger.outbound.limits import IMAGES
from cim_messenger.outbound.links import web_address
from cim_messenger.outbound.text import TEXT_FIELD, joined, split_warnings, text_of, text_parts
from cim_messenger.outbound.values import MediaKind, MediaReference, Part, PartKind, Rendered, Rules
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.media_pb2 import Attachment
from expertflow.cim.v1.message_pb2 import CimMessage

KIND_OF_BRANCH: Mapping[str, MediaKind | None] = MappingProxyType(
    {
        "image": MediaKind.IMAGE,
        "video": MediaKind.VIDEO,
        "audio": MediaKind.AUDIO,
        "file": MediaKind.FILE,
        "multimedia": None,
    }
)
"""Branch of `MessageBody.content` → kind of its medium; None: the media type says it."""


_STORED_NUMBER = re.compile(r"^[0-9]+_")


class MediaBody(Protocol):
    """What the media bodies have in common."""

    attachment: Attachment
    caption: str
    additional_details: Json


def render_media(message: CimMessage, rules: Rules) -> Rendered:
    """The medium, and after it the caption and the text as far as they say something of their own."""
    branch = message.body.WhichOneof("content")
    assert branch is not None, "rendered by its branch"
    body = cast("MediaBody", getattr(message.body, branch))
    path = f"body.{branch}"
    media = [_reference(body, KIND_OF_BRANCH[branch], path)]
    if branch == "multimedia":
        media += _further(body, path)
    texts = text_parts(_said(message, body, media[0]), rules, TEXT_FIELD)
    return Rendered(parts=(*media_parts(media), *texts), warnings=tuple(split_warnings(texts)))


def render_sticker(message: CimMessage, rules: Rules) -> Rendered:
    """By its id, which Messenger knows; a sticker of another channel as an image."""
    sticker = message.body.sticker
    texts = text_parts(text_of(message), rules)
    if sticker.sticker_id.isascii() and sticker.sticker_id.isdecimal() and len(sticker.sticker_id) <= MAX_ID_DIGITS:
        shown = Part(kind=PartKind.STICKER, message={"sticker_id": int(sticker.sticker_id)})
    else:
        url = web_address(sticker.media_url, "body.sticker.media_url")
        shown = media_part(MediaReference(url=url, kind=MediaKind.IMAGE))
    return Rendered(parts=(shown, *texts), warnings=tuple(split_warnings(texts)))


MAX_ID_DIGITS = 18
"""A sticker's id is a 64-bit number; a longer one is no id of Messenger's."""


def media_part(medium: MediaReference) -> Part:
    """One medium as a message of its own."""
    return Part(kind=PartKind.MEDIA, message={}, media=(medium,))


def media_parts(media: Iterable[MediaReference]) -> Iterator[Part]:
    """The media in order: neighbouring images together, everything else alone."""
    for together, group in groupby(media, key=lambda medium: medium.kind is MediaKind.IMAGE):
        neighbours = tuple(group)
        yield from image_parts(neighbours) if together else map(media_part, neighbours)


def image_parts(images: Sequence[MediaReference]) -> Iterator[Part]:
    """Images in as few messages as Messenger allows; a single one as an attachment like any other."""
    for start in range(0, len(images), IMAGES.maximum):
        some = tuple(images[start : start + IMAGES.maximum])
        yield media_part(some[0]) if len(some) == 1 else Part(kind=PartKind.IMAGES, message={}, media=some)


def _reference(body: MediaBody, kind: MediaKind | None, path: str) -> MediaReference:
    attachment, details = body.attachment, object_of(body.additional_details)
    return MediaReference(
        url=web_address(attachment.media_url, f"{path}.attachment.media_url"),
        kind=kind or kind_of_type(attachment.mime_type),
        mime_type=attachment.mime_type.strip(),
        file_name=first_text({**details, "label": attachment.media_label}, "fileName", "label")
        or file_name_in(attachment.media_url),
    )


def _further(body: MediaBody, path: str) -> Iterator[MediaReference]:
    """`additionalDetails.attachments`, each of the form of `attachment` in CIM's JSON."""
    for index, further in enumerate(as_list(object_of(body.additional_details).get("attachments"))):
        attachment: Mapping[str, Any] = as_object(further)
        mime_type = first_text(attachment, "mimeType")
        yield MediaReference(
            url=web_address(as_text(attachment.get("mediaUrl")), f"{path}.additional_details.attachments[{index}]"),
            kind=kind_of_type(mime_type),
            mime_type=mime_type,
            file_name=first_text(attachment, "mediaLabel") or file_name_in(first_text(attachment, "mediaUrl")),
        )


def kind_of_type(mime_type: str) -> MediaKind | None:
    """The kind that a media type names; None if there is none, FILE for one of no other kind."""
    if not mime_type.strip():
        return None
    top = mime_type.strip().lower().partition("/")[0]
    return MediaKind(top) if top in {"image", "video", "audio"} else MediaKind.FILE


def file_name_in(url: str) -> str:
    """The name in the address, without the number that the file engine puts before it; empty if there is none."""
    names = [name for name in _names_in(url.strip()) if "." in name.strip(".")]
    return _STORED_NUMBER.sub("", names[-1]) if names else ""


def _said(message: CimMessage, body: MediaBody, medium: MediaReference) -> str:
    """Caption and text; the agent desk puts the file's name into the caption, which nobody wants to read."""
    names = _names(body.attachment, medium)
    texts = dict.fromkeys(text.strip() for text in (body.caption, text_of(message)))
    return joined(*(text for text in texts if text.casefold() not in names))


def _names(attachment: Attachment, medium: MediaReference) -> frozenset[str]:
    """Every name that the file goes by."""
    names = {
        medium.file_name,
        file_name_in(medium.url),
        attachment.media_label,
        attachment.media_name,
        *_names_in(medium.url),
    }
    return frozenset(name.strip().casefold() for name in names)


def _names_in(url: str) -> Iterator[str]:
    """The last segment of the path, and the file engine's `filename`."""
    parts = urlsplit(url)
    yield unquote(parts.path.rpartition("/")[2])
    yield from parse_qs(parts.query).get("filename", [])
