import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SendOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEND_ORIGIN_UNSPECIFIED: _ClassVar[SendOrigin]
    SEND_ORIGIN_HUMAN: _ClassVar[SendOrigin]
    SEND_ORIGIN_BOT: _ClassVar[SendOrigin]

class SendState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEND_STATE_UNSPECIFIED: _ClassVar[SendState]
    SEND_STATE_QUEUED: _ClassVar[SendState]
    SEND_STATE_SENT: _ClassVar[SendState]
    SEND_STATE_DELIVERED: _ClassVar[SendState]
    SEND_STATE_READ: _ClassVar[SendState]
    SEND_STATE_FAILED: _ClassVar[SendState]
    SEND_STATE_UNCERTAIN: _ClassVar[SendState]
    SEND_STATE_IGNORED: _ClassVar[SendState]
SEND_ORIGIN_UNSPECIFIED: SendOrigin
SEND_ORIGIN_HUMAN: SendOrigin
SEND_ORIGIN_BOT: SendOrigin
SEND_STATE_UNSPECIFIED: SendState
SEND_STATE_QUEUED: SendState
SEND_STATE_SENT: SendState
SEND_STATE_DELIVERED: SendState
SEND_STATE_READ: SendState
SEND_STATE_FAILED: SendState
SEND_STATE_UNCERTAIN: SendState
SEND_STATE_IGNORED: SendState

class SendOptions(_message.Message):
    __slots__ = ("wait", "ttl", "origin", "record_refusals")
    WAIT_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    RECORD_REFUSALS_FIELD_NUMBER: _ClassVar[int]
    wait: _duration_pb2.Duration
    ttl: _duration_pb2.Duration
    origin: SendOrigin
    record_refusals: bool
    def __init__(self, wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., origin: _Optional[_Union[SendOrigin, str]] = ..., record_refusals: _Optional[bool] = ...) -> None: ...

class OutboundMessage(_message.Message):
    __slots__ = ("id", "page_id", "psid", "state", "terminal", "parts", "warnings", "failure", "window_close_time", "accept_time", "expire_time", "update_time", "origin")
    ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    id: str
    page_id: str
    psid: str
    state: SendState
    terminal: bool
    parts: _containers.RepeatedCompositeFieldContainer[MessagePart]
    warnings: _containers.RepeatedCompositeFieldContainer[SendWarning]
    failure: Failure
    window_close_time: _timestamp_pb2.Timestamp
    accept_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    origin: SendOrigin
    def __init__(self, id: _Optional[str] = ..., page_id: _Optional[str] = ..., psid: _Optional[str] = ..., state: _Optional[_Union[SendState, str]] = ..., terminal: _Optional[bool] = ..., parts: _Optional[_Iterable[_Union[MessagePart, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[SendWarning, _Mapping]]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., window_close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., origin: _Optional[_Union[SendOrigin, str]] = ...) -> None: ...

class MessagePart(_message.Message):
    __slots__ = ("index", "state", "provider_message_id", "update_time")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    index: int
    state: SendState
    provider_message_id: str
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, index: _Optional[int] = ..., state: _Optional[_Union[SendState, str]] = ..., provider_message_id: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("reason", "detail", "provider_code", "provider_subcode", "provider_trace_id", "retryable", "metadata", "part_index")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_SUBCODE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    PART_INDEX_FIELD_NUMBER: _ClassVar[int]
    reason: str
    detail: str
    provider_code: int
    provider_subcode: int
    provider_trace_id: str
    retryable: bool
    metadata: _containers.ScalarMap[str, str]
    part_index: int
    def __init__(self, reason: _Optional[str] = ..., detail: _Optional[str] = ..., provider_code: _Optional[int] = ..., provider_subcode: _Optional[int] = ..., provider_trace_id: _Optional[str] = ..., retryable: _Optional[bool] = ..., metadata: _Optional[_Mapping[str, str]] = ..., part_index: _Optional[int] = ...) -> None: ...

class SendWarning(_message.Message):
    __slots__ = ("code", "detail", "part_index")
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    PART_INDEX_FIELD_NUMBER: _ClassVar[int]
    code: str
    detail: str
    part_index: int
    def __init__(self, code: _Optional[str] = ..., detail: _Optional[str] = ..., part_index: _Optional[int] = ...) -> None: ...

class SendHistoryEntry(_message.Message):
    __slots__ = ("change_time", "state", "part_index", "detail")
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PART_INDEX_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    change_time: _timestamp_pb2.Timestamp
    state: SendState
    part_index: int
    detail: str
    def __init__(self, change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[SendState, str]] = ..., part_index: _Optional[int] = ..., detail: _Optional[str] = ...) -> None: ...
