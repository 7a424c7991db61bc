import datetime

from expertflow.cim.v1 import message_pb2 as _message_pb2
from expertflow.connector.v1 import inbound_pb2 as _inbound_pb2
from expertflow.connector.v1 import messenger_context_pb2 as _messenger_context_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IngestSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INGEST_SOURCE_UNSPECIFIED: _ClassVar[IngestSource]
    INGEST_SOURCE_LIVE: _ClassVar[IngestSource]
    INGEST_SOURCE_BACKFILL: _ClassVar[IngestSource]
INGEST_SOURCE_UNSPECIFIED: IngestSource
INGEST_SOURCE_LIVE: IngestSource
INGEST_SOURCE_BACKFILL: IngestSource

class InboundEvent(_message.Message):
    __slots__ = ("page_id", "psid", "kind", "dedupe_key", "event_time", "opens_window", "refs", "messages", "context", "raw", "source", "translator_version", "entry_list")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DEDUPE_KEY_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    OPENS_WINDOW_FIELD_NUMBER: _ClassVar[int]
    REFS_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TRANSLATOR_VERSION_FIELD_NUMBER: _ClassVar[int]
    ENTRY_LIST_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    kind: _inbound_pb2.EventKind
    dedupe_key: str
    event_time: _timestamp_pb2.Timestamp
    opens_window: bool
    refs: EventRefs
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.CimMessage]
    context: _messenger_context_pb2.MessengerContext
    raw: bytes
    source: IngestSource
    translator_version: int
    entry_list: str
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., kind: _Optional[_Union[_inbound_pb2.EventKind, str]] = ..., dedupe_key: _Optional[str] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., opens_window: _Optional[bool] = ..., refs: _Optional[_Union[EventRefs, _Mapping]] = ..., messages: _Optional[_Iterable[_Union[_message_pb2.CimMessage, _Mapping]]] = ..., context: _Optional[_Union[_messenger_context_pb2.MessengerContext, _Mapping]] = ..., raw: _Optional[bytes] = ..., source: _Optional[_Union[IngestSource, str]] = ..., translator_version: _Optional[int] = ..., entry_list: _Optional[str] = ...) -> None: ...

class EventRefs(_message.Message):
    __slots__ = ("reply_to_mid", "target_mid", "edit_number", "echo", "delivery", "read_watermark")
    REPLY_TO_MID_FIELD_NUMBER: _ClassVar[int]
    TARGET_MID_FIELD_NUMBER: _ClassVar[int]
    EDIT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ECHO_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    READ_WATERMARK_FIELD_NUMBER: _ClassVar[int]
    reply_to_mid: str
    target_mid: str
    edit_number: int
    echo: EchoRef
    delivery: DeliveryRef
    read_watermark: _timestamp_pb2.Timestamp
    def __init__(self, reply_to_mid: _Optional[str] = ..., target_mid: _Optional[str] = ..., edit_number: _Optional[int] = ..., echo: _Optional[_Union[EchoRef, _Mapping]] = ..., delivery: _Optional[_Union[DeliveryRef, _Mapping]] = ..., read_watermark: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EchoRef(_message.Message):
    __slots__ = ("mid", "metadata", "app_id")
    MID_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    mid: str
    metadata: str
    app_id: str
    def __init__(self, mid: _Optional[str] = ..., metadata: _Optional[str] = ..., app_id: _Optional[str] = ...) -> None: ...

class DeliveryRef(_message.Message):
    __slots__ = ("mids", "watermark")
    MIDS_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_FIELD_NUMBER: _ClassVar[int]
    mids: _containers.RepeatedScalarFieldContainer[str]
    watermark: _timestamp_pb2.Timestamp
    def __init__(self, mids: _Optional[_Iterable[str]] = ..., watermark: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class QuarantinedItem(_message.Message):
    __slots__ = ("reason", "detail", "page_id", "raw", "entry_list")
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    ENTRY_LIST_FIELD_NUMBER: _ClassVar[int]
    reason: str
    detail: str
    page_id: str
    raw: bytes
    entry_list: str
    def __init__(self, reason: _Optional[str] = ..., detail: _Optional[str] = ..., page_id: _Optional[str] = ..., raw: _Optional[bytes] = ..., entry_list: _Optional[str] = ...) -> None: ...
