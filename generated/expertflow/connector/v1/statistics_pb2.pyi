import datetime

from expertflow.connector.v1 import channel_pb2 as _channel_pb2
from expertflow.connector.v1 import inbound_pb2 as _inbound_pb2
from expertflow.connector.v1 import operations_pb2 as _operations_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubscriptionStatistics(_message.Message):
    __slots__ = ("subscription", "state", "backlog_messages", "backlog_keys", "outstanding_messages", "side_queue_messages", "oldest_unacknowledged_age", "dead_letters", "deliveries_total", "redeliveries_total", "acknowledgements_total", "expired_messages", "streams")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_KEYS_FIELD_NUMBER: _ClassVar[int]
    OUTSTANDING_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    SIDE_QUEUE_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    OLDEST_UNACKNOWLEDGED_AGE_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    DELIVERIES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    REDELIVERIES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENTS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    state: _operations_pb2.SubscriptionState
    backlog_messages: int
    backlog_keys: int
    outstanding_messages: int
    side_queue_messages: int
    oldest_unacknowledged_age: _duration_pb2.Duration
    dead_letters: int
    deliveries_total: int
    redeliveries_total: int
    acknowledgements_total: int
    expired_messages: int
    streams: _containers.RepeatedCompositeFieldContainer[StreamStatistics]
    def __init__(self, subscription: _Optional[str] = ..., state: _Optional[_Union[_operations_pb2.SubscriptionState, str]] = ..., backlog_messages: _Optional[int] = ..., backlog_keys: _Optional[int] = ..., outstanding_messages: _Optional[int] = ..., side_queue_messages: _Optional[int] = ..., oldest_unacknowledged_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., dead_letters: _Optional[int] = ..., deliveries_total: _Optional[int] = ..., redeliveries_total: _Optional[int] = ..., acknowledgements_total: _Optional[int] = ..., expired_messages: _Optional[int] = ..., streams: _Optional[_Iterable[_Union[StreamStatistics, _Mapping]]] = ...) -> None: ...

class StreamStatistics(_message.Message):
    __slots__ = ("stream_id", "client_id", "peer", "start_time", "outstanding_messages", "outstanding_bytes", "window", "last_ack_time")
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    OUTSTANDING_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    OUTSTANDING_BYTES_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    LAST_ACK_TIME_FIELD_NUMBER: _ClassVar[int]
    stream_id: str
    client_id: str
    peer: str
    start_time: _timestamp_pb2.Timestamp
    outstanding_messages: int
    outstanding_bytes: int
    window: _inbound_pb2.InboundWindow
    last_ack_time: _timestamp_pb2.Timestamp
    def __init__(self, stream_id: _Optional[str] = ..., client_id: _Optional[str] = ..., peer: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outstanding_messages: _Optional[int] = ..., outstanding_bytes: _Optional[int] = ..., window: _Optional[_Union[_inbound_pb2.InboundWindow, _Mapping]] = ..., last_ack_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class IngestStatistics(_message.Message):
    __slots__ = ("stored_total", "duplicates_total", "quarantine", "commits_total", "mean_commit_events", "median_commit_time", "p99_commit_time", "last_store_time")
    STORED_TOTAL_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_FIELD_NUMBER: _ClassVar[int]
    COMMITS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    MEAN_COMMIT_EVENTS_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_COMMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    P99_COMMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_STORE_TIME_FIELD_NUMBER: _ClassVar[int]
    stored_total: int
    duplicates_total: int
    quarantine: _containers.RepeatedCompositeFieldContainer[QuarantineCount]
    commits_total: int
    mean_commit_events: float
    median_commit_time: _duration_pb2.Duration
    p99_commit_time: _duration_pb2.Duration
    last_store_time: _timestamp_pb2.Timestamp
    def __init__(self, stored_total: _Optional[int] = ..., duplicates_total: _Optional[int] = ..., quarantine: _Optional[_Iterable[_Union[QuarantineCount, _Mapping]]] = ..., commits_total: _Optional[int] = ..., mean_commit_events: _Optional[float] = ..., median_commit_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., p99_commit_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., last_store_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class QuarantineCount(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    count: int
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class ChannelStatistics(_message.Message):
    __slots__ = ("page_id", "state", "queued_messages", "active_lanes", "uncertain_messages", "oldest_queued_age", "sent_total", "failed_total")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_LANES_FIELD_NUMBER: _ClassVar[int]
    UNCERTAIN_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    OLDEST_QUEUED_AGE_FIELD_NUMBER: _ClassVar[int]
    SENT_TOTAL_FIELD_NUMBER: _ClassVar[int]
    FAILED_TOTAL_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    state: _channel_pb2.ChannelState
    queued_messages: int
    active_lanes: int
    uncertain_messages: int
    oldest_queued_age: _duration_pb2.Duration
    sent_total: int
    failed_total: int
    def __init__(self, page_id: _Optional[str] = ..., state: _Optional[_Union[_channel_pb2.ChannelState, str]] = ..., queued_messages: _Optional[int] = ..., active_lanes: _Optional[int] = ..., uncertain_messages: _Optional[int] = ..., oldest_queued_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., sent_total: _Optional[int] = ..., failed_total: _Optional[int] = ...) -> None: ...

class ServerStatistics(_message.Message):
    __slots__ = ("installation_id", "version", "start_time", "storage_engine", "storage_bytes", "media_bytes", "pending_media")
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    STORAGE_ENGINE_FIELD_NUMBER: _ClassVar[int]
    STORAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEDIA_BYTES_FIELD_NUMBER: _ClassVar[int]
    PENDING_MEDIA_FIELD_NUMBER: _ClassVar[int]
    installation_id: str
    version: str
    start_time: _timestamp_pb2.Timestamp
    storage_engine: str
    storage_bytes: int
    media_bytes: int
    pending_media: int
    def __init__(self, installation_id: _Optional[str] = ..., version: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., storage_engine: _Optional[str] = ..., storage_bytes: _Optional[int] = ..., media_bytes: _Optional[int] = ..., pending_media: _Optional[int] = ...) -> None: ...
