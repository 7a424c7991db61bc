"""Attachment type → CIM body, and the clean-up that has to come before.

Types are an open set (`sticker` and `post` appeared without notice and broke other receivers): what the table does not
know becomes CUSTOM with everything Facebook said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from cim_messenger.cim_json.json_text import JsonObject, JsonValue
from cim_messenger.inbound.bodies import custom
from cim_messenger.inbound.fields import coordinate, elements, identifier, json_of, members, text_of, without
from cim_messenger.inbound.links import Link, file_name, link_from, web_address
from cim_messenger.inbound.media_types import media_type
from cim_messenger.inbound.readable import appointment_text, attachment_text
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.media_pb2 import Attachment as CimAttachment
from expertflow.cim.v1.media_pb2 import (
    AudioBody,
    FileBody,
    ImageBody,
    Location,
    LocationBody,
    StickerBody,
    UrlBody,
    VideoBody,
)
from expertflow.cim.v1.message_pb2 import MessageBody

THUMBS_UP: Final = frozenset({"369239263222822", "369239343222814", "369239383222810"})
"""The small, medium and large like: stickers of their own button, which come without any text."""

MAX_LATITUDE: Final = 90.0
MAX_LONGITUDE: Final = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One element of `message.attachments`, its fields found wherever Facebook put them."""

    type: str
    """In lower case; empty if Facebook named none."""
    url: str
    """As written: in the payload, beside it (echoes, older captures), or the payload itself."""
    title: str
    sticker_id: str
    whole: JsonObject

    @property
    def payload(self) -> JsonObject:
        """The payload; empty if it is null, missing or a string."""
        return members(self.whole.get("payload"))

    @property
    def link(self) -> Link:
        """The link that the attachment shows."""
        return link_from(self.url, self.title)


Builder = Callable[[Attachment, str], MessageBody]
"""Makes a body of an attachment and the link under which its media will be."""


def read_attachments(message: JsonObject) -> list[Attachment]:
    """The attachments of a message in order; a sticker once, whatever the forms in which it came."""
    found = [_read(value) for value in elements(message.get("attachments"))]
    return _one_form_each(found, identifier(message.get("sticker_id")))


def build(attachment: Attachment, media_link: str) -> MessageBody:
    """The body of an attachment, by the table."""
    return BUILDERS.get(attachment.type, _custom)(attachment, media_link)


def _read(value: JsonValue) -> Attachment:
    whole: JsonObject = value if isinstance(value, dict) else {"type": None, "payload": value}
    payload = whole.get("payload")
    inner = members(payload)
    return Attachment(
        type=identifier(whole.get("type")).lower(),
        url=text_of(inner.get("url")) or text_of(whole.get("url")) or (payload if isinstance(payload, str) else ""),
        title=text_of(inner.get("title")) or text_of(whole.get("title")),
        sticker_id=identifier(inner.get("sticker_id")),
        whole=whole,
    )


def _one_form_each(found: list[Attachment], top_level_id: str) -> list[Attachment]:
    """Stickers come as `sticker`, as `image` with a `sticker_id`, as both (June to August 2026), or by an id beside."""
    images = [attachment for attachment in found if attachment.type == "image"]
    if top_level_id and not found:
        return [_read({"type": "sticker", "payload": {"sticker_id": top_level_id}})]
    if top_level_id and len(found) == len(images) == 1 and not images[0].sticker_id:
        found = [replace(images[0], sticker_id=top_level_id)]
    typed = {attachment.sticker_id for attachment in found if attachment.type == "sticker"}
    return [
        replace(attachment, type="sticker") if _is_sticker_image(attachment) else attachment
        for attachment in found
        if not (_is_sticker_image(attachment) and attachment.sticker_id in typed)
    ]


def _is_sticker_image(attachment: Attachment) -> bool:
    return attachment.type == "image" and bool(attachment.sticker_id)


def _medium(make: Callable[[CimAttachment, Json], MessageBody]) -> Builder:
    def build_medium(attachment: Attachment, media_link: str) -> MessageBody:
        if not web_address(attachment.url):
            return _custom(attachment, media_link)
        return make(_media(attachment, media_link), json_of(_details(attachment)))

    return build_medium


def _image(media: CimAttachment, details: Json) -> MessageBody:
    return MessageBody(type="IMAGE", image=ImageBody(attachment=media, additional_details=details))


