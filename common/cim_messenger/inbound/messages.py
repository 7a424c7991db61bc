"""Rows of the table for what people say: messages, quick replies, postbacks, edits, unsends, and echoes of the page.

An echo is a message of the page, whoever sent it; whether it is our own the server knows. On echoes sender and
recipient are swapped, and nothing of the page's own doing opens a customer's window. An edit and an unsend name the mid
of the message that they are about, which is not their own.
"""

from __future__ import annotations

import re
from typing import Final

from cim_messenger.inbound.bodies import UNSUPPORTED_TEXT, plain
from cim_messenger.inbound.content import Content, read_content
from cim_messenger.inbound.context import add_more, base_context
from cim_messenger.inbound.dedupe import content_key, key, mid_key
from cim_messenger.inbound.events import Draft, Event
from cim_messenger.inbound.fields import (
    flag,
    identifier,
    integer,
    members,
    optional_text,
    text_of,
    timestamp,
    without,
)
from expertflow.cim.v1.message_pb2 import MessageBody
from expertflow.cim.v1.notification_pb2 import DeletedNotificationBody
from expertflow.connector.v1.inbound_event_pb2 import EchoRef, EventRefs
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_ECHO, EVENT_KIND_MESSAGE
from expertflow.connector.v1.messenger_context_pb2 import EchoSource, MessengerContext, Postback, QuickReply

REPLY_TO: Final = "REPLY_TO"
UPDATE: Final = "UPDATE"

MESSAGE_FIELDS: Final = (
    "mid",
    "text",
    "attachments",
    "quick_reply",
    "reply_to",
    "referral",
    "is_echo",
    "app_id",
    "metadata",
    "is_deleted",
    "is_unsupported",
    "sticker_id",
    "seq",
)
"""Members of `message` that have a place elsewhere, or (`seq`, a counter of old versions) none at all."""

POSTBACK_FIELDS: Final = ("mid", "title", "payload", "referral", "reply_to", "seq")

PHONE_DIGITS: Final = 7
"""Numbers with fewer digits are taken for what a business may offer as a choice: amounts, years, order numbers."""

MAX_EDITS: Final = 2**31 - 1

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]*")


def message(event: Event) -> Draft:
    """`message`, from the customer."""
    said = members(event.payload)
    mid = identifier(said.get("mid"))
    content = read_content(said)
    context = _message_context(event, content)
    quoted = identifier(members(said.get("reply_to")).get("mid"))
    context.reply_to_mid = quoted
    intent = _take_quick_reply(event, context) or (REPLY_TO if quoted else "")
    return Draft(
        kind=EVENT_KIND_MESSAGE,
        dedupe_key=mid_key(mid) if mid else content_key(event),
        parts=content.parts,
        mid=mid,
        intent=intent,
        opens_window=True,
        refs=EventRefs(reply_to_mid=quoted),
        context=context,
    )


def echo(event: Event) -> Draft:
    """`message` with `is_echo`: the page said it."""
    said = members(event.payload)
    mid = identifier(said.get("mid"))
    content = read_content(said)
    app_id = identifier(said.get("app_id"))
    quoted = identifier(members(said.get("reply_to")).get("mid"))
    context = _message_context(event, content)
    context.reply_to_mid = quoted
    context.echo.CopyFrom(EchoSource(app_id=app_id))
    reference = EchoRef(mid=mid, metadata=text_of(said.get("metadata")), app_id=app_id)
    return Draft(
        kind=EVENT_KIND_ECHO,
        dedupe_key=mid_key(mid) if mid else content_key(event),
        parts=content.parts,
        mid=mid,
        intent=REPLY_TO if quoted else "",
        refs=EventRefs(reply_to_mid=quoted, echo=reference),
        context=context,
    )


def unsend(event: Event) -> Draft:
    """`message` with `is_deleted`: its author took it back."""
    mid = identifier(members(event.payload).get("mid"))
    context = base_context(event)
    context.target_mid = mid
    add_more(context, event, without(event.payload, *MESSAGE_FIELDS))
    body = DeletedNotificationBody(timestamp=timestamp(event.time_ms))
    return Draft(
        kind=EVENT_KIND_MESSAGE,
        dedupe_key=key("unsend", mid) if mid else content_key(event),
        parts=(lambda _link: MessageBody(type="DELETEDNOTIFICATION", deleted_notification=body),),
        refs=EventRefs(target_mid=mid),
        context=context,
    )


def edit(event: Event) -> Draft:
    """`message_edit`: the whole new text. Facebook writes the number of the edit as a number or a string."""
    edited = members(event.payload)
    mid = identifier(edited.get("mid"))
    number = integer(edited.get("num_edit"))
    counted = number if number is not None and 0 <= number <= MAX_EDITS else None
    context = base_context(event)
    context.target_mid = mid
    add_more(context, event, without(edited, "mid", "text", "num_edit"))
    text = text_of(edited.get("text"))
    return Draft(
        kind=EVENT_KIND_MESSAGE,
        dedupe_key=content_key(event) if counted is None or not mid else key("edit", mid, counted),
        parts=(lambda _link: plain(text),),
        intent=UPDATE,
        refs=EventRefs(target_mid=mid, edit_number=counted),
        context=context,
    )


def postback(event: Event) -> Draft:
    """`postback`: a tap on a button, the menu, an ice breaker or Get Started. On standby Facebook keeps the payload."""
    tapped = members(event.payload)
    mid = identifier(tapped.get("mid"))
    payload = optional_text(tapped.get("payload"))
    title = text_of(tapped.get("title"))
    context = base_context(event)
    context.postback.CopyFrom(Postback(payload=payload, title=title))
    context.reply_to_mid = identifier(members(tapped.get("reply_to")).get("mid"))
    add_more(context, event, without(tapped, *POSTBACK_FIELDS))
    text = title.strip() or payload or UNSUPPORTED_TEXT
    context.unsupported = not (title.strip() or payload)
    return Draft(
        kind=EVENT_KIND_MESSAGE,
        dedupe_key=mid_key(mid) if mid else content_key(event),
        parts=(lambda _link: plain(text),),
        mid=mid,
        intent=payload or "",
        opens_window=True,
        refs=EventRefs(reply_to_mid=context.reply_to_mid),
        context=context,
    )


def _message_context(event: Event, content: Content) -> MessengerContext:
    context = base_context(event)
    context.unsupported = content.unsupported or flag(members(event.payload).get("is_unsupported"))
    if content.preview is not None:
        context.link.CopyFrom(content.preview)
    rest = without(event.payload, *MESSAGE_FIELDS)
    rest["reply_to"] = without(members(event.payload).get("reply_to"), "mid")
    rest["quick_reply"] = without(members(event.payload).get("quick_reply"), "payload")
    add_more(context, event, rest)
    return context


def _take_quick_reply(event: Event, context: MessengerContext) -> str:
    """Notes a quick reply and gives its payload as the intent, unless the payload is the customer's own data."""
    said = members(event.payload)
    payload = text_of(members(said.get("quick_reply")).get("payload"))
    if not payload:
        return ""
    content_type = _chip(payload) if payload == text_of(said.get("text")) else ""
    context.quick_reply.CopyFrom(QuickReply(payload=payload, content_type=content_type or "text"))
    return "" if content_type else payload


def _chip(value: str) -> str:
    """Whether a value reads as an e-mail address or a telephone number: then a chip of the profile gave it."""
    if _EMAIL.fullmatch(value):
        return "user_email"
    digits = sum(map(str.isdigit, value))
    return "user_phone_number" if _PHONE.fullmatch(value) and digits >= PHONE_DIGITS else ""
