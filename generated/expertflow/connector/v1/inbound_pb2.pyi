import datetime

from expertflow.cim.v1 import message_pb2 as _message_pb2
from expertflow.connector.v1 import messenger_context_pb2 as _messenger_context_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_KIND_UNSPECIFIED: _ClassVar[EventKind]
    EVENT_KIND_MESSAGE: _ClassVar[EventKind]
    EVENT_KIND_REACTION: _ClassVar[EventKind]
    EVENT_KIND_RECEIPT: _ClassVar[EventKind]
    EVENT_KIND_CUSTOMER_EVENT: _ClassVar[EventKind]
    EVENT_KIND_PAGE_EVENT: _ClassVar[EventKind]
    EVENT_KIND_FOREIGN_ECHO: _ClassVar[EventKind]
    EVENT_KIND_STANDBY: _ClassVar[EventKind]
    EVENT_KIND_ECHO: _ClassVar[EventKind]

class DeliveryOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_ORIGIN_UNSPECIFIED: _ClassVar[DeliveryOrigin]
    DELIVERY_ORIGIN_LIVE: _ClassVar[DeliveryOrigin]
    DELIVERY_ORIGIN_REDRIVE: _ClassVar[DeliveryOrigin]
    DELIVERY_ORIGIN_REPLAY: _ClassVar[DeliveryOrigin]
    DELIVERY_ORIGIN_BACKFILL: _ClassVar[DeliveryOrigin]

class NackReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NACK_REASON_UNSPECIFIED: _ClassVar[NackReason]
    NACK_REASON_UNAVAILABLE: _ClassVar[NackReason]
    NACK_REASON_REJECTED: _ClassVar[NackReason]

class AckOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACK_OUTCOME_UNSPECIFIED: _ClassVar[AckOutcome]
    ACK_OUTCOME_OK: _ClassVar[AckOutcome]
    ACK_OUTCOME_STALE: _ClassVar[AckOutcome]
    ACK_OUTCOME_UNKNOWN: _ClassVar[AckOutcome]

class ClosingReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOSING_REASON_UNSPECIFIED: _ClassVar[ClosingReason]
    CLOSING_REASON_DRAINING: _ClassVar[ClosingReason]
    CLOSING_REASON_STORE_UNAVAILABLE: _ClassVar[ClosingReason]
    CLOSING_REASON_REPLACED: _ClassVar[ClosingReason]
    CLOSING_REASON_SUBSCRIPTION_DELETED: _ClassVar[ClosingReason]
EVENT_KIND_UNSPECIFIED: EventKind
EVENT_KIND_MESSAGE: EventKind
EVENT_KIND_REACTION: EventKind
EVENT_KIND_RECEIPT: EventKind
EVENT_KIND_CUSTOMER_EVENT: EventKind
EVENT_KIND_PAGE_EVENT: EventKind
EVENT_KIND_FOREIGN_ECHO: EventKind
EVENT_KIND_STANDBY: EventKind
EVENT_KIND_ECHO: EventKind
DELIVERY_ORIGIN_UNSPECIFIED: DeliveryOrigin
DELIVERY_ORIGIN_LIVE: DeliveryOrigin
DELIVERY_ORIGIN_REDRIVE: DeliveryOrigin
DELIVERY_ORIGIN_REPLAY: DeliveryOrigin
DELIVERY_ORIGIN_BACKFILL: DeliveryOrigin
NACK_REASON_UNSPECIFIED: NackReason
NACK_REASON_UNAVAILABLE: NackReason
NACK_REASON_REJECTED: NackReason
ACK_OUTCOME_UNSPECIFIED: AckOutcome
ACK_OUTCOME_OK: AckOutcome
ACK_OUTCOME_STALE: AckOutcome
ACK_OUTCOME_UNKNOWN: AckOutcome
CLOSING_REASON_UNSPECIFIED: ClosingReason
CLOSING_REASON_DRAINING: ClosingReason
CLOSING_REASON_STORE_UNAVAILABLE: ClosingReason
CLOSING_REASON_REPLACED: ClosingReason
CLOSING_REASON_SUBSCRIPTION_DELETED: ClosingReason

class ReceivedMessage(_message.Message):
    __slots__ = ("ack_id", "message", "ordering_key", "kind", "origin", "delivery_attempt", "ack_deadline_time", "store_time", "late", "tenant_id", "context")
    ACK_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ORDERING_KEY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ACK_DEADLINE_TIME_FIELD_NUMBER: _ClassVar[int]
    STORE_TIME_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    ack_id: str
    message: _message_pb2.CimMessage
    ordering_key: str
    kind: EventKind
    origin: DeliveryOrigin
    delivery_attempt: int
    ack_deadline_time: _timestamp_pb2.Timestamp
    store_time: _timestamp_pb2.Timestamp
    late: bool
    tenant_id: str
    context: _messenger_context_pb2.MessengerContext
    def __init__(self, ack_id: _Optional[str] = ..., message: _Optional[_Union[_message_pb2.CimMessage, _Mapping]] = ..., ordering_key: _Optional[str] = ..., kind: _Optional[_Union[EventKind, str]] = ..., origin: _Optional[_Union[DeliveryOrigin, str]] = ..., delivery_attempt: _Optional[int] = ..., ack_deadline_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., store_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., late: _Optional[bool] = ..., tenant_id: _Optional[str] = ..., context: _Optional[_Union[_messenger_context_pb2.MessengerContext, _Mapping]] = ...) -> None: ...

