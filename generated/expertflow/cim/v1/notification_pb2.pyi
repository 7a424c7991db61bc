import datetime

from expertflow.cim.v1 import json_pb2 as _json_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NotificationType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTIFICATION_TYPE_UNSPECIFIED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_INFO: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_SYSTEM_ERROR: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_WARNING: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_CHANNEL_SESSION_STARTED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_CHANNEL_SESSION_EXPIRED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_CHANNEL_SESSION_ENDED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_AGENT_SUBSCRIBED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_AGENT_UNSUBSCRIBED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_TASK_ENQUEUED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_NO_AGENT_AVAILABLE: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_TYPING_STARTED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_TYPING_STOPPED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_AGENT_RESERVED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_PARTICIPANT_ROLE_CHANGED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_TASK_STATE_CHANGED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_CHANNEL_SESSION_DATA_UPDATED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_ADVISOR_SUBSCRIBED: _ClassVar[NotificationType]
    NOTIFICATION_TYPE_ROOM_MEMBER_STATUS_CHANGED: _ClassVar[NotificationType]

class DeliveryStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_STATUS_UNSPECIFIED: _ClassVar[DeliveryStatus]
    DELIVERY_STATUS_DELIVERED: _ClassVar[DeliveryStatus]
    DELIVERY_STATUS_READ: _ClassVar[DeliveryStatus]
    DELIVERY_STATUS_CONNECTED: _ClassVar[DeliveryStatus]
    DELIVERY_STATUS_FAILED: _ClassVar[DeliveryStatus]
NOTIFICATION_TYPE_UNSPECIFIED: NotificationType
NOTIFICATION_TYPE_INFO: NotificationType
NOTIFICATION_TYPE_SYSTEM_ERROR: NotificationType
NOTIFICATION_TYPE_WARNING: NotificationType
NOTIFICATION_TYPE_CHANNEL_SESSION_STARTED: NotificationType
NOTIFICATION_TYPE_CHANNEL_SESSION_EXPIRED: NotificationType
NOTIFICATION_TYPE_CHANNEL_SESSION_ENDED: NotificationType
NOTIFICATION_TYPE_AGENT_SUBSCRIBED: NotificationType
NOTIFICATION_TYPE_AGENT_UNSUBSCRIBED: NotificationType
NOTIFICATION_TYPE_TASK_ENQUEUED: NotificationType
NOTIFICATION_TYPE_NO_AGENT_AVAILABLE: NotificationType
NOTIFICATION_TYPE_TYPING_STARTED: NotificationType
NOTIFICATION_TYPE_TYPING_STOPPED: NotificationType
NOTIFICATION_TYPE_AGENT_RESERVED: NotificationType
NOTIFICATION_TYPE_PARTICIPANT_ROLE_CHANGED: NotificationType
NOTIFICATION_TYPE_TASK_STATE_CHANGED: NotificationType
NOTIFICATION_TYPE_CHANNEL_SESSION_DATA_UPDATED: NotificationType
NOTIFICATION_TYPE_ADVISOR_SUBSCRIBED: NotificationType
NOTIFICATION_TYPE_ROOM_MEMBER_STATUS_CHANGED: NotificationType
DELIVERY_STATUS_UNSPECIFIED: DeliveryStatus
DELIVERY_STATUS_DELIVERED: DeliveryStatus
DELIVERY_STATUS_READ: DeliveryStatus
DELIVERY_STATUS_CONNECTED: DeliveryStatus
DELIVERY_STATUS_FAILED: DeliveryStatus

class NotificationBody(_message.Message):
    __slots__ = ("notification_type", "notification_data")
    NOTIFICATION_TYPE_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_DATA_FIELD_NUMBER: _ClassVar[int]
    notification_type: NotificationType
    notification_data: _json_pb2.Json
    def __init__(self, notification_type: _Optional[_Union[NotificationType, str]] = ..., notification_data: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class DeliveryNotificationBody(_message.Message):
    __slots__ = ("message_id", "status", "reason_code")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    status: DeliveryStatus
    reason_code: str
    def __init__(self, message_id: _Optional[str] = ..., status: _Optional[_Union[DeliveryStatus, str]] = ..., reason_code: _Optional[str] = ...) -> None: ...

class DeletedNotificationBody(_message.Message):
    __slots__ = ("message_id", "timestamp")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    timestamp: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
