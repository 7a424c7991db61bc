"""What Messenger asks of a `message` object that a caller wrote: what is refused here is not sent to be refused there.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cim_messenger.outbound import limits
from cim_messenger.outbound.checks import (
    Check,
    address,
    any_text,
    as_members,
    by_type,
    every,
    flag,
    list_of,
    matching,
    shape,
    text,
)
from cim_messenger.outbound.refusals import invalid
from cim_messenger.outbound.template_checks import ATTACHMENT_ID, either, template
from cim_messenger.outbound.values import MediaKind, PartKind

_medium = shape(
    {
        "type": any_text,
        "payload": every(
            either("url", "attachment_id"),
            shape({}, {"url": address, "attachment_id": ATTACHMENT_ID, "is_reusable": flag}),
        ),
    }
)
_attachment = by_type(
    "type", {"template": shape({"type": any_text, "payload": template}), **dict.fromkeys(MediaKind, _medium)}
)
_digits = matching(r"[0-9]{1,18}", "a sticker's id, in decimal digits")


def _sticker(value: Any, path: str) -> None:
    """Messenger takes the id as a number and as a text."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    _digits(str(value) if whole else value, path)


CONTENTS: Mapping[str, Check] = MappingProxyType(
    {
        "text": text(limits.TEXT),
        "attachment": _attachment,
        "attachments": list_of(limits.IMAGES, by_type("type", {MediaKind.IMAGE: _medium})),
        "sticker_id": _sticker,
    }
)
"""What a message can be → what that needs. Approved templates go as TEMPLATE, which carries the right label."""

KINDS: Mapping[str, PartKind] = MappingProxyType(
    {
        "text": PartKind.TEXT,
        "attachment": PartKind.RAW,
        "attachments": PartKind.RAW,
        "sticker_id": PartKind.STICKER,
    }
)
"""What a message can be → what kind of part it is; an attachment may be a template instead."""

_chip = shape({"content_type": any_text}, {"image_url": address})
_quick_reply = by_type(
    "content_type",
    {
        "text": shape(
            {
                "content_type": any_text,
                "title": text(limits.QUICK_REPLY_TITLE),
                "payload": text(limits.QUICK_REPLY_PAYLOAD),
            },
            {"image_url": address},
        ),
        "user_phone_number": _chip,
        "user_email": _chip,
    },
)
_message = shape({}, {**CONTENTS, "quick_replies": list_of(limits.QUICK_REPLIES, _quick_reply)})


def check_message(value: Any, path: str) -> None:
    """Raises `RefusedError` for a message that Messenger does not take, or that holds what the connector adds."""
    given = CONTENTS.keys() & as_members(value, path).keys()
    if len(given) != 1:
        raise invalid(path, f"It must have exactly one of {', '.join(CONTENTS)}.")
    _message(value, path)


def kind_of(message: Mapping[str, Any]) -> PartKind:
    """The kind of a message that was checked."""
    if message.get("attachment", {}).get("type") == "template":
        return PartKind.TEMPLATE
    return next(kind for content, kind in KINDS.items() if content in message)
