"""Rules on the message itself: exactly one content, what each content must be, and what may come with it.

Each content key has one rule in `CONTENT_RULES`. Sources:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api and, for quick
replies, https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/quick-replies
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import Rule, SendAttempt, as_object, bad, one_of
from messenger_sandbox.rules.shapes import any_text, choice, digits, flag, items, may, need, shape, text, url
from messenger_sandbox.rules.templates import template
from messenger_sandbox.rules.utility import UTILITY_TEMPLATE

MEDIA_TYPES: Final = frozenset({"image", "video", "audio", "file"})
QUICK_REPLY_TYPES: Final = frozenset({"text", "user_phone_number", "user_email"})
_BESIDE_CONTENT: Final = frozenset({"quick_replies", "metadata"})

_text_of_message: Final = text("message.text")
_metadata: Final = text("message.metadata")


def keys_are_known(attempt: SendAttempt) -> GraphError | None:
    """Also catches what belongs beside the message, such as `reply_to`."""
    unknown = attempt.message.keys() - CONTENT_RULES.keys() - _BESIDE_CONTENT
    return bad(f'Invalid keys "{", ".join(sorted(unknown))}" were found in param "message"') if unknown else None


def one_content(attempt: SendAttempt) -> GraphError | None:
    present = CONTENT_RULES.keys() & attempt.message.keys()
    if not present:
        return refusal(ErrorName.MESSAGE_EMPTY)
    if len(present) > 1:
        return bad(f"Only one of {', '.join(sorted(CONTENT_RULES))} may be sent in a message")
    return None


def content_is_valid(attempt: SendAttempt) -> GraphError | None:
    return next((CONTENT_RULES[key](attempt) for key in CONTENT_RULES if key in attempt.message), None)


def _text(attempt: SendAttempt) -> GraphError | None:
    said = attempt.message["text"]
    if isinstance(said, str) and not said.strip():
        return refusal(ErrorName.MESSAGE_EMPTY)
    return _text_of_message(said, "message[text]")


def _attachment(attempt: SendAttempt) -> GraphError | None:
    return attachment_fault(attempt.message["attachment"], has_file=attempt.has_file)


def attachment_fault(attachment: object, *, has_file: bool) -> GraphError | None:
    """Judges a template or one piece of media; `has_file`: its bytes came with the call."""
    where = "message[attachment]"
    if as_object(attachment).get("type") == "template":
        return template(as_object(attachment).get("payload"), f"{where}[payload]")
    return media_fault(attachment, where, allowed=MEDIA_TYPES, has_file=has_file)


def _attachments(attempt: SendAttempt) -> GraphError | None:
    return _images(attempt.message["attachments"], "message[attachments]")


def _image(value: Any, where: str) -> GraphError | None:
    return media_fault(value, where, allowed=frozenset({"image"}), has_file=False)


_images: Final = items("message.attachments", _image)
_media_payload: Final = shape({"url": may(url), "attachment_id": may(digits), "is_reusable": may(flag)})


def media_fault(attachment: object, where: str, *, allowed: frozenset[str], has_file: bool) -> GraphError | None:
    """One source: a URL, an id of an upload, or the file that came with the call."""
    if not one_of(as_object(attachment).get("type"), allowed):
        return bad(f"Param {where}[type] must be one of {', '.join(sorted(allowed))}")
    payload = as_object(attachment).get("payload", {})
    sources = sum(as_object(payload).get(name) is not None for name in ("url", "attachment_id")) + has_file
    if sources != 1:
        return bad(f"Param {where}[payload] must hold either url or attachment_id, or a file must come with the call")
    return _media_payload(payload, f"{where}[payload]")


def _sticker(attempt: SendAttempt) -> GraphError | None:
    return digits(attempt.message["sticker_id"], "message[sticker_id]")


def _utility_template(attempt: SendAttempt) -> GraphError | None:
    if attempt.params.get("messaging_type") != "UTILITY":
        return bad("Param message[template] is only allowed with messaging_type UTILITY")
    return UTILITY_TEMPLATE(attempt.message["template"], "message[template]")


CONTENT_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "text": _text,
        "attachment": _attachment,
        "attachments": _attachments,
        "sticker_id": _sticker,
        "template": _utility_template,
    }
)


def utility_has_a_template(attempt: SendAttempt) -> GraphError | None:
    if attempt.params.get("messaging_type") == "UTILITY" and "template" not in attempt.message:
        return bad("messaging_type UTILITY needs message[template]")
    return None


def feedback_tag_has_its_template(attempt: SendAttempt) -> GraphError | None:
    payload = as_object(as_object(attempt.message.get("attachment")).get("payload"))
    if attempt.tag == "CUSTOMER_FEEDBACK" and payload.get("template_type") != "customer_feedback":
        return bad("The tag CUSTOMER_FEEDBACK is only allowed with the customer_feedback template")
    return None


def metadata_is_short(attempt: SendAttempt) -> GraphError | None:
    metadata = attempt.message.get("metadata")
    return None if metadata is None else _metadata(metadata, "message[metadata]")


def _quick_reply(value: Any, where: str) -> GraphError | None:
    """A title over 20 characters is no fault: Facebook cuts it. One with a picture needs no title."""
    reply = as_object(value)
    if reply.get("content_type") == "text" and not (reply.get("title") or reply.get("image_url")):
        return bad(f"The parameter {where}[title] is required")
    members = _CHIP if reply.get("content_type") == "text" else _PERSONS_VALUE
    return members(value, where)


_CHIP: Final = shape(
    {
        "content_type": need(choice(QUICK_REPLY_TYPES)),
        "title": need(lambda value, where: None if isinstance(value, str) else bad(f"Param {where} must be a string")),
        "payload": need(text("quick_reply.payload")),
        "image_url": may(url),
    }
)
_PERSONS_VALUE: Final = shape(
    {
        "content_type": need(choice(QUICK_REPLY_TYPES)),
        "title": may(any_text),
        "payload": may(text("quick_reply.payload")),
        "image_url": may(url),
    }
)
"""Chips that offer the person's own phone number or e-mail address."""
_quick_replies: Final = items("message.quick_replies", _quick_reply)


def quick_replies_are_valid(attempt: SendAttempt) -> GraphError | None:
    replies = attempt.message.get("quick_replies")
    return None if replies is None else _quick_replies(replies, "message[quick_replies]")
