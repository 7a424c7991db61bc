"""DELIVERYNOTIFICATIONs: how CCM hears that a message it sent was delivered or read. Pure and deterministic."""

from __future__ import annotations

from dataclasses import dataclass

from cim_messenger.ids import receipt_id
from cim_messenger.inbound.envelope import DIRECT_MESSAGE
from cim_messenger.inbound.settings import DEFAULT_SENDER_ID, DEFAULT_SENDER_NAME
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import Attribute, ChannelData, CimMessage, MessageBody, MessageHeader, Sender
from expertflow.cim.v1.notification_pb2 import (
    DELIVERY_STATUS_DELIVERED,
    DELIVERY_STATUS_READ,
    DeliveryNotificationBody,
    DeliveryStatus,
)
from facebook_connector.delivery.values import MessageRecord

STATUSES: dict[str, DeliveryStatus] = {"DELIVERED": DELIVERY_STATUS_DELIVERED, "READ": DELIVERY_STATUS_READ}

WELL = "200"
"""`reasonCode` of good news."""


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


def notification(news: Reached, sender: NotificationSender) -> MessageRecord:
    """The message that tells it; the same news has the same id whichever receipt brought it."""
    message = CimMessage(
        id=receipt_id(news.page_id, news.cim_id, news.status),
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
        body=MessageBody(
            type="DELIVERYNOTIFICATION",
            delivery_notification=DeliveryNotificationBody(
                message_id=news.cim_id, status=STATUSES[news.status], reason_code=WELL
            ),
        ),
    )
    message.header.timestamp.FromMilliseconds(news.time_ms)
    return MessageRecord(cim_id=message.id, message=message.SerializeToString(deterministic=True), context=b"")
