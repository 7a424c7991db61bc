"""The table of body types: CIM's name, the branch of `MessageBody.content`, and the keys that are that type's own.

`type` and `markdownText`, which every body has, are not repeated here. Keys stand in Java's order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cim_messenger.cim_json.kinds import ANY, BOOLEAN, MAP, TEXT, TIME, enum
from cim_messenger.cim_json.parts import (
    ATTACHMENT,
    BUTTONS,
    CAROUSEL_ELEMENT,
    CONTACT,
    FORM_SENTIMENT,
    LOCATION,
    RECEIPT_ADDRESS,
    RECEIPT_ADJUSTMENT,
    RECEIPT_ELEMENT,
    RECEIPT_SUMMARY,
    TEMPLATE_COMPONENT,
    TEMPLATE_LANGUAGE,
)
from cim_messenger.cim_json.shapes import Absence, Field, Rule
from expertflow.cim.v1.comment_pb2 import CommentItemType
from expertflow.cim.v1.interactive_pb2 import ButtonMessageType, CarouselMessageType
from expertflow.cim.v1.notification_pb2 import DeliveryStatus, NotificationType


@dataclass(frozen=True, slots=True)
class BodyType:
    """One row: the `type` on the wire, the branch that holds it, and the branch's fields."""

    type: str
    branch: str
    fields: tuple[Field, ...]


_ADDITIONAL_DETAILS = Field("additionalDetails", "additional_details", ANY)
_MEDIA = (
    _ADDITIONAL_DETAILS,
    Field("caption", "caption", TEXT),
    Field("attachment", "attachment", ATTACHMENT, rule=Rule.NOT_NULL),
)
_STICKER = (
    _ADDITIONAL_DETAILS,
    Field("mediaUrl", "media_url", TEXT),
    Field("stickerId", "sticker_id", TEXT),
)
_URL = (
    _ADDITIONAL_DETAILS,
    Field("mediaUrl", "media_url", TEXT, rule=Rule.NOT_BLANK),
)
_LOCATION = (
    _ADDITIONAL_DETAILS,
    Field("location", "location", LOCATION, rule=Rule.NOT_NULL),
)
_CONTACT = (
    _ADDITIONAL_DETAILS,
    Field("contacts", "contacts", CONTACT, repeated=True, absence=Absence.DEFAULT),
)
_BUTTON = (
    _ADDITIONAL_DETAILS,
    BUTTONS,
    Field("buttonMessageType", "button_message_type", enum(ButtonMessageType.DESCRIPTOR)),
)
_CAROUSEL = (
    _ADDITIONAL_DETAILS,
    Field("carouselMessageType", "carousel_message_type", enum(CarouselMessageType.DESCRIPTOR)),
    Field("elements", "elements", CAROUSEL_ELEMENT, repeated=True, absence=Absence.DEFAULT),
)
_RECEIPT = (
    _ADDITIONAL_DETAILS,
    Field("templateType", "template_type", TEXT),
    Field("sharable", "sharable", BOOLEAN),
    Field("recipientName", "recipient_name", TEXT),
    Field("merchantName", "merchant_name", TEXT),
    Field("orderNumber", "order_number", TEXT),
    Field("currency", "currency", TEXT),
    Field("paymentMethode", "payment_method", TEXT),
    Field("timestamp", "timestamp_text", TEXT),
    Field("elements", "elements", RECEIPT_ELEMENT, repeated=True),
    Field("address", "address", RECEIPT_ADDRESS),
    Field("summary", "summary", RECEIPT_SUMMARY),
    Field("adjustments", "adjustments", RECEIPT_ADJUSTMENT, repeated=True),
)
_TEMPLATE = (
    _ADDITIONAL_DETAILS,
    Field("namespace", "template_namespace", TEXT, rule=Rule.NOT_BLANK),
    Field("name", "name", TEXT, rule=Rule.NOT_BLANK),
    Field("language", "language", TEMPLATE_LANGUAGE),
    Field("components", "components", TEMPLATE_COMPONENT, repeated=True, absence=Absence.DEFAULT),
)
_NOTIFICATION = (
    Field("notificationType", "notification_type", enum(NotificationType.DESCRIPTOR)),
    Field("notificationData", "notification_data", MAP, absence=Absence.DEFAULT),
)
_DELIVERY_NOTIFICATION = (
    Field("messageId", "message_id", TEXT),
    Field("status", "status", enum(DeliveryStatus.DESCRIPTOR)),
    Field("reasonCode", "reason_code", TEXT),
)
_DELETED_NOTIFICATION = (
    Field("messageId", "message_id", TEXT),
    Field("timestamp", "timestamp", TIME, absence=Absence.DEFAULT),
)
_COMMENT = (
    Field("postId", "post_id", TEXT, rule=Rule.NOT_NULL),
    Field("attachment", "attachment", ATTACHMENT),
    Field("itemType", "item_type", enum(CommentItemType.DESCRIPTOR), rule=Rule.NOT_NULL),
    Field("additionalData", "additional_data", MAP),
)
_WRAP_UP = (
    Field("note", "note", TEXT),
    Field("wrapups", "wrapups", ANY, repeated=True),
)
_VOICE = (
    Field("callId", "call_id", TEXT),
    Field("leg", "leg", TEXT),
    Field("reasonCode", "reason_code", TEXT),
)
_ACTION = (
    Field("name", "name", TEXT),
    Field("data", "data", MAP),
)
_EMAIL = (
    Field("subject", "subject", TEXT),
    Field("from", "from_address", TEXT),
    Field("replyTo", "reply_to", TEXT, repeated=True),
    Field("receivingDate", "receiving_time", TIME),
    Field("htmlBody", "html_body", TEXT),
    Field("recipientsTo", "recipients_to", TEXT, repeated=True),
    Field("recipientsCc", "recipients_cc", TEXT, repeated=True),
    Field("recipientsBcc", "recipients_bcc", TEXT, repeated=True),
    Field("emailThreads", "email_threads", TEXT, repeated=True),
    Field("attachments", "attachments", ATTACHMENT, repeated=True),
    _ADDITIONAL_DETAILS,
)
_FORM_DATA = (
    _ADDITIONAL_DETAILS,
    Field("formId", "form_id", TEXT),
    Field("formTitle", "form_title", TEXT),
    Field("formDescription", "form_description", TEXT),
    Field("enableSections", "enable_sections", BOOLEAN),
    Field("attributeType", "attribute_type", TEXT),
    Field("enableWeightage", "enable_weightage", BOOLEAN),
    Field("formWeightage", "form_weightage", ANY),
    Field("formScore", "form_score", ANY),
    Field("additionalDetail", "additional_detail", MAP),
    Field("sentiment", "sentiment", FORM_SENTIMENT),
    Field("sections", "sections", ANY, repeated=True),
)

