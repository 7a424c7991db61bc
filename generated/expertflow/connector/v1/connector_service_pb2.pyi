import datetime

from expertflow.cim.v1 import message_pb2 as _message_pb2
from expertflow.connector.v1 import error_pb2 as _error_pb2
from expertflow.connector.v1 import inbound_pb2 as _inbound_pb2
from expertflow.connector.v1 import outbound_pb2 as _outbound_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SendMessageRequest(_message.Message):
    __slots__ = ("message", "options")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    message: _message_pb2.CimMessage
    options: _outbound_pb2.SendOptions
    def __init__(self, message: _Optional[_Union[_message_pb2.CimMessage, _Mapping]] = ..., options: _Optional[_Union[_outbound_pb2.SendOptions, _Mapping]] = ...) -> None: ...

class SendMessageResponse(_message.Message):
    __slots__ = ("id", "state", "terminal", "parts", "warnings", "failure", "window_close_time", "accept_time", "expire_time", "page_id", "psid", "already_accepted")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    ALREADY_ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    id: str
    state: _outbound_pb2.SendState
    terminal: bool
    parts: _containers.RepeatedCompositeFieldContainer[_outbound_pb2.MessagePart]
    warnings: _containers.RepeatedCompositeFieldContainer[_outbound_pb2.SendWarning]
    failure: _outbound_pb2.Failure
    window_close_time: _timestamp_pb2.Timestamp
    accept_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    page_id: str
    psid: str
    already_accepted: bool
    def __init__(self, id: _Optional[str] = ..., state: _Optional[_Union[_outbound_pb2.SendState, str]] = ..., terminal: _Optional[bool] = ..., parts: _Optional[_Iterable[_Union[_outbound_pb2.MessagePart, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[_outbound_pb2.SendWarning, _Mapping]]] = ..., failure: _Optional[_Union[_outbound_pb2.Failure, _Mapping]] = ..., window_close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_id: _Optional[str] = ..., psid: _Optional[str] = ..., already_accepted: _Optional[bool] = ...) -> None: ...

class SendMessagesRequest(_message.Message):
    __slots__ = ("message", "options")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    message: _message_pb2.CimMessage
    options: _outbound_pb2.SendOptions
    def __init__(self, message: _Optional[_Union[_message_pb2.CimMessage, _Mapping]] = ..., options: _Optional[_Union[_outbound_pb2.SendOptions, _Mapping]] = ...) -> None: ...

class SendMessagesResponse(_message.Message):
    __slots__ = ("index", "id", "response", "error")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    index: int
    id: str
    response: SendMessageResponse
    error: _error_pb2.Error
    def __init__(self, index: _Optional[int] = ..., id: _Optional[str] = ..., response: _Optional[_Union[SendMessageResponse, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.Error, _Mapping]] = ...) -> None: ...

class GetMessageRequest(_message.Message):
    __slots__ = ("id", "page_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    page_id: str
    def __init__(self, id: _Optional[str] = ..., page_id: _Optional[str] = ...) -> None: ...

class GetMessageResponse(_message.Message):
    __slots__ = ("message", "history")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    message: _outbound_pb2.OutboundMessage
    history: _containers.RepeatedCompositeFieldContainer[_outbound_pb2.SendHistoryEntry]
    def __init__(self, message: _Optional[_Union[_outbound_pb2.OutboundMessage, _Mapping]] = ..., history: _Optional[_Iterable[_Union[_outbound_pb2.SendHistoryEntry, _Mapping]]] = ...) -> None: ...

class RetryMessageRequest(_message.Message):
    __slots__ = ("id", "page_id", "ttl", "request_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    page_id: str
    ttl: _duration_pb2.Duration
    request_id: str
    def __init__(self, id: _Optional[str] = ..., page_id: _Optional[str] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class RetryMessageResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: _outbound_pb2.OutboundMessage
    def __init__(self, message: _Optional[_Union[_outbound_pb2.OutboundMessage, _Mapping]] = ...) -> None: ...

class StreamInboundRequest(_message.Message):
    __slots__ = ("start", "ack", "nack", "extend", "window", "ping")
    START_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    NACK_FIELD_NUMBER: _ClassVar[int]
    EXTEND_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    start: _inbound_pb2.InboundStart
    ack: _inbound_pb2.InboundAck
    nack: _inbound_pb2.InboundNack
    extend: _inbound_pb2.InboundExtend
    window: _inbound_pb2.InboundWindow
    ping: _inbound_pb2.InboundPing
    def __init__(self, start: _Optional[_Union[_inbound_pb2.InboundStart, _Mapping]] = ..., ack: _Optional[_Union[_inbound_pb2.InboundAck, _Mapping]] = ..., nack: _Optional[_Union[_inbound_pb2.InboundNack, _Mapping]] = ..., extend: _Optional[_Union[_inbound_pb2.InboundExtend, _Mapping]] = ..., window: _Optional[_Union[_inbound_pb2.InboundWindow, _Mapping]] = ..., ping: _Optional[_Union[_inbound_pb2.InboundPing, _Mapping]] = ...) -> None: ...

class StreamInboundResponse(_message.Message):
    __slots__ = ("started", "messages", "results", "pong", "closing")
    STARTED_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    PONG_FIELD_NUMBER: _ClassVar[int]
    CLOSING_FIELD_NUMBER: _ClassVar[int]
    started: _inbound_pb2.InboundStarted
    messages: _inbound_pb2.InboundMessages
    results: _inbound_pb2.InboundResults
    pong: _inbound_pb2.InboundPong
    closing: _inbound_pb2.InboundClosing
    def __init__(self, started: _Optional[_Union[_inbound_pb2.InboundStarted, _Mapping]] = ..., messages: _Optional[_Union[_inbound_pb2.InboundMessages, _Mapping]] = ..., results: _Optional[_Union[_inbound_pb2.InboundResults, _Mapping]] = ..., pong: _Optional[_Union[_inbound_pb2.InboundPong, _Mapping]] = ..., closing: _Optional[_Union[_inbound_pb2.InboundClosing, _Mapping]] = ...) -> None: ...

class PullInboundRequest(_message.Message):
    __slots__ = ("subscription", "client_id", "page_ids", "kinds", "max_messages", "ack_deadline", "wait")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    ACK_DEADLINE_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    client_id: str
    page_ids: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[_inbound_pb2.EventKind]
    max_messages: int
    ack_deadline: _duration_pb2.Duration
    wait: _duration_pb2.Duration
    def __init__(self, subscription: _Optional[str] = ..., client_id: _Optional[str] = ..., page_ids: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[_Union[_inbound_pb2.EventKind, str]]] = ..., max_messages: _Optional[int] = ..., ack_deadline: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PullInboundResponse(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_inbound_pb2.ReceivedMessage]
    def __init__(self, messages: _Optional[_Iterable[_Union[_inbound_pb2.ReceivedMessage, _Mapping]]] = ...) -> None: ...

class AcknowledgeRequest(_message.Message):
    __slots__ = ("subscription", "ack_ids")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ACK_IDS_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    ack_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, subscription: _Optional[str] = ..., ack_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class AcknowledgeResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_inbound_pb2.AckResult]
    def __init__(self, results: _Optional[_Iterable[_Union[_inbound_pb2.AckResult, _Mapping]]] = ...) -> None: ...

class ModifyAckDeadlineRequest(_message.Message):
    __slots__ = ("subscription", "ack_ids", "extend", "nack")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ACK_IDS_FIELD_NUMBER: _ClassVar[int]
    EXTEND_FIELD_NUMBER: _ClassVar[int]
    NACK_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    ack_ids: _containers.RepeatedScalarFieldContainer[str]
    extend: _duration_pb2.Duration
    nack: NackChange
    def __init__(self, subscription: _Optional[str] = ..., ack_ids: _Optional[_Iterable[str]] = ..., extend: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., nack: _Optional[_Union[NackChange, _Mapping]] = ...) -> None: ...

class NackChange(_message.Message):
    __slots__ = ("reason", "delay", "detail")
    REASON_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    reason: _inbound_pb2.NackReason
    delay: _duration_pb2.Duration
    detail: str
    def __init__(self, reason: _Optional[_Union[_inbound_pb2.NackReason, str]] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., detail: _Optional[str] = ...) -> None: ...

class ModifyAckDeadlineResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_inbound_pb2.AckResult]
    def __init__(self, results: _Optional[_Iterable[_Union[_inbound_pb2.AckResult, _Mapping]]] = ...) -> None: ...
