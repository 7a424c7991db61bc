"""How a message reads at the contact centre: one line, with all that arrived beside a text. Pure."""

from __future__ import annotations

from connector_client import Received
from expertflow.cim.v1.message_pb2 import MessageBody

WITH_ATTACHMENT = frozenset({"image", "video", "audio", "file"})


def reading(received: Received) -> str:
    """The text; the medium with its size and our link to it; the emoji of a reaction; the payload of a tap."""
    body, context = received.message.body, received.context
    if context.HasField("reaction"):
        return f"{context.reaction.action}s {context.reaction.emoji}"
    tapped = f"(postback {context.postback.payload})" if context.HasField("postback") else ""
    return " ".join(filter(None, (_part(received), body.markdown_text, _medium(body), tapped)))


def topic(received: Received) -> str:
    """By what the answer is chosen: the text, or the kind of what has none."""
    body = received.message.body
    return body.markdown_text or body.type


def is_last_part(received: Received) -> bool:
    """Whether nothing more of the same Messenger message follows."""
    part = received.context.part
    return part.index + 1 >= part.count


def _part(received: Received) -> str:
    part = received.context.part
    return f"[{part.index + 1} of {part.count}]" if part.count else ""


def _medium(body: MessageBody) -> str:
    content = body.WhichOneof("content")
    if content == "sticker":
        return f"STICKER {body.sticker.sticker_id} {body.sticker.media_url}"
    if content not in WITH_ATTACHMENT:
        return ""
    attachment = getattr(body, content).attachment
    return f"{body.type} {attachment.mime_type}, {attachment.size} bytes, {attachment.media_url}"
