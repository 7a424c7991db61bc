import datetime

from expertflow.connector.v1 import channel_pb2 as _channel_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateChannelRequest(_message.Message):
    __slots__ = ("channel", "secrets", "request_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    secrets: _channel_pb2.ChannelSecrets
    request_id: str
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., secrets: _Optional[_Union[_channel_pb2.ChannelSecrets, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ...) -> None: ...

class GetChannelRequest(_message.Message):
    __slots__ = ("page_id",)
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    def __init__(self, page_id: _Optional[str] = ...) -> None: ...

class GetChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ...) -> None: ...

class ListChannelsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "tenant_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    tenant_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class ListChannelsResponse(_message.Message):
    __slots__ = ("channels", "next_page_token")
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedCompositeFieldContainer[_channel_pb2.Channel]
    next_page_token: str
    def __init__(self, channels: _Optional[_Iterable[_Union[_channel_pb2.Channel, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateChannelRequest(_message.Message):
    __slots__ = ("channel", "secrets", "update_mask", "request_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    secrets: _channel_pb2.ChannelSecrets
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ..., secrets: _Optional[_Union[_channel_pb2.ChannelSecrets, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class UpdateChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: _channel_pb2.Channel
    def __init__(self, channel: _Optional[_Union[_channel_pb2.Channel, _Mapping]] = ...) -> None: ...

class DeleteChannelRequest(_message.Message):
    __slots__ = ("page_id", "etag", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    etag: str
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteChannelResponse(_message.Message):
    __slots__ = ("failed_messages",)
    FAILED_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    failed_messages: int
    def __init__(self, failed_messages: _Optional[int] = ...) -> None: ...

class SubscribeChannelRequest(_message.Message):
    __slots__ = ("page_id", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SubscribeChannelResponse(_message.Message):
    __slots__ = ("subscribed_fields", "refused_fields")
    SUBSCRIBED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    subscribed_fields: _containers.RepeatedScalarFieldContainer[str]
    refused_fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, subscribed_fields: _Optional[_Iterable[str]] = ..., refused_fields: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckChannelRequest(_message.Message):
    __slots__ = ("page_id",)
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    def __init__(self, page_id: _Optional[str] = ...) -> None: ...

class CheckChannelResponse(_message.Message):
    __slots__ = ("state", "checks", "check_time")
    STATE_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    state: _channel_pb2.CheckState
    checks: _containers.RepeatedCompositeFieldContainer[_channel_pb2.ChannelCheck]
    check_time: _timestamp_pb2.Timestamp
    def __init__(self, state: _Optional[_Union[_channel_pb2.CheckState, str]] = ..., checks: _Optional[_Iterable[_Union[_channel_pb2.ChannelCheck, _Mapping]]] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetMessengerProfileRequest(_message.Message):
    __slots__ = ("page_id",)
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    def __init__(self, page_id: _Optional[str] = ...) -> None: ...

class GetMessengerProfileResponse(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: _channel_pb2.MessengerProfile
    def __init__(self, profile: _Optional[_Union[_channel_pb2.MessengerProfile, _Mapping]] = ...) -> None: ...

class UpdateMessengerProfileRequest(_message.Message):
    __slots__ = ("page_id", "profile", "update_mask", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    profile: _channel_pb2.MessengerProfile
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., profile: _Optional[_Union[_channel_pb2.MessengerProfile, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class UpdateMessengerProfileResponse(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: _channel_pb2.MessengerProfile
    def __init__(self, profile: _Optional[_Union[_channel_pb2.MessengerProfile, _Mapping]] = ...) -> None: ...
