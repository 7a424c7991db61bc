"""Rules on the message itself: exactly one content, and what each content must be.

Limits stand as constants with the page that states them; each content key has one rule in `CONTENT_RULES`. Sources:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api and, for quick
replies, https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/quick-replies
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import Rule, SendAttempt, as_object, bad, one_of, utf16_units

TEXT_LIMIT: Final = 2000
"""A text is *shorter* than this, in UTF-16 units."""
METADATA_LIMIT: Final = 1000
"""Metadata is shorter than this, in UTF-16 units."""
IMAGES_LIMIT: Final = 10
"""Meta's number of `attachments` is not published; the lower of the two that circulate."""
QUICK_REPLIES_LIMIT: Final = 13
PAYLOAD_LIMIT: Final = 1000
MEDIA_TYPES: Final = frozenset({"image", "video", "audio", "file"})
TEMPLATE_TYPES: Final = frozenset(
    {
        "button",
        "coupon",
        "customer_feedback",
        "customer_information",
        "generic",
        "image_grid",
        "instant_form",
        "media",
        "notification_messages",
        "product",
        "receipt",
    }
)
QUICK_REPLY_TYPES: Final = frozenset({"text", "user_phone_number", "user_email"})


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
    text = attempt.message["text"]
    if not isinstance(text, str):
        return bad("Param message[text] must be a string")
    if not text.strip():
        return refusal(ErrorName.MESSAGE_EMPTY)
    if utf16_units(text) >= TEXT_LIMIT:
        return bad(f"Length of param message[text] must be less than {TEXT_LIMIT}")
    return None


def _attachment(attempt: SendAttempt) -> GraphError | None:
    attachment = as_object(attempt.message["attachment"])
    payload = as_object(attachment.get("payload"))
    if attachment.get("type") == "template":
        return _template(payload)
    return _media(attachment, allowed=MEDIA_TYPES)


def _attachments(attempt: SendAttempt) -> GraphError | None:
    images = attempt.message["attachments"]
    if not isinstance(images, list) or not 1 <= len(images) <= IMAGES_LIMIT:
        return bad(f"Param message[attachments] must hold 1 to {IMAGES_LIMIT} images")
    faults = (_media(as_object(image), allowed=frozenset({"image"})) for image in images)
    return next((fault for fault in faults if fault is not None), None)


def _media(attachment: Mapping[str, Any], *, allowed: frozenset[str]) -> GraphError | None:
    if not one_of(attachment.get("type"), allowed):
        return bad(f"Param attachment[type] must be one of {', '.join(sorted(allowed))}")
    payload = as_object(attachment.get("payload"))
    url, attachment_id = payload.get("url"), payload.get("attachment_id")
    if (url is None) == (attachment_id is None):
        return bad("Param attachment[payload] must hold either url or attachment_id")
    if url is not None and not is_web_url(url):
        return bad("Param attachment[payload][url] must be a URL")
    return None


def _template(payload: Mapping[str, Any]) -> GraphError | None:
    if not one_of(payload.get("template_type"), TEMPLATE_TYPES):
        return bad(f"Param template_type must be one of {', '.join(sorted(TEMPLATE_TYPES))}")
    return None


def _sticker(attempt: SendAttempt) -> GraphError | None:
    if not str(attempt.message["sticker_id"]).isdecimal():
        return bad("Param message[sticker_id] must be a sticker's id")
    return None


def _utility_template(attempt: SendAttempt) -> GraphError | None:
    template = as_object(attempt.message["template"])
    if attempt.params.get("messaging_type") != "UTILITY":
        return bad("Param message[template] is only allowed with messaging_type UTILITY")
    if not template.get("name") or not as_object(template.get("language")).get("code"):
        return bad("Param message[template] must hold name and language[code]")
    return None


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
    if metadata is None:
        return None
    if not isinstance(metadata, str) or utf16_units(metadata) >= METADATA_LIMIT:
        return bad(f"Param message[metadata] must be a string shorter than {METADATA_LIMIT} characters")
    return None


def quick_replies_are_valid(attempt: SendAttempt) -> GraphError | None:
    replies = attempt.message.get("quick_replies")
    if replies is None:
        return None
    if not isinstance(replies, list):
        return bad("Param message[quick_replies] must be an array")
    if not replies:
        return refusal(ErrorName.TOO_FEW_ITEMS, "Param message[quick_replies] has too few elements.")
    if len(replies) > QUICK_REPLIES_LIMIT:
        return refusal(ErrorName.TOO_MANY_ITEMS, "Param message[quick_replies] has too many elements.")
    faults = (_quick_reply(as_object(reply)) for reply in replies)
    return next((fault for fault in faults if fault is not None), None)


def _quick_reply(reply: Mapping[str, Any]) -> GraphError | None:
    """A title over 20 characters is no fault: Facebook cuts it."""
    if not one_of(reply.get("content_type"), QUICK_REPLY_TYPES):
        return bad(f"Param quick_replies[content_type] must be one of {', '.join(sorted(QUICK_REPLY_TYPES))}")
    if reply.get("image_url") is not None and not is_web_url(reply["image_url"]):
        return bad("Param quick_replies[image_url] must be a URL")
    if reply["content_type"] != "text":
        return None
    title, payload = reply.get("title"), reply.get("payload")
    if not isinstance(title, str) or not (title or reply.get("image_url")):
        return bad("Param quick_replies[title] is required")
    if not isinstance(payload, str) or not payload or utf16_units(payload) > PAYLOAD_LIMIT:
        return bad(f"Param quick_replies[payload] must hold 1 to {PAYLOAD_LIMIT} characters")
    return None


def is_web_url(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