class InboundStart(_message.Message):
    __slots__ = ("subscription", "client_id", "page_ids", "kinds", "ack_deadline", "window", "held_ack_ids")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    ACK_DEADLINE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    HELD_ACK_IDS_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    client_id: str
    page_ids: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[EventKind]
    ack_deadline: _duration_pb2.Duration
    window: InboundWindow
    held_ack_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, subscription: _Optional[str] = ..., client_id: _Optional[str] = ..., page_ids: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[_Union[EventKind, str]]] = ..., ack_deadline: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., window: _Optional[_Union[InboundWindow, _Mapping]] = ..., held_ack_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class InboundWindow(_message.Message):
    __slots__ = ("max_messages", "max_bytes")
    MAX_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    max_messages: int
    max_bytes: int
    def __init__(self, max_messages: _Optional[int] = ..., max_bytes: _Optional[int] = ...) -> None: ...

class InboundAck(_message.Message):
    __slots__ = ("ack_ids",)
    ACK_IDS_FIELD_NUMBER: _ClassVar[int]
    ack_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ack_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class InboundNack(_message.Message):
    __slots__ = ("ack_ids", "reason", "delay", "detail")
    ACK_IDS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    ack_ids: _containers.RepeatedScalarFieldContainer[str]
    reason: NackReason
    delay: _duration_pb2.Duration
    detail: str
    def __init__(self, ack_ids: _Optional[_Iterable[str]] = ..., reason: _Optional[_Union[NackReason, str]] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., detail: _Optional[str] = ...) -> None: ...

class InboundExtend(_message.Message):
    __slots__ = ("ack_ids", "duration")
    ACK_IDS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    ack_ids: _containers.RepeatedScalarFieldContainer[str]
    duration: _duration_pb2.Duration
    def __init__(self, ack_ids: _Optional[_Iterable[str]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class InboundPing(_message.Message):
    __slots__ = ("nonce",)
    NONCE_FIELD_NUMBER: _ClassVar[int]
    nonce: str
    def __init__(self, nonce: _Optional[str] = ...) -> None: ...

class InboundStarted(_message.Message):
    __slots__ = ("subscription", "client_id", "stream_id", "page_ids", "kinds", "ack_deadline", "window", "held_results", "server_version")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    ACK_DEADLINE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    HELD_RESULTS_FIELD_NUMBER: _ClassVar[int]
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    client_id: str
    stream_id: str
    page_ids: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[EventKind]
    ack_deadline: _duration_pb2.Duration
    window: InboundWindow
    held_results: _containers.RepeatedCompositeFieldContainer[AckResult]
    server_version: str
    def __init__(self, subscription: _Optional[str] = ..., client_id: _Optional[str] = ..., stream_id: _Optional[str] = ..., page_ids: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[_Union[EventKind, str]]] = ..., ack_deadline: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., window: _Optional[_Union[InboundWindow, _Mapping]] = ..., held_results: _Optional[_Iterable[_Union[AckResult, _Mapping]]] = ..., server_version: _Optional[str] = ...) -> None: ...

class InboundMessages(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[ReceivedMessage]
    def __init__(self, messages: _Optional[_Iterable[_Union[ReceivedMessage, _Mapping]]] = ...) -> None: ...

class InboundResults(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[AckResult]
    def __init__(self, results: _Optional[_Iterable[_Union[AckResult, _Mapping]]] = ...) -> None: ...

class AckResult(_message.Message):
    __slots__ = ("ack_id", "outcome")
    ACK_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ack_id: str
    outcome: AckOutcome
    def __init__(self, ack_id: _Optional[str] = ..., outcome: _Optional[_Union[AckOutcome, str]] = ...) -> None: ...

class InboundPong(_message.Message):
    __slots__ = ("nonce", "server_time")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    nonce: str
    server_time: _timestamp_pb2.Timestamp
    def __init__(self, nonce: _Optional[str] = ..., server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class InboundClosing(_message.Message):
    __slots__ = ("reason", "reconnect_after")
    REASON_FIELD_NUMBER: _ClassVar[int]
    RECONNECT_AFTER_FIELD_NUMBER: _ClassVar[int]
    reason: ClosingReason
    reconnect_after: _duration_pb2.Duration
    def __init__(self, reason: _Optional[_Union[ClosingReason, str]] = ..., reconnect_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
