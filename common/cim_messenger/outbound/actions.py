"""NOTIFICATION and DELIVERYNOTIFICATION: typing and seen marks; everything else of them is not for customers.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/sender-actions
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cim_messenger.outbound.values import Action, Rendered, Rules
from expertflow.cim.v1 import notification_pb2
from expertflow.cim.v1.message_pb2 import CimMessage

TYPING: Mapping[int, str] = MappingProxyType(
    {
        notification_pb2.NOTIFICATION_TYPE_TYPING_STARTED: "typing_on",
        notification_pb2.NOTIFICATION_TYPE_TYPING_STOPPED: "typing_off",
    }
)
"""Type of a NOTIFICATION → sender action."""
SEEN = "mark_seen"


def render_notification(message: CimMessage, _rules: Rules) -> Rendered:
    """Typing is shown to the customer; news about sessions, queues and agents are not."""
    name = TYPING.get(message.body.notification.notification_type)
    return Rendered(action=Action(sender_action=name)) if name else Rendered()


def render_delivery_notification(message: CimMessage, _rules: Rules) -> Rendered:
    """READ marks the conversation as seen. Messenger marks all of it: the message named does not matter."""
    if message.body.delivery_notification.status != notification_pb2.DELIVERY_STATUS_READ:
        return Rendered()
    return Rendered(action=Action(sender_action=SEEN))
