"""DELIVERYNOTIFICATIONs: how CCM hears that a message it sent was delivered, read or given up. Pure, deterministic."""

from __future__ import annotations

from dataclasses import dataclass

from cim_messenger.ids import receipt_id
from cim_messenger.inbound.envelope import DIRECT_MESSAGE
from cim_messenger.inbound.settings import DEFAULT_SENDER_ID, DEFAULT_SENDER_NAME
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import Attribute, ChannelData, CimMessage, MessageBody, MessageHeader, Sender
from expertflow.cim.v1.notification_pb2 import (
    DELIVERY_STATUS_DELIVERED,
    DELIVERY_STATUS_FAILED,
    DELIVERY_STATUS_READ,
    DeliveryNotificationBody,
    DeliveryStatus,
)
from facebook_connector.delivery.values import MessageRecord
from facebook_connector.errors import STATUS_OF_REASON

STATUSES: dict[str, DeliveryStatus] = {"DELIVERED": DELIVERY_STATUS_DELIVERED, "READ": DELIVERY_STATUS_READ}

WELL = "200"
"""`reasonCode` of good news."""
REFUSED = "400"
"""`reasonCode` of what would fail again as it is."""
NO_CHANNEL = "404"
BROKEN = "500"
"""`reasonCode` of what may go another time."""

CODE_OF_STATUS = {
    "INVALID_ARGUMENT": REFUSED,
    "NOT_FOUND": REFUSED,
    "ALREADY_EXISTS": REFUSED,
    "PERMISSION_DENIED": REFUSED,
    "FAILED_PRECONDITION": REFUSED,
    "OUT_OF_RANGE": REFUSED,
    "CANCELLED": REFUSED,
    "UNAUTHENTICATED": BROKEN,
    "UNIMPLEMENTED": BROKEN,
    "ABORTED": BROKEN,
    "UNAVAILABLE": BROKEN,
    "RESOURCE_EXHAUSTED": BROKEN,
    "INTERNAL": BROKEN,
    "UNKNOWN": BROKEN,
    "DEADLINE_EXCEEDED": BROKEN,
}
"""gRPC status of a failure's reason → CCM's `reasonCode`; complete by test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A message of ours reached a status."""

    page_id: str
    psid: str
    cim_id: str
    status: str
    """A key of `STATUSES`."""
    time_ms: int
    """The time of the receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSender:
    """`header.sender` of notifications: the connector itself, as on what customers write."""

    id: str
    name: str


DEFAULT_SENDER = NotificationSender(id=DEFAULT_SENDER_ID, name=DEFAULT_SENDER_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A message of ours ended without success."""

    page_id: str
    psid: str
    cim_id: str
    reason: str
    """A value name of `ErrorReason` without its prefix."""
    detail: str
    time_ms: int
    times_queued: int
    """How often it had been queued by then: each time can end so."""


def notification(news: Reached, sender: NotificationSender) -> MessageRecord:
    """The message that tells it; the same news has the same id whichever receipt brought it."""
    body = DeliveryNotificationBody(message_id=news.cim_id, status=STATUSES[news.status], reason_code=WELL)
    return _record(news, sender, news.status, MessageBody(delivery_notification=body))


def failure_notification(news: GivenUp, sender: NotificationSender) -> MessageRecord:
    """The message that tells of a failure, its reason in words and as `reasonCode`."""
    again = f"/{news.times_queued}" if news.times_queued > 1 else ""
    body = DeliveryNotificationBody(
        message_id=news.cim_id, status=DELIVERY_STATUS_FAILED, reason_code=reason_code(news.reason)
    )
    told = MessageBody(markdown_text=f"{news.reason}: {news.detail}", delivery_notification=body)
    return _record(news, sender, f"FAILED{again}", told)


def reason_code(reason: str) -> str:
    """CCM's `reasonCode` for the reason of a failure; a reason that only a newer server knows may go another time."""
    if reason == "CHANNEL_NOT_FOUND":
        return NO_CHANNEL
    return CODE_OF_STATUS[STATUS_OF_REASON.get(reason, "INTERNAL")]


def _record(news: Reached | GivenUp, sender: NotificationSender, status: str, body: MessageBody) -> MessageRecord:
    body.type = "DELIVERYNOTIFICATION"
    message = CimMessage(
        id=receipt_id(news.page_id, news.cim_id, status),
        header=MessageHeader(
            sender=Sender(id=sender.id, type="CONNECTOR", sender_name=sender.name),
            channel_data=ChannelData(
                channel_customer_identifier=news.psid or None,
                service_identifier=news.page_id,
                request_priority=0,
                additional_attributes=[
                    Attribute(key="MESSAGE_TYPE", value_type="String100", value=Json(text=f'"{DIRECT_MESSAGE}"'))
                ],
            ),
        ),
        body=body,
    )
    message.header.timestamp.FromMilliseconds(news.time_ms)
    return MessageRecord(cim_id=message.id, message=message.SerializeToString(deterministic=True), context=b"")
