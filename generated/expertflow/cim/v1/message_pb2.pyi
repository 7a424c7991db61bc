import datetime

from expertflow.cim.v1 import activity_pb2 as _activity_pb2
from expertflow.cim.v1 import comment_pb2 as _comment_pb2
from expertflow.cim.v1 import freeform_pb2 as _freeform_pb2
from expertflow.cim.v1 import interactive_pb2 as _interactive_pb2
from expertflow.cim.v1 import json_pb2 as _json_pb2
from expertflow.cim.v1 import media_pb2 as _media_pb2
from expertflow.cim.v1 import notification_pb2 as _notification_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CimMessage(_message.Message):
    __slots__ = ("id", "header", "body", "extras")
    ID_FIELD_NUMBER: _ClassVar[int]
    HEADER_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    id: str
    header: MessageHeader
    body: MessageBody
    extras: _json_pb2.Json
    def __init__(self, id: _Optional[str] = ..., header: _Optional[_Union[MessageHeader, _Mapping]] = ..., body: _Optional[_Union[MessageBody, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class MessageHeader(_message.Message):
    __slots__ = ("sender", "channel_data", "language", "timestamp", "security_info", "stamps", "intent", "entities", "channel_session_id", "conversation_id", "customer", "original_message_id", "provider_message_id", "room_id", "scheduling_meta_data", "additional_data", "extras")
    SENDER_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_DATA_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    SECURITY_INFO_FIELD_NUMBER: _ClassVar[int]
    STAMPS_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ROOM_ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULING_META_DATA_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DATA_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    sender: Sender
    channel_data: ChannelData
    language: _json_pb2.Json
    timestamp: _timestamp_pb2.Timestamp
    security_info: _json_pb2.Json
    stamps: _containers.RepeatedScalarFieldContainer[str]
    intent: str
    entities: _json_pb2.Json
    channel_session_id: str
    conversation_id: str
    customer: Customer
    original_message_id: str
    provider_message_id: str
    room_id: str
    scheduling_meta_data: _json_pb2.Json
    additional_data: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, sender: _Optional[_Union[Sender, _Mapping]] = ..., channel_data: _Optional[_Union[ChannelData, _Mapping]] = ..., language: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., security_info: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., stamps: _Optional[_Iterable[str]] = ..., intent: _Optional[str] = ..., entities: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., channel_session_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., customer: _Optional[_Union[Customer, _Mapping]] = ..., original_message_id: _Optional[str] = ..., provider_message_id: _Optional[str] = ..., room_id: _Optional[str] = ..., scheduling_meta_data: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., additional_data: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class Sender(_message.Message):
    __slots__ = ("id", "type", "sender_name", "additional_detail", "extras")
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SENDER_NAME_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAIL_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: str
    sender_name: str
    additional_detail: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, id: _Optional[str] = ..., type: _Optional[str] = ..., sender_name: _Optional[str] = ..., additional_detail: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ChannelData(_message.Message):
    __slots__ = ("channel_customer_identifier", "service_identifier", "request_priority", "customer_first_name", "customer_last_name", "additional_attributes", "extras")
    CHANNEL_CUSTOMER_IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_PRIORITY_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_LAST_NAME_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    channel_customer_identifier: str
    service_identifier: str
    request_priority: int
    customer_first_name: str
    customer_last_name: str
    additional_attributes: _containers.RepeatedCompositeFieldContainer[Attribute]
    extras: _json_pb2.Json
    def __init__(self, channel_customer_identifier: _Optional[str] = ..., service_identifier: _Optional[str] = ..., request_priority: _Optional[int] = ..., customer_first_name: _Optional[str] = ..., customer_last_name: _Optional[str] = ..., additional_attributes: _Optional[_Iterable[_Union[Attribute, _Mapping]]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class Attribute(_message.Message):
    __slots__ = ("key", "value_type", "value", "extras")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    key: str
    value_type: str
    value: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, key: _Optional[str] = ..., value_type: _Optional[str] = ..., value: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class Customer(_message.Message):
    __slots__ = ("customer_id", "first_name", "phone_numbers", "anonymous", "version", "extras")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBERS_FIELD_NUMBER: _ClassVar[int]
    ANONYMOUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    first_name: str
    phone_numbers: _containers.RepeatedScalarFieldContainer[str]
    anonymous: bool
    version: int
    extras: _json_pb2.Json
    def __init__(self, customer_id: _Optional[str] = ..., first_name: _Optional[str] = ..., phone_numbers: _Optional[_Iterable[str]] = ..., anonymous: _Optional[bool] = ..., version: _Optional[int] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class MessageBody(_message.Message):
    __slots__ = ("type", "markdown_text", "plain", "image", "video", "audio", "file", "multimedia", "sticker", "url", "location", "contact", "button", "carousel", "receipt", "template", "custom", "structured", "notification", "delivery_notification", "deleted_notification", "comment", "wrap_up", "voice", "action", "email", "form_data", "generic", "extras")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MARKDOWN_TEXT_FIELD_NUMBER: _ClassVar[int]
    PLAIN_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    VIDEO_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    MULTIMEDIA_FIELD_NUMBER: _ClassVar[int]
    STICKER_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    BUTTON_FIELD_NUMBER: _ClassVar[int]
    CAROUSEL_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    STRUCTURED_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    DELETED_NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    WRAP_UP_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    FORM_DATA_FIELD_NUMBER: _ClassVar[int]
    GENERIC_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    type: str
    markdown_text: str
    plain: _freeform_pb2.PlainBody
    image: _media_pb2.ImageBody
    video: _media_pb2.VideoBody
    audio: _media_pb2.AudioBody
    file: _media_pb2.FileBody
    multimedia: _media_pb2.MultimediaBody
    sticker: _media_pb2.StickerBody
    url: _media_pb2.UrlBody
    location: _media_pb2.LocationBody
    contact: _media_pb2.ContactBody
    button: _interactive_pb2.ButtonBody
    carousel: _interactive_pb2.CarouselBody
    receipt: _interactive_pb2.ReceiptBody
    template: _interactive_pb2.TemplateBody
    custom: _freeform_pb2.CustomBody
    structured: _freeform_pb2.StructuredBody
    notification: _notification_pb2.NotificationBody
    delivery_notification: _notification_pb2.DeliveryNotificationBody
    deleted_notification: _notification_pb2.DeletedNotificationBody
    comment: _comment_pb2.CommentBody
    wrap_up: _activity_pb2.WrapUpBody
    voice: _activity_pb2.VoiceBody
    action: _activity_pb2.ActionBody
    email: _activity_pb2.EmailBody
    form_data: _activity_pb2.FormDataBody
    generic: _freeform_pb2.GenericBody
    extras: _json_pb2.Json
    def __init__(self, type: _Optional[str] = ..., markdown_text: _Optional[str] = ..., plain: _Optional[_Union[_freeform_pb2.PlainBody, _Mapping]] = ..., image: _Optional[_Union[_media_pb2.ImageBody, _Mapping]] = ..., video: _Optional[_Union[_media_pb2.VideoBody, _Mapping]] = ..., audio: _Optional[_Union[_media_pb2.AudioBody, _Mapping]] = ..., file: _Optional[_Union[_media_pb2.FileBody, _Mapping]] = ..., multimedia: _Optional[_Union[_media_pb2.MultimediaBody, _Mapping]] = ..., sticker: _Optional[_Union[_media_pb2.StickerBody, _Mapping]] = ..., url: _Optional[_Union[_media_pb2.UrlBody, _Mapping]] = ..., location: _Optional[_Union[_media_pb2.LocationBody, _Mapping]] = ..., contact: _Optional[_Union[_media_pb2.ContactBody, _Mapping]] = ..., button: _Optional[_Union[_interactive_pb2.ButtonBody, _Mapping]] = ..., carousel: _Optional[_Union[_interactive_pb2.CarouselBody, _Mapping]] = ..., receipt: _Optional[_Union[_interactive_pb2.ReceiptBody, _Mapping]] = ..., template: _Optional[_Union[_interactive_pb2.TemplateBody, _Mapping]] = ..., custom: _Optional[_Union[_freeform_pb2.CustomBody, _Mapping]] = ..., structured: _Optional[_Union[_freeform_pb2.StructuredBody, _Mapping]] = ..., notification: _Optional[_Union[_notification_pb2.NotificationBody, _Mapping]] = ..., delivery_notification: _Optional[_Union[_notification_pb2.DeliveryNotificationBody, _Mapping]] = ..., deleted_notification: _Optional[_Union[_notification_pb2.DeletedNotificationBody, _Mapping]] = ..., comment: _Optional[_Union[_comment_pb2.CommentBody, _Mapping]] = ..., wrap_up: _Optional[_Union[_activity_pb2.WrapUpBody, _Mapping]] = ..., voice: _Optional[_Union[_activity_pb2.VoiceBody, _Mapping]] = ..., action: _Optional[_Union[_activity_pb2.ActionBody, _Mapping]] = ..., email: _Optional[_Union[_activity_pb2.EmailBody, _Mapping]] = ..., form_data: _Optional[_Union[_activity_pb2.FormDataBody, _Mapping]] = ..., generic: _Optional[_Union[_freeform_pb2.GenericBody, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...
