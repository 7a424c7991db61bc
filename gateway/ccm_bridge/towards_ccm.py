"""What is posted to CCM for a delivered message: CIM JSON that its Java model can read. Pure.

The table says of every body whether it goes as it is. CAROUSEL and MULTIMEDIA never do: CCM's model cannot read them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ccm_bridge.entities import add_context
from cim_messenger.cim_json import CimJsonError, encode
from expertflow.cim.v1.message_pb2 import CimMessage, MessageBody
from expertflow.connector.v1.inbound_pb2 import ReceivedMessage

REPLY_TO: Final = "REPLY_TO"
REACT: Final = "react"
UNREADABLE: Final = frozenset({"CAROUSEL", "MULTIMEDIA"})
"""Types that CCM's model fails on, whatever stands in the body."""


class UnpostableError(Exception):
    """There is no JSON for the message; the text says why and holds nothing that a customer wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How messages are written; see the settings of the same meaning."""

    reactions_as_text: bool = True
    context: bool = True


def written(received: ReceivedMessage, manner: Manner) -> str:
    """The JSON to post. Raises `UnpostableError`."""
    message = CimMessage()
    message.CopyFrom(received.message)
    branch = message.body.WhichOneof("content")
    if branch is None:
        raise UnpostableError("the body is of a type that this release does not know; upgrade the bridge")
    if manner.reactions_as_text and received.context.HasField("reaction"):
        _as_text(message, received)
    else:
        message.body.CopyFrom(BODIES[branch](message.body))
    if manner.context and received.HasField("context"):
        add_context(message.header, received.context)
    try:
        return encode(message)
    except CimJsonError as error:
        raise UnpostableError(f"cannot be written as CIM JSON: {error}") from error


def _as_text(message: CimMessage, received: ReceivedMessage) -> None:
    """A reaction in words, as a reply to what was reacted to: the one form that agents see today."""
    reaction = received.context.reaction
    sign = reaction.emoji or reaction.reaction
    text = f"reacted {sign}".rstrip() if reaction.action == REACT else "took a reaction back"
    message.body.CopyFrom(_plain(text))
    if message.header.original_message_id:
        message.header.intent = REPLY_TO


def _as_it_is(body: MessageBody) -> MessageBody:
    return body


def _carousel_as_text(body: MessageBody) -> MessageBody:
    """The cards' texts and links, a line each."""
    lines = [body.markdown_text]
    for element in body.carousel.elements:
        lines += [element.text, element.url, *(button.title for button in element.buttons)]
    return _plain("\n".join(filter(None, lines)))


def _multimedia_as_its_kind(body: MessageBody) -> MessageBody:
    """IMAGE, VIDEO or AUDIO by the MIME type, else FILE: the same fields under a name that can be read."""
    kind = body.multimedia.attachment.mime_type.partition("/")[0].lower()
    branch = kind if kind in {"image", "video", "audio"} else "file"
    single = MessageBody()
    single.CopyFrom(body)
    single.type = branch.upper()
    # The media bodies have the same fields under the same numbers; a test says so. Setting a branch clears the other.
    getattr(single, branch).MergeFromString(body.multimedia.SerializeToString())
    return single


def _generic(body: MessageBody) -> MessageBody:
    """A body whose fields did not fit its type is told by its type's name, and that may be one that nobody reads."""
    return _plain(body.markdown_text or body.type) if body.type in UNREADABLE else body


def _plain(text: str) -> MessageBody:
    body = MessageBody(type="PLAIN", markdown_text=text)
    body.plain.SetInParent()
    return body


BODIES: Final[Mapping[str, Callable[[MessageBody], MessageBody]]] = MappingProxyType(
    {
        "plain": _as_it_is,
        "image": _as_it_is,
        "video": _as_it_is,
        "audio": _as_it_is,
        "file": _as_it_is,
        "multimedia": _multimedia_as_its_kind,
        "sticker": _as_it_is,
        "url": _as_it_is,
        "location": _as_it_is,
        "contact": _as_it_is,
        "button": _as_it_is,
        "carousel": _carousel_as_text,
        "receipt": _as_it_is,
        "template": _as_it_is,
        "custom": _as_it_is,
        "structured": _as_it_is,
        "notification": _as_it_is,
        "delivery_notification": _as_it_is,
        "deleted_notification": _as_it_is,
        "comment": _as_it_is,
        "wrap_up": _as_it_is,
        "voice": _as_it_is,
        "action": _as_it_is,
        "email": _as_it_is,
        "form_data": _as_it_is,
        "generic": _generic,
    }
)
"""Branch of `MessageBody.content` → the body that is posted."""
