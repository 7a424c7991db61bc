"""CIM message → Messenger messages: the table of body types.

A row per branch of `MessageBody.content`; a test proves it complete. Rendering is done once, at acceptance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from cim_messenger.cim_json.bodies import BY_BRANCH
from cim_messenger.outbound.plain import render_plain
from cim_messenger.outbound.quote import REPLY_INTENT, quote_of
from cim_messenger.outbound.values import Refusal, Rendered, Result, Rules, Warned
from expertflow.cim.v1.message_pb2 import CimMessage

Renderer = Callable[[CimMessage, Rules], Result]


def _ignore(_message: CimMessage, _rules: Rules) -> Result:
    """The body is not for customers."""
    return Rendered()


def _refuse(message: CimMessage, _rules: Rules) -> Result:
    """Messenger has no form for the body that this version knows."""
    body_type = message.body.type or (message.body.WhichOneof("content") or "").upper()
    return Refusal(
        reason="UNSUPPORTED_BODY",
        detail=f"A body of type {body_type or 'unknown'} cannot be sent to Messenger.",
        field_path="body",
        metadata={"type": body_type},
    )


RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {
        "plain": render_plain,
        "image": _refuse,
        "video": _refuse,
        "audio": _refuse,
        "file": _refuse,
        "multimedia": _refuse,
        "sticker": _refuse,
        "url": _refuse,
        "location": _refuse,
        "contact": _refuse,
        "button": _refuse,
        "carousel": _refuse,
        "receipt": _refuse,
        "template": _refuse,
        "custom": _refuse,
        "structured": _refuse,
        "notification": _ignore,
        "delivery_notification": _ignore,
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


def _contradicts(body_type: str, branch: str) -> bool:
    """Whether the type is given and names another branch. A generic body is of any type that has no branch."""
    return bool(body_type) and branch in BY_BRANCH and BY_BRANCH[branch].type != body_type


def render(message: CimMessage, rules: Rules) -> Result:
    """The Messenger messages of a CIM message, or why there are none.

    A body with no branch set comes from a newer contract and is refused, never taken for empty.
    """
    branch = message.body.WhichOneof("content")
    if branch is None:
        return _refuse(message, rules)
    if _contradicts(message.body.type, branch):
        return Refusal(
            reason="BODY_INVALID",
            detail="The type of the body is not that of its content.",
            field_path="body.type",
            metadata={"type": message.body.type},
        )
    result = RENDERERS[branch](message, rules)
    if isinstance(result, Refusal) or not result.parts or message.header.intent != REPLY_INTENT:
        return result
    quote = quote_of(message.header)
    if quote is None:
        dropped = Warned(code="QUOTE_DROPPED", detail="The reply names no message to quote.", part_index=0)
        return replace(result, warnings=(*result.warnings, dropped))
    return replace(result, quote=quote)
