"""The table of the message around the body: keys in the order in which CIM's Java model writes them."""

from __future__ import annotations

from typing import Final

from cim_messenger.cim_json.body import BODY
from cim_messenger.cim_json.kinds import ANY, BOOLEAN, INT32, MAP, TEXT, TIME, open_set
from cim_messenger.cim_json.shapes import Absence, Field, Rule, Shape
from expertflow.cim.v1.message_pb2 import Attribute, ChannelData, CimMessage, Customer, MessageHeader, Sender

VALUE_TYPES: Final = (
    "Alphanum100", "AlphanumSpecial200", "String2000", "String50", "String100", "PositiveNumber", "IP", "Number",
    "PhoneNumber", "URL", "Boolean", "Email", "Password", "StringList", "WebChannelData",
)  # fmt: skip
"""The names that CIM's Java model knows for the type of an attribute. It refuses a message over any other."""

SENDER = Shape(
    Sender,
    (
        Field("id", "id", TEXT, rule=Rule.NOT_BLANK),
        Field("type", "type", TEXT, rule=Rule.NOT_NULL),
        Field("senderName", "sender_name", TEXT),
        Field("additionalDetail", "additional_detail", MAP),
    ),
)

ATTRIBUTE = Shape(
    Attribute,
    (
        Field("key", "key", TEXT),
        Field("type", "value_type", open_set(VALUE_TYPES)),
        Field("value", "value", ANY),
    ),
)

CHANNEL_DATA = Shape(
    ChannelData,
    (
        Field("channelCustomerIdentifier", "channel_customer_identifier", TEXT, rule=Rule.NOT_BLANK),
        Field("serviceIdentifier", "service_identifier", TEXT, rule=Rule.NOT_BLANK),
        Field("requestPriority", "request_priority", INT32, absence=Absence.ZERO),
        Field("customerFirstName", "customer_first_name", TEXT),
        Field("customerLastName", "customer_last_name", TEXT),
        Field("additionalAttributes", "additional_attributes", ATTRIBUTE, repeated=True, absence=Absence.DEFAULT),
    ),
)

CUSTOMER = Shape(
    Customer,
    (
        Field("_id", "customer_id", TEXT),
        Field("firstName", "first_name", TEXT),
        Field("phoneNumber", "phone_numbers", TEXT, repeated=True),
        Field("isAnonymous", "anonymous", BOOLEAN, absence=Absence.ZERO),
        Field("__v", "version", INT32, absence=Absence.ZERO),
    ),
)

HEADER = Shape(
    MessageHeader,
    (
        Field("sender", "sender", SENDER, rule=Rule.NOT_NULL),
        Field("channelData", "channel_data", CHANNEL_DATA, rule=Rule.NOT_NULL),
        Field("language", "language", MAP),
        Field("timestamp", "timestamp", TIME, absence=Absence.DEFAULT),
        Field("securityInfo", "security_info", MAP),
        Field("stamps", "stamps", TEXT, repeated=True),
        Field("intent", "intent", TEXT),
        Field("entities", "entities", MAP),
        Field("channelSessionId", "channel_session_id", TEXT),
        Field("conversationId", "conversation_id", TEXT),
        Field("customer", "customer", CUSTOMER),
        Field("originalMessageId", "original_message_id", TEXT, legacy_key="replyToMessageId"),
        Field("providerMessageId", "provider_message_id", TEXT),
        Field("roomId", "room_id", TEXT),
        Field("schedulingMetaData", "scheduling_meta_data", MAP),
        Field("additionalData", "additional_data", MAP),
    ),
)

CIM_MESSAGE = Shape(
    CimMessage,
    (
        Field("id", "id", TEXT, absence=Absence.DEFAULT, rule=Rule.NOT_BLANK),
        Field("header", "header", HEADER, rule=Rule.NOT_NULL),
        Field("body", "body", BODY, rule=Rule.NOT_NULL),
    ),
)