BODY_TYPES: Final = (
    BodyType("PLAIN", "plain", ()),
    BodyType("IMAGE", "image", _MEDIA),
    BodyType("VIDEO", "video", _MEDIA),
    BodyType("AUDIO", "audio", _MEDIA),
    BodyType("FILE", "file", _MEDIA),
    BodyType("MULTIMEDIA", "multimedia", _MEDIA),
    BodyType("STICKER", "sticker", _STICKER),
    BodyType("URL", "url", _URL),
    BodyType("LOCATION", "location", _LOCATION),
    BodyType("CONTACT", "contact", _CONTACT),
    BodyType("BUTTON", "button", _BUTTON),
    BodyType("CAROUSEL", "carousel", _CAROUSEL),
    BodyType("RECEIPT", "receipt", _RECEIPT),
    BodyType("TEMPLATE", "template", _TEMPLATE),
    BodyType("CUSTOM", "custom", (Field("jsonNode", "json_node", ANY),)),
    BodyType("StructuredMessage", "structured", (_ADDITIONAL_DETAILS,)),
    BodyType("NOTIFICATION", "notification", _NOTIFICATION),
    BodyType("DELIVERYNOTIFICATION", "delivery_notification", _DELIVERY_NOTIFICATION),
    BodyType("DELETEDNOTIFICATION", "deleted_notification", _DELETED_NOTIFICATION),
    BodyType("COMMENT", "comment", _COMMENT),
    BodyType("WRAPUP", "wrap_up", _WRAP_UP),
    BodyType("VOICE", "voice", _VOICE),
    BodyType("ACTION", "action", _ACTION),
    BodyType("EMAIL", "email", _EMAIL),
    BodyType("FORM_DATA", "form_data", _FORM_DATA),
)
"""Every body type of CIM with a branch of its own; every other goes to GenericBody."""

BY_TYPE: Final = {row.type: row for row in BODY_TYPES}
BY_BRANCH: Final = {row.branch: row for row in BODY_TYPES}

MARKDOWN_TEXT: Final = Field("markdownText", "markdown_text", TEXT)
"""The field that every body has beside its type."""
