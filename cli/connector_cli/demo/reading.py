"""How a message reads at the contact centre: one line, with all that arrived beside a text. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext

WITH_ATTACHMENT = frozenset({"image", "video", "audio", "file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message as it reaches the contact centre, on whichever way."""

    message: CimMessage
    context: MessengerContext

    @property
    def psid(self) -> str:
        """Who wrote it."""
        return self.message.header.channel_data.channel_customer_identifier

    @property
    def is_receipt(self) -> bool:
        """Whether it tells of a message that was sent."""
        return self.message.body.type == "DELIVERYNOTIFICATION"

    @property
    def is_reaction(self) -> bool:
        """Whether it is one, in whichever form."""
        return self.context.HasField("reaction")


def reading(arrival: Arrival) -> str:
    """The text; the medium with its size and our link to it; the emoji of a reaction; the payload of a tap."""
    body, context = arrival.message.body, arrival.context
    if context.HasField("reaction"):
        return f"{context.reaction.action}s {context.reaction.emoji}"
    tapped = f"(postback {context.postback.payload})" if context.HasField("postback") else ""
    return " ".join(filter(None, (_part(arrival), body.markdown_text, _medium(body), tapped)))


def topic(arrival: Arrival) -> str:
    """By what the answer is chosen: the text, or the kind of what has none."""
    body = arrival.message.body
    return body.markdown_text or body.type


def is_last_part(arrival: Arrival) -> bool:
    """Whether nothing more of the same Messenger message follows."""
    part = arrival.context.part
    return part.index + 1 >= part.count


def _part(arrival: Arrival) -> str:
    part = arrival.context.part
    return f"[{part.index + 1} of {part.count}]" if part.count else ""


def _medium(body: MessageBody) -> str:
    content = body.WhichOneof("content")
    if content == "sticker":
        return f"STICKER {body.sticker.sticker_id} {body.sticker.media_url}"
    if content not in WITH_ATTACHMENT:
        return ""
    attachment = getattr(body, content).attachment
    return f"{body.type} {attachment.mime_type}, {attachment.size} bytes, {attachment.media_url}"
