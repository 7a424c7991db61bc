import datetime

from expertflow.connector.v1 import inbound_pb2 as _inbound_pb2
from expertflow.connector.v1 import operations_pb2 as _operations_pb2
from expertflow.connector.v1 import outbound_pb2 as _outbound_pb2
from expertflow.connector.v1 import statistics_pb2 as _statistics_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MessageResolution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MESSAGE_RESOLUTION_UNSPECIFIED: _ClassVar[MessageResolution]
    MESSAGE_RESOLUTION_SENT: _ClassVar[MessageResolution]
    MESSAGE_RESOLUTION_RESEND: _ClassVar[MessageResolution]
MESSAGE_RESOLUTION_UNSPECIFIED: MessageResolution
MESSAGE_RESOLUTION_SENT: MessageResolution
MESSAGE_RESOLUTION_RESEND: MessageResolution

class CreateSubscriptionRequest(_message.Message):
    __slots__ = ("name", "start_point", "start_time", "kinds", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    START_POINT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    start_point: _operations_pb2.StartPoint
    start_time: _timestamp_pb2.Timestamp
    kinds: _containers.RepeatedScalarFieldContainer[_inbound_pb2.EventKind]
    request_id: str
    def __init__(self, name: _Optional[str] = ..., start_point: _Optional[_Union[_operations_pb2.StartPoint, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kinds: _Optional[_Iterable[_Union[_inbound_pb2.EventKind, str]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateSubscriptionResponse(_message.Message):
    __slots__ = ("subscription",)
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    subscription: _operations_pb2.Subscription
    def __init__(self, subscription: _Optional[_Union[_operations_pb2.Subscription, _Mapping]] = ...) -> None: ...

class ListSubscriptionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSubscriptionsResponse(_message.Message):
    __slots__ = ("subscriptions", "next_page_token")
    SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    subscriptions: _containers.RepeatedCompositeFieldContainer[_operations_pb2.Subscription]
    next_page_token: str
    def __init__(self, subscriptions: _Optional[_Iterable[_Union[_operations_pb2.Subscription, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteSubscriptionRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteSubscriptionResponse(_message.Message):
    __slots__ = ("dropped_messages",)
    DROPPED_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    dropped_messages: int
    def __init__(self, dropped_messages: _Optional[int] = ...) -> None: ...

class ListQuarantineRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "filter", "include_raw")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    filter: _operations_pb2.QuarantineFilter
    include_raw: bool
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[_Union[_operations_pb2.QuarantineFilter, _Mapping]] = ..., include_raw: _Optional[bool] = ...) -> None: ...

class ListQuarantineResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_operations_pb2.QuarantineEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[_operations_pb2.QuarantineEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RetranslateRequest(_message.Message):
    __slots__ = ("filter", "request_id")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    filter: _operations_pb2.QuarantineFilter
    request_id: str
    def __init__(self, filter: _Optional[_Union[_operations_pb2.QuarantineFilter, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class RetranslateResponse(_message.Message):
    __slots__ = ("stored_events", "duplicate_events", "translated_entries", "remaining")
    STORED_EVENTS_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_EVENTS_FIELD_NUMBER: _ClassVar[int]
    TRANSLATED_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    stored_events: int
    duplicate_events: int
    translated_entries: int
    remaining: _containers.RepeatedCompositeFieldContainer[_statistics_pb2.QuarantineCount]
    def __init__(self, stored_events: _Optional[int] = ..., duplicate_events: _Optional[int] = ..., translated_entries: _Optional[int] = ..., remaining: _Optional[_Iterable[_Union[_statistics_pb2.QuarantineCount, _Mapping]]] = ...) -> None: ...

class ListDeadLettersRequest(_message.Message):
    __slots__ = ("subscription", "page_size", "page_token", "filter")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    page_size: int
    page_token: str
    filter: _operations_pb2.DeadLetterFilter
    def __init__(self, subscription: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[_Union[_operations_pb2.DeadLetterFilter, _Mapping]] = ...) -> None: ...

class ListDeadLettersResponse(_message.Message):
    __slots__ = ("dead_letters", "next_page_token")
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dead_letters: _containers.RepeatedCompositeFieldContainer[_operations_pb2.DeadLetter]
    next_page_token: str
    def __init__(self, dead_letters: _Optional[_Iterable[_Union[_operations_pb2.DeadLetter, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RedriveDeadLettersRequest(_message.Message):
    __slots__ = ("subscription", "filter", "retranslate", "request_id")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    RETRANSLATE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    filter: _operations_pb2.DeadLetterFilter
    retranslate: bool
    request_id: str
    def __init__(self, subscription: _Optional[str] = ..., filter: _Optional[_Union[_operations_pb2.DeadLetterFilter, _Mapping]] = ..., retranslate: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class RedriveDeadLettersResponse(_message.Message):
    __slots__ = ("redriven_count", "retranslated_count")
    REDRIVEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETRANSLATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    redriven_count: int
    retranslated_count: int
    def __init__(self, redriven_count: _Optional[int] = ..., retranslated_count: _Optional[int] = ...) -> None: ...

class DiscardDeadLettersRequest(_message.Message):
    __slots__ = ("subscription", "filter", "request_id")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    filter: _operations_pb2.DeadLetterFilter
    request_id: str
    def __init__(self, subscription: _Optional[str] = ..., filter: _Optional[_Union[_operations_pb2.DeadLetterFilter, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class DiscardDeadLettersResponse(_message.Message):
    __slots__ = ("discarded_count",)
    DISCARDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    discarded_count: int
    def __init__(self, discarded_count: _Optional[int] = ...) -> None: ...

class ReplayInboundRequest(_message.Message):
    __slots__ = ("subscription", "start_time", "end_time", "page_id", "psid", "kinds", "request_id")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    page_id: str
    psid: str
    kinds: _containers.RepeatedScalarFieldContainer[_inbound_pb2.EventKind]
    request_id: str
    def __init__(self, subscription: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_id: _Optional[str] = ..., psid: _Optional[str] = ..., kinds: _Optional[_Iterable[_Union[_inbound_pb2.EventKind, str]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReplayInboundResponse(_message.Message):
    __slots__ = ("replayed_count",)
    REPLAYED_COUNT_FIELD_NUMBER: _ClassVar[int]
    replayed_count: int
    def __init__(self, replayed_count: _Optional[int] = ...) -> None: ...

class CancelMessagesRequest(_message.Message):
    __slots__ = ("page_id", "psid", "ids", "origin", "accepted_before", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    ids: _containers.RepeatedScalarFieldContainer[str]
    origin: _outbound_pb2.SendOrigin
    accepted_before: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., ids: _Optional[_Iterable[str]] = ..., origin: _Optional[_Union[_outbound_pb2.SendOrigin, str]] = ..., accepted_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class CancelMessagesResponse(_message.Message):
    __slots__ = ("cancelled_count", "in_flight_count")
    CANCELLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_COUNT_FIELD_NUMBER: _ClassVar[int]
    cancelled_count: int
    in_flight_count: int
    def __init__(self, cancelled_count: _Optional[int] = ..., in_flight_count: _Optional[int] = ...) -> None: ...

class ResolveMessageRequest(_message.Message):
    __slots__ = ("id", "page_id", "resolution", "request_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    page_id: str
    resolution: MessageResolution
    request_id: str
    def __init__(self, id: _Optional[str] = ..., page_id: _Optional[str] = ..., resolution: _Optional[_Union[MessageResolution, str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ResolveMessageResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: _outbound_pb2.OutboundMessage
    def __init__(self, message: _Optional[_Union[_outbound_pb2.OutboundMessage, _Mapping]] = ...) -> None: ...

class EraseCustomerRequest(_message.Message):
    __slots__ = ("page_id", "psid", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class EraseCustomerResponse(_message.Message):
    __slots__ = ("erased_events", "erased_messages", "erased_media", "file_engine_tags")
    ERASED_EVENTS_FIELD_NUMBER: _ClassVar[int]
    ERASED_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    ERASED_MEDIA_FIELD_NUMBER: _ClassVar[int]
    FILE_ENGINE_TAGS_FIELD_NUMBER: _ClassVar[int]
    erased_events: int
    erased_messages: int
    erased_media: int
    file_engine_tags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, erased_events: _Optional[int] = ..., erased_messages: _Optional[int] = ..., erased_media: _Optional[int] = ..., file_engine_tags: _Optional[_Iterable[str]] = ...) -> None: ...

class GetStatisticsRequest(_message.Message):
    __slots__ = ("subscription",)
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    def __init__(self, subscription: _Optional[str] = ...) -> None: ...

class GetStatisticsResponse(_message.Message):
    __slots__ = ("server", "ingest", "subscriptions", "channels")
    SERVER_FIELD_NUMBER: _ClassVar[int]
    INGEST_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    server: _statistics_pb2.ServerStatistics
    ingest: _statistics_pb2.IngestStatistics
    subscriptions: _containers.RepeatedCompositeFieldContainer[_statistics_pb2.SubscriptionStatistics]
    channels: _containers.RepeatedCompositeFieldContainer[_statistics_pb2.ChannelStatistics]
    def __init__(self, server: _Optional[_Union[_statistics_pb2.ServerStatistics, _Mapping]] = ..., ingest: _Optional[_Union[_statistics_pb2.IngestStatistics, _Mapping]] = ..., subscriptions: _Optional[_Iterable[_Union[_statistics_pb2.SubscriptionStatistics, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[_statistics_pb2.ChannelStatistics, _Mapping]]] = ...) -> None: ...

class ListAuditEventsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "actor", "action", "target", "start_time", "end_time")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    actor: str
    action: str
    target: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., actor: _Optional[str] = ..., action: _Optional[str] = ..., target: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListAuditEventsResponse(_message.Message):
    __slots__ = ("audit_events", "next_page_token")
    AUDIT_EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    audit_events: _containers.RepeatedCompositeFieldContainer[_operations_pb2.AuditEvent]
    next_page_token: str
    def __init__(self, audit_events: _Optional[_Iterable[_Union[_operations_pb2.AuditEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