def _video(media: CimAttachment, details: Json) -> MessageBody:
    return MessageBody(type="VIDEO", video=VideoBody(attachment=media, additional_details=details))


def _audio(media: CimAttachment, details: Json) -> MessageBody:
    return MessageBody(type="AUDIO", audio=AudioBody(attachment=media, additional_details=details))


def _file(attachment: Attachment, media_link: str) -> MessageBody:
    if not web_address(attachment.url):
        return _custom(attachment, media_link)
    name = file_name(attachment.url)
    media = _media(attachment, media_link)
    details = _details(attachment)
    if name:
        media.media_label = name
        details["fileName"] = name
    return MessageBody(type="FILE", file=FileBody(attachment=media, additional_details=json_of(details)))


def _sticker(attachment: Attachment, media_link: str) -> MessageBody:
    has_picture = bool(web_address(attachment.url))
    body = StickerBody(
        media_url=media_link if has_picture else None,
        sticker_id=attachment.sticker_id or None,
        additional_details=json_of(_details(attachment)) if has_picture else None,
    )
    thumb = attachment.sticker_id in THUMBS_UP
    return MessageBody(type="STICKER", markdown_text="👍" if thumb else None, sticker=body)


def _link(attachment: Attachment, media_link: str) -> MessageBody:
    link = attachment.link
    if not link.url:
        return _custom(attachment, media_link)
    details: JsonObject = {"type": attachment.type, **without(attachment.payload, "url", "title")}
    return MessageBody(
        type="URL",
        markdown_text=link.title or None,
        url=UrlBody(media_url=link.url, additional_details=json_of(details)),
    )


def _location(attachment: Attachment, media_link: str) -> MessageBody:
    coordinates = members(attachment.payload.get("coordinates"))
    latitude = coordinate(coordinates.get("lat"), MAX_LATITUDE)
    longitude = coordinate(coordinates.get("long"), MAX_LONGITUDE)
    if latitude is None or longitude is None:
        return _custom(attachment, media_link)
    details: JsonObject = {"name": attachment.title, "url": attachment.link.url}
    body = LocationBody(
        location=Location(latitude=latitude, longitude=longitude),
        additional_details=json_of({key: value for key, value in details.items() if value}),
    )
    return MessageBody(type="LOCATION", location=body)


def _appointment(attachment: Attachment, _media_link: str) -> MessageBody:
    return custom(_node(attachment), appointment_text(attachment.payload))


def _custom(attachment: Attachment, _media_link: str) -> MessageBody:
    return custom(_node(attachment), attachment_text(attachment.payload, attachment.title) or _name(attachment))


def _name(attachment: Attachment) -> str:
    """What can be said of an attachment without any text: what it is, and where."""
    what = f"Unsupported attachment: {attachment.type}" if attachment.type else "Unsupported attachment"
    return " ".join(filter(None, (what, web_address(attachment.url))))


def _node(attachment: Attachment) -> JsonObject:
    """`type` and `payload` first; then what Facebook put beside them, such as an echo's title and link."""
    named: JsonObject = {key: attachment.whole.get(key) for key in ("type", "payload")}
    return {"kind": "attachment", **named, **without(attachment.whole, "kind", "type", "payload")}


def _media(attachment: Attachment, media_link: str) -> CimAttachment:
    kind = media_type(attachment.type, file_name(attachment.url))
    return CimAttachment(media_url=media_link, mime_type=kind or None)


def _details(attachment: Attachment) -> JsonObject:
    return {"sourceUrl": web_address(attachment.url), **without(attachment.payload, "url", "sticker_id")}


BUILDERS: Mapping[str, Builder] = MappingProxyType(
    {
        "image": _medium(_image),
        "video": _medium(_video),
        "audio": _medium(_audio),
        "file": _file,
        "sticker": _sticker,
        "fallback": _link,
        "share": _link,
        "post": _link,
        "ig_post": _link,
        "reel": _link,
        "ig_reel": _link,
        "story": _link,
        "story_mention": _link,
        "location": _location,
        "template": _custom,
        "appointment_booking": _appointment,
    }
)
"""Attachment type → body. Types that are not here are CUSTOM."""

LINK_TYPES: Final = frozenset(kind for kind, builder in BUILDERS.items() if builder is _link)
"""Types that show a link, which the text beside them may repeat."""
