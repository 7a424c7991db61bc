import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChannelState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_STATE_UNSPECIFIED: _ClassVar[ChannelState]
    CHANNEL_STATE_ACTIVE: _ClassVar[ChannelState]
    CHANNEL_STATE_THROTTLED: _ClassVar[ChannelState]
    CHANNEL_STATE_STOPPED: _ClassVar[ChannelState]

class CheckState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHECK_STATE_UNSPECIFIED: _ClassVar[CheckState]
    CHECK_STATE_OK: _ClassVar[CheckState]
    CHECK_STATE_WARNING: _ClassVar[CheckState]
    CHECK_STATE_FAILED: _ClassVar[CheckState]
CHANNEL_STATE_UNSPECIFIED: ChannelState
CHANNEL_STATE_ACTIVE: ChannelState
CHANNEL_STATE_THROTTLED: ChannelState
CHANNEL_STATE_STOPPED: ChannelState
CHECK_STATE_UNSPECIFIED: CheckState
CHECK_STATE_OK: CheckState
CHECK_STATE_WARNING: CheckState
CHECK_STATE_FAILED: CheckState

class Channel(_message.Message):
    __slots__ = ("page_id", "tenant_id", "app_id", "graph_version", "human_agent_enabled", "allow_custom", "allow_unsigned", "edited_marker", "default_prompt", "wanted_fields", "state", "state_reason", "state_time", "app_secret_count", "page_access_token_set", "verify_token_set", "etag", "create_time", "update_time")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    GRAPH_VERSION_FIELD_NUMBER: _ClassVar[int]
    HUMAN_AGENT_ENABLED_FIELD_NUMBER: _ClassVar[int]
    ALLOW_CUSTOM_FIELD_NUMBER: _ClassVar[int]
    ALLOW_UNSIGNED_FIELD_NUMBER: _ClassVar[int]
    EDITED_MARKER_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_PROMPT_FIELD_NUMBER: _ClassVar[int]
    WANTED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_REASON_FIELD_NUMBER: _ClassVar[int]
    STATE_TIME_FIELD_NUMBER: _ClassVar[int]
    APP_SECRET_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_ACCESS_TOKEN_SET_FIELD_NUMBER: _ClassVar[int]
    VERIFY_TOKEN_SET_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    tenant_id: str
    app_id: str
    graph_version: str
    human_agent_enabled: bool
    allow_custom: bool
    allow_unsigned: bool
    edited_marker: str
    default_prompt: str
    wanted_fields: _containers.RepeatedScalarFieldContainer[str]
    state: ChannelState
    state_reason: str
    state_time: _timestamp_pb2.Timestamp
    app_secret_count: int
    page_access_token_set: bool
    verify_token_set: bool
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, page_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., app_id: _Optional[str] = ..., graph_version: _Optional[str] = ..., human_agent_enabled: _Optional[bool] = ..., allow_custom: _Optional[bool] = ..., allow_unsigned: _Optional[bool] = ..., edited_marker: _Optional[str] = ..., default_prompt: _Optional[str] = ..., wanted_fields: _Optional[_Iterable[str]] = ..., state: _Optional[_Union[ChannelState, str]] = ..., state_reason: _Optional[str] = ..., state_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., app_secret_count: _Optional[int] = ..., page_access_token_set: _Optional[bool] = ..., verify_token_set: _Optional[bool] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ChannelSecrets(_message.Message):
    __slots__ = ("page_access_token", "app_secrets", "verify_token")
    PAGE_ACCESS_TOKEN_FIELD_NUMBER: _ClassVar[int]
    APP_SECRETS_FIELD_NUMBER: _ClassVar[int]
    VERIFY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_access_token: str
    app_secrets: _containers.RepeatedScalarFieldContainer[str]
    verify_token: str
    def __init__(self, page_access_token: _Optional[str] = ..., app_secrets: _Optional[_Iterable[str]] = ..., verify_token: _Optional[str] = ...) -> None: ...

class ChannelCheck(_message.Message):
    __slots__ = ("name", "state", "detail", "disables")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    DISABLES_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: CheckState
    detail: str
    disables: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[CheckState, str]] = ..., detail: _Optional[str] = ..., disables: _Optional[_Iterable[str]] = ...) -> None: ...

class MessengerProfile(_message.Message):
    __slots__ = ("get_started_payload", "greetings", "ice_breakers", "persistent_menus", "command_sets")
    GET_STARTED_PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    GREETINGS_FIELD_NUMBER: _ClassVar[int]
    ICE_BREAKERS_FIELD_NUMBER: _ClassVar[int]
    PERSISTENT_MENUS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_SETS_FIELD_NUMBER: _ClassVar[int]
    get_started_payload: str
    greetings: _containers.RepeatedCompositeFieldContainer[Greeting]
    ice_breakers: _containers.RepeatedCompositeFieldContainer[IceBreakerSet]
    persistent_menus: _containers.RepeatedCompositeFieldContainer[PersistentMenu]
    command_sets: _containers.RepeatedCompositeFieldContainer[CommandSet]
    def __init__(self, get_started_payload: _Optional[str] = ..., greetings: _Optional[_Iterable[_Union[Greeting, _Mapping]]] = ..., ice_breakers: _Optional[_Iterable[_Union[IceBreakerSet, _Mapping]]] = ..., persistent_menus: _Optional[_Iterable[_Union[PersistentMenu, _Mapping]]] = ..., command_sets: _Optional[_Iterable[_Union[CommandSet, _Mapping]]] = ...) -> None: ...

class Greeting(_message.Message):
    __slots__ = ("locale", "text")
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    locale: str
    text: str
    def __init__(self, locale: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class IceBreakerSet(_message.Message):
    __slots__ = ("locale", "questions")
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    locale: str
    questions: _containers.RepeatedCompositeFieldContainer[IceBreaker]
    def __init__(self, locale: _Optional[str] = ..., questions: _Optional[_Iterable[_Union[IceBreaker, _Mapping]]] = ...) -> None: ...

class IceBreaker(_message.Message):
    __slots__ = ("question", "payload")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    question: str
    payload: str
    def __init__(self, question: _Optional[str] = ..., payload: _Optional[str] = ...) -> None: ...

class PersistentMenu(_message.Message):
    __slots__ = ("locale", "composer_input_disabled", "items")
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    COMPOSER_INPUT_DISABLED_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    locale: str
    composer_input_disabled: bool
    items: _containers.RepeatedCompositeFieldContainer[MenuItem]
    def __init__(self, locale: _Optional[str] = ..., composer_input_disabled: _Optional[bool] = ..., items: _Optional[_Iterable[_Union[MenuItem, _Mapping]]] = ...) -> None: ...

class MenuItem(_message.Message):
    __slots__ = ("title", "payload", "url")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    title: str
    payload: str
    url: str
    def __init__(self, title: _Optional[str] = ..., payload: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...

class CommandSet(_message.Message):
    __slots__ = ("locale", "commands")
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    locale: str
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    def __init__(self, locale: _Optional[str] = ..., commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("name", "description")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...
