"""What an event says about other messages and about who owns the conversation, as the value that the store resolves."""

from __future__ import annotations

import json
from typing import Any

from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from facebook_connector.delivery.values import OwnerRecord, RefsRecord
from facebook_connector.timestamps import milliseconds_of

NO_REFS = RefsRecord()

MAX_APP_ID = 32

CHANGES_OF_OWNER = frozenset({"pass_thread_control", "take_thread_control"})
"""Events that name the new owner (`request_thread_control` only asks for it).

Source: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_handovers
"""


def read_refs(event: InboundEvent) -> RefsRecord | None:
    """The references of an event; None if it has none."""
    payload, owner = _payload(event), _owner(event)
    if not (payload or owner or event.HasField("refs")):
        return None
    refs = event.refs
    found = RefsRecord(
        reply_to_mid=refs.reply_to_mid,
        payload=payload,
        target_mid=refs.target_mid,
        edit_number=refs.edit_number if refs.HasField("edit_number") else None,
        delivered_mids=tuple(dict.fromkeys(mid for mid in refs.delivery.mids if mid)),
        delivered_ms=milliseconds_of(refs.delivery.watermark) if refs.delivery.HasField("watermark") else None,
        read_ms=milliseconds_of(refs.read_watermark) if refs.HasField("read_watermark") else None,
        owner=owner,
    )
    return None if found == NO_REFS else found


def _payload(event: InboundEvent) -> str:
    """The payload of a tap; the number or address that a chip of the profile gave is none of ours."""
    tapped = event.context.HasField("postback") or event.context.HasField("quick_reply")
    return event.messages[0].header.intent if tapped and event.messages else ""


def _owner(event: InboundEvent) -> OwnerRecord | None:
    if not event.psid:
        return None
    notice = _notice(event)
    if notice.get("kind") in CHANGES_OF_OWNER:
        return OwnerRecord(app_id=_digits(notice.get("new_owner_app_id")))
    if not event.context.standby:
        return None
    # Only the owner may send, so who sent is the owner.
    return OwnerRecord(app_id=event.refs.echo.app_id or None)


def _notice(event: InboundEvent) -> dict[str, Any]:
    """The JSON object of an event that became CUSTOM; empty for any other."""
    body = event.messages[0].body if event.messages else None
    if body is None or not body.HasField("custom"):
        return {}
    try:
        node = json.loads(body.custom.json_node.text)
    except (ValueError, RecursionError):
        return {}
    return node if isinstance(node, dict) else {}


def _digits(value: object) -> str:
    """An id as text: Facebook writes it as a string or a number, and null for nobody."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() and len(text) <= MAX_APP_ID else ""
