"""A received message as one line: for a person, with a customer's text made harmless for a terminal; or as JSON."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.json_format import MessageToDict

from cim_messenger.cim_json import CimJsonError, encode
from connector_cli.printing import visible
from connector_client import EventKind, Received
from expertflow.cim.v1.message_pb2 import MessageBody
from expertflow.cim.v1.notification_pb2 import DeliveryStatus

NOTHING_TO_SHOW = "(nothing to show: see --json)"


def message_line(received: Received) -> str:
    """Time, conversation, kind, content, and in parentheses the id by which a reply quotes it."""
    message = received.message
    time = message.header.timestamp.ToDatetime().strftime("%H:%M:%S")
    kind = EventKind(received.kind).name
    # What comes from outside is made harmless as a whole: ids and keys, too, are what a webhook said.
    return visible(f"{time}  {received.ordering_key}  {kind:<8}  {content(received)}  ({_facts(received)})")


def json_line(received: Received) -> str:
    """The `ReceivedMessage` in protobuf's JSON form with the contract's names, but for `message`: that is CIM JSON.

    A message that has no CIM JSON stays in protobuf's form, and `unreadable` says why.
    """
    envelope = MessageToDict(received.envelope, preserving_proto_field_name=True)
    try:
        envelope["message"] = json.loads(encode(received.message))
    except CimJsonError as error:
        envelope["unreadable"] = str(error)
    return json.dumps(envelope, ensure_ascii=False)


def content(received: Received) -> str:
    """What a message says, in as few words as its body type allows."""
    body, context = received.message.body, received.context
    if context.HasField("reaction"):
        reaction = context.reaction
        return f"{reaction.action} {reaction.emoji or reaction.reaction} to {_target(received)}".replace("  ", " ")
    if body.HasField("delivery_notification"):
        told = body.delivery_notification
        return f"{_status(told.status)} {told.message_id or _target(received)}"
    if body.HasField("deleted_notification"):
        return f"took back {body.deleted_notification.message_id or _target(received)}"
    return " ".join(filter(None, (_label(body), body.markdown_text, _media(body)))) or NOTHING_TO_SHOW


def _label(body: MessageBody) -> str:
    return "" if body.HasField("plain") else f"({body.type})"


def _media(body: MessageBody) -> str:
    name = body.WhichOneof("content")
    branch: Any = getattr(body, name) if name else None
    fields = branch.DESCRIPTOR.fields_by_name if branch is not None else {}
    if "attachment" in fields:
        return " ".join(filter(None, (getattr(branch, "caption", ""), branch.attachment.media_url)))
    # Stickers and links have theirs on themselves.
    return branch.media_url if "media_url" in fields else ""


def _target(received: Received) -> str:
    return received.message.header.original_message_id or received.context.target_mid or "an unknown message"


def _status(status: DeliveryStatus) -> str:
    if status not in DeliveryStatus.values():
        return str(status)
    return DeliveryStatus.Name(status).removeprefix("DELIVERY_STATUS_")


def _facts(received: Received) -> str:
    attempt = f", attempt {received.delivery_attempt}" if received.delivery_attempt > 1 else ""
    return f"{received.message.id}{attempt}"
