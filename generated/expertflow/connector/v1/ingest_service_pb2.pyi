import datetime

from expertflow.connector.v1 import inbound_event_pb2 as _inbound_event_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IngestOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INGEST_OUTCOME_UNSPECIFIED: _ClassVar[IngestOutcome]
    INGEST_OUTCOME_STORED: _ClassVar[IngestOutcome]
    INGEST_OUTCOME_DUPLICATE: _ClassVar[IngestOutcome]
    INGEST_OUTCOME_QUARANTINED: _ClassVar[IngestOutcome]
INGEST_OUTCOME_UNSPECIFIED: IngestOutcome
INGEST_OUTCOME_STORED: IngestOutcome
INGEST_OUTCOME_DUPLICATE: IngestOutcome
INGEST_OUTCOME_QUARANTINED: IngestOutcome

class IngestInboundRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[IngestItem]
    def __init__(self, items: _Optional[_Iterable[_Union[IngestItem, _Mapping]]] = ...) -> None: ...

class IngestItem(_message.Message):
    __slots__ = ("receive_time", "event", "quarantined")
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    receive_time: _timestamp_pb2.Timestamp
    event: _inbound_event_pb2.InboundEvent
    quarantined: _inbound_event_pb2.QuarantinedItem
    def __init__(self, receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., event: _Optional[_Union[_inbound_event_pb2.InboundEvent, _Mapping]] = ..., quarantined: _Optional[_Union[_inbound_event_pb2.QuarantinedItem, _Mapping]] = ...) -> None: ...

class IngestInboundResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[IngestResult]
    def __init__(self, results: _Optional[_Iterable[_Union[IngestResult, _Mapping]]] = ...) -> None: ...

class IngestResult(_message.Message):
    __slots__ = ("outcome", "quarantine_reason")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_REASON_FIELD_NUMBER: _ClassVar[int]
    outcome: IngestOutcome
    quarantine_reason: str
    def __init__(self, outcome: _Optional[_Union[IngestOutcome, str]] = ..., quarantine_reason: _Optional[str] = ...) -> None: ...

class ListWebhookKeysRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListWebhookKeysResponse(_message.Message):
    __slots__ = ("apps", "unsigned_page_ids", "keys_version")
    APPS_FIELD_NUMBER: _ClassVar[int]
    UNSIGNED_PAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    KEYS_VERSION_FIELD_NUMBER: _ClassVar[int]
    apps: _containers.RepeatedCompositeFieldContainer[WebhookApp]
    unsigned_page_ids: _containers.RepeatedScalarFieldContainer[str]
    keys_version: str
    def __init__(self, apps: _Optional[_Iterable[_Union[WebhookApp, _Mapping]]] = ..., unsigned_page_ids: _Optional[_Iterable[str]] = ..., keys_version: _Optional[str] = ...) -> None: ...

class WebhookApp(_message.Message):
    __slots__ = ("app_id", "app_secrets", "verify_tokens", "page_ids")
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    APP_SECRETS_FIELD_NUMBER: _ClassVar[int]
    VERIFY_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    app_id: str
    app_secrets: _containers.RepeatedScalarFieldContainer[str]
    verify_tokens: _containers.RepeatedCompositeFieldContainer[VerifyToken]
    page_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, app_id: _Optional[str] = ..., app_secrets: _Optional[_Iterable[str]] = ..., verify_tokens: _Optional[_Iterable[_Union[VerifyToken, _Mapping]]] = ..., page_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class VerifyToken(_message.Message):
    __slots__ = ("page_id", "verify_token")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    VERIFY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    verify_token: str
    def __init__(self, page_id: _Optional[str] = ..., verify_token: _Optional[str] = ...) -> None: ...
