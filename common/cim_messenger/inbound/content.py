"""Takes a message apart into the parts that become CIM messages: text first, then the attachments in order.

Messenger makes a preview attachment of a link in the text. Who wrote one message shall not be shown with two: a text
that is nothing but the link becomes the link, a text with the link in it keeps the preview as `context.link`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cim_messenger.cim_json.json_text import JsonObject
from cim_messenger.inbound.attachments import LINK_TYPES, Attachment, build, read_attachments
from cim_messenger.inbound.bodies import UNSUPPORTED_TEXT, custom, plain
from cim_messenger.inbound.events import Part
from cim_messenger.inbound.fields import members, text_of
from expertflow.connector.v1.messenger_context_pb2 import LinkPreview

MAX_PARTS: Final = 100
"""`InboundEvent.messages` holds no more; beyond it the last part lists the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message shows."""

    parts: tuple[Part, ...]
    """At least one; numbered in this order."""
    preview: LinkPreview | None
    unsupported: bool
    """There is nothing that could be shown, and the one part says so."""


def read_content(message: JsonObject) -> Content:
    """Normalises a message of any shape."""
    text = text_of(message.get("text")) or text_of(members(message.get("quick_reply")).get("payload"))
    attachments = read_attachments(message)
    shown, rest = attachments[: MAX_PARTS - 2], attachments[MAX_PARTS - 2 :]
    parts: list[Part] = []
    preview: LinkPreview | None = None
    for attachment in shown:
        link = attachment.link
        if attachment.type not in LINK_TYPES:
            parts.append(_part(attachment))
        elif not link.url:
            parts += _without_link(attachment, text)
        elif link.is_all_of(text):
            text = ""
            parts.append(_part(attachment))
        elif preview is None and link.stands_in(text):
            preview = LinkPreview(url=link.url, title=link.title)
        else:
            parts.append(_part(attachment))
    if rest:
        parts.append(_listed(rest))
    if text.strip():
        parts.insert(0, _said(text))
    return Content(parts=tuple(parts) or (_said(UNSUPPORTED_TEXT),), preview=preview, unsupported=not parts)


def _without_link(attachment: Attachment, text: str) -> list[Part]:
    """A preview without a usable link: its title, or what stands where the link should be, unless the text says it."""
    title = attachment.title.strip() or attachment.url.strip()
    if title:
        return [] if title in text else [_said(title)]
    return [_part(attachment)] if attachment.payload else []


def _said(text: str) -> Part:
    return lambda _media_link: plain(text)


def _part(attachment: Attachment) -> Part:
    return lambda media_link: build(attachment, media_link)


def _listed(attachments: list[Attachment]) -> Part:
    wholes = [attachment.whole for attachment in attachments]
    return lambda _media_link: custom(
        {"kind": "attachments", "attachments": list(wholes)}, f"{len(wholes)} attachments"
    )
