"""Quoted replies, and reactions: which message is meant.

Messenger names a message by its own id: a quote in `reply_to.mid` beside the message. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api
"""

from __future__ import annotations

from cim_messenger.outbound.values import Quote
from expertflow.cim.v1.message_pb2 import MessageHeader

REPLY_INTENT = "REPLY_TO"
MID_PREFIXES = ("m_", "mid.")
"""How Messenger's message ids begin, today's and older ones. `provider_message_id` may also hold a comment's id."""


def quote_of(header: MessageHeader) -> Quote | None:
    """The quoted message; None when the intent is another, or no id was given."""
    return target_of(header) if header.intent == REPLY_INTENT else None


def target_of(header: MessageHeader) -> Quote | None:
    """The message that the header names, whatever for; None when it names none."""
    mid = header.provider_message_id if header.provider_message_id.startswith(MID_PREFIXES) else ""
    if not mid and not header.original_message_id:
        return None
    return Quote(mid=mid, cim_id=header.original_message_id)
