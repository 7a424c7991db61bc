"""CIM message → Messenger messages: the table of body types.

A row per branch of `MessageBody.content`; a test proves it complete. Rendering is done once, at acceptance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from cim_messenger.cim_json.bodies import BY_BRANCH
from cim_messenger.outbound.actions import render_delivery_notification, render_notification
from cim_messenger.outbound.buttons import render_button
from cim_messenger.outbound.carousel import render_carousel
from cim_messenger.outbound.custom import render_custom
from cim_messenger.outbound.media import render_media, render_sticker
from cim_messenger.outbound.plain import UPDATE_INTENT, render_plain
from cim_messenger.outbound.quote import REPLY_INTENT, quote_of
from cim_messenger.outbound.receipt import render_receipt
from cim_messenger.outbound.refusals import RefusedError, invalid, unsupported
from cim_messenger.outbound.template import render_template
from cim_messenger.outbound.values import Quote, Refusal, Rendered, Result, Rules, Warned
from cim_messenger.outbound.written import render_contact, render_location, render_url
from expertflow.cim.v1.message_pb2 import CimMessage

Renderer = Callable[[CimMessage, Rules], Rendered]
"""Raises `RefusedError`."""


def _ignore(_message: CimMessage, _rules: Rules) -> Rendered:
    """The body is not for customers."""
    return Rendered()


def _refuse(message: CimMessage, _rules: Rules) -> Rendered:
    """Messenger has no form for the body that this version knows."""
    raise unsupported(f"A body of type {_type_of(message) or 'unknown'} cannot be sent to Messenger.")


RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {
        "plain": render_plain,
        "image": render_media,
        "video": render_media,
        "audio": render_media,
        "file": render_media,
        "multimedia": render_media,
        "sticker": render_sticker,
        "url": render_url,
        "location": render_location,
        "contact": render_contact,
        "button": render_button,
        "carousel": render_carousel,
        "receipt": render_receipt,
        "template": render_template,
        "custom": render_custom,
        "structured": _refuse,
        "notification": render_notification,
        "delivery_notification": render_delivery_notification,
        "deleted_notification": _ignore,
        "comment": _refuse,
        "wrap_up": _ignore,
        "voice": _ignore,
        "action": _ignore,
        "email": _ignore,
        "form_data": _ignore,
        "generic": _refuse,
    }
)
"""Branch of `MessageBody.content` → how it is rendered."""

TYPED_REASONS = frozenset({"BODY_INVALID", "UNSUPPORTED_BODY"})
"""Refusals that name the body's type."""


def render(message: CimMessage, rules: Rules) -> Result:
    """What a CIM message becomes in Messenger, or why it becomes nothing.

    A body with no branch set comes from a newer contract and is refused, never taken for empty.
    """
    try:
        branch = message.body.WhichOneof("content")
        if branch is None:
            return _completed(message, _refuse(message, rules))
        if _contradicts(message.body.type, branch):
            raise invalid("body.type", "The type of the body is not that of its content.")
        return _completed(message, RENDERERS[branch](message, rules))
    except RefusedError as error:
        return _named(message, error.refusal)


def _type_of(message: CimMessage) -> str:
    return message.body.type or (message.body.WhichOneof("content") or "").upper()


def _contradicts(body_type: str, branch: str) -> bool:
    """Whether the type is given and names another branch. A generic body is of any type that has no branch."""
    return bool(body_type) and branch in BY_BRANCH and BY_BRANCH[branch].type != body_type


def _named(message: CimMessage, refusal: Refusal) -> Refusal:
    if refusal.reason not in TYPED_REASONS:
        return refusal
    return replace(refusal, metadata={**refusal.metadata, "type": _type_of(message)})


def _completed(message: CimMessage, rendered: Rendered) -> Rendered:
    """With what holds for every body: the message it quotes, and what to say of its intent."""
    if not rendered.parts:
        return rendered
    quote = quote_of(message.header)
    return replace(
        rendered, quote=quote, warnings=(*rendered.warnings, *_intent_warnings(message.header.intent, quote))
    )


def _intent_warnings(intent: str, quote: Quote | None) -> Iterator[Warned]:
    if intent == UPDATE_INTENT:
        detail = "Messenger cannot edit a message; the new one was sent as a message of its own."
        yield Warned(code="SENT_AS_NEW_MESSAGE", detail=detail)
    if intent == REPLY_INTENT and quote is None:
        yield Warned(code="QUOTE_DROPPED", detail="The reply names no message to quote.", part_index=0)
