import datetime

from expertflow.cim.v1 import json_pb2 as _json_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MediaState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEDIA_STATE_UNSPECIFIED: _ClassVar[MediaState]
    MEDIA_STATE_PENDING: _ClassVar[MediaState]
    MEDIA_STATE_STORED: _ClassVar[MediaState]
    MEDIA_STATE_FAILED: _ClassVar[MediaState]
MEDIA_STATE_UNSPECIFIED: MediaState
MEDIA_STATE_PENDING: MediaState
MEDIA_STATE_STORED: MediaState
MEDIA_STATE_FAILED: MediaState

class MessengerContext(_message.Message):
    __slots__ = ("part", "referral", "postback", "quick_reply", "reply_to_mid", "target_mid", "reaction", "link", "echo", "standby", "unsupported", "thread_owner", "window_close_time", "media", "opt_in", "feedback", "more")
    PART_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    POSTBACK_FIELD_NUMBER: _ClassVar[int]
    QUICK_REPLY_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_MID_FIELD_NUMBER: _ClassVar[int]
    TARGET_MID_FIELD_NUMBER: _ClassVar[int]
    REACTION_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    ECHO_FIELD_NUMBER: _ClassVar[int]
    STANDBY_FIELD_NUMBER: _ClassVar[int]
    UNSUPPORTED_FIELD_NUMBER: _ClassVar[int]
    THREAD_OWNER_FIELD_NUMBER: _ClassVar[int]
    WINDOW_CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    OPT_IN_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    part: PartPosition
    referral: Referral
    postback: Postback
    quick_reply: QuickReply
    reply_to_mid: str
    target_mid: str
    reaction: Reaction
    link: LinkPreview
    echo: EchoSource
    standby: bool
    unsupported: bool
    thread_owner: ThreadOwner
    window_close_time: _timestamp_pb2.Timestamp
    media: MediaStatus
    opt_in: OptIn
    feedback: Feedback
    more: _json_pb2.Json
    def __init__(self, part: _Optional[_Union[PartPosition, _Mapping]] = ..., referral: _Optional[_Union[Referral, _Mapping]] = ..., postback: _Optional[_Union[Postback, _Mapping]] = ..., quick_reply: _Optional[_Union[QuickReply, _Mapping]] = ..., reply_to_mid: _Optional[str] = ..., target_mid: _Optional[str] = ..., reaction: _Optional[_Union[Reaction, _Mapping]] = ..., link: _Optional[_Union[LinkPreview, _Mapping]] = ..., echo: _Optional[_Union[EchoSource, _Mapping]] = ..., standby: _Optional[bool] = ..., unsupported: _Optional[bool] = ..., thread_owner: _Optional[_Union[ThreadOwner, _Mapping]] = ..., window_close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., media: _Optional[_Union[MediaStatus, _Mapping]] = ..., opt_in: _Optional[_Union[OptIn, _Mapping]] = ..., feedback: _Optional[_Union[Feedback, _Mapping]] = ..., more: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class PartPosition(_message.Message):
    __slots__ = ("index", "count")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    index: int
    count: int
    def __init__(self, index: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class Referral(_message.Message):
    __slots__ = ("ref", "source", "type", "ad_id", "referer_uri", "guest_user", "product_id", "ad_context")
    REF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AD_ID_FIELD_NUMBER: _ClassVar[int]
    REFERER_URI_FIELD_NUMBER: _ClassVar[int]
    GUEST_USER_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    AD_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    ref: str
    source: str
    type: str
    ad_id: str
    referer_uri: str
    guest_user: bool
    product_id: str
    ad_context: AdContext
    def __init__(self, ref: _Optional[str] = ..., source: _Optional[str] = ..., type: _Optional[str] = ..., ad_id: _Optional[str] = ..., referer_uri: _Optional[str] = ..., guest_user: _Optional[bool] = ..., product_id: _Optional[str] = ..., ad_context: _Optional[_Union[AdContext, _Mapping]] = ...) -> None: ...

class AdContext(_message.Message):
    __slots__ = ("title", "photo_url", "video_url", "post_id", "product_id", "flow_id")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PHOTO_URL_FIELD_NUMBER: _ClassVar[int]
    VIDEO_URL_FIELD_NUMBER: _ClassVar[int]
    POST_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_ID_FIELD_NUMBER: _ClassVar[int]
    title: str
    photo_url: str
    video_url: str
    post_id: str
    product_id: str
    flow_id: str
    def __init__(self, title: _Optional[str] = ..., photo_url: _Optional[str] = ..., video_url: _Optional[str] = ..., post_id: _Optional[str] = ..., product_id: _Optional[str] = ..., flow_id: _Optional[str] = ...) -> None: ...

class Postback(_message.Message):
    __slots__ = ("payload", "title")
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    payload: str
    title: str
    def __init__(self, payload: _Optional[str] = ..., title: _Optional[str] = ...) -> None: ...

class QuickReply(_message.Message):
    __slots__ = ("payload", "content_type")
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    payload: str
    content_type: str
    def __init__(self, payload: _Optional[str] = ..., content_type: _Optional[str] = ...) -> None: ...

class Reaction(_message.Message):
    __slots__ = ("action", "reaction", "emoji")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    REACTION_FIELD_NUMBER: _ClassVar[int]
    EMOJI_FIELD_NUMBER: _ClassVar[int]
    action: str
    reaction: str
    emoji: str
    def __init__(self, action: _Optional[str] = ..., reaction: _Optional[str] = ..., emoji: _Optional[str] = ...) -> None: ...

class LinkPreview(_message.Message):
    __slots__ = ("url", "title")
    URL_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    url: str
    title: str
    def __init__(self, url: _Optional[str] = ..., title: _Optional[str] = ...) -> None: ...

class EchoSource(_message.Message):
    __slots__ = ("app_id", "same_app")
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    SAME_APP_FIELD_NUMBER: _ClassVar[int]
    app_id: str
    same_app: bool
    def __init__(self, app_id: _Optional[str] = ..., same_app: _Optional[bool] = ...) -> None: ...

class ThreadOwner(_message.Message):
    __slots__ = ("app_id", "owned_by_this_app", "expire_time", "observe_time")
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    OWNED_BY_THIS_APP_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_TIME_FIELD_NUMBER: _ClassVar[int]
    app_id: str
    owned_by_this_app: bool
    expire_time: _timestamp_pb2.Timestamp
    observe_time: _timestamp_pb2.Timestamp
    def __init__(self, app_id: _Optional[str] = ..., owned_by_this_app: _Optional[bool] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., observe_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MediaStatus(_message.Message):
    __slots__ = ("state", "failure_reason", "media_id")
    STATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_REASON_FIELD_NUMBER: _ClassVar[int]
    MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    state: MediaState
    failure_reason: str
    media_id: str
    def __init__(self, state: _Optional[_Union[MediaState, str]] = ..., failure_reason: _Optional[str] = ..., media_id: _Optional[str] = ...) -> None: ...

class OptIn(_message.Message):
    __slots__ = ("type", "payload", "title", "ref", "source", "user_ref", "notification_messages_token", "notification_messages_topic", "notification_messages_timezone", "token_expire_time", "user_token_status", "notification_messages_status")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    USER_REF_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_MESSAGES_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_MESSAGES_TOPIC_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_MESSAGES_TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    USER_TOKEN_STATUS_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_MESSAGES_STATUS_FIELD_NUMBER: _ClassVar[int]
    type: str
    payload: str
    title: str
    ref: str
    source: str
    user_ref: str
    notification_messages_token: str
    notification_messages_topic: str
    notification_messages_timezone: str
    token_expire_time: _timestamp_pb2.Timestamp
    user_token_status: str
    notification_messages_status: str
    def __init__(self, type: _Optional[str] = ..., payload: _Optional[str] = ..., title: _Optional[str] = ..., ref: _Optional[str] = ..., source: _Optional[str] = ..., user_ref: _Optional[str] = ..., notification_messages_token: _Optional[str] = ..., notification_messages_topic: _Optional[str] = ..., notification_messages_timezone: _Optional[str] = ..., token_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_token_status: _Optional[str] = ..., notification_messages_status: _Optional[str] = ...) -> None: ...

class Feedback(_message.Message):
    __slots__ = ("answers", "survey_message_id")
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    SURVEY_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[FeedbackAnswer]
    survey_message_id: str
    def __init__(self, answers: _Optional[_Iterable[_Union[FeedbackAnswer, _Mapping]]] = ..., survey_message_id: _Optional[str] = ...) -> None: ...

class FeedbackAnswer(_message.Message):
    __slots__ = ("screen_id", "question_id", "type", "payload", "follow_up")
    SCREEN_ID_FIELD_NUMBER: _ClassVar[int]
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_UP_FIELD_NUMBER: _ClassVar[int]
    screen_id: int
    question_id: str
    type: str
    payload: str
    follow_up: str
    def __init__(self, screen_id: _Optional[int] = ..., question_id: _Optional[str] = ..., type: _Optional[str] = ..., payload: _Optional[str] = ..., follow_up: _Optional[str] = ...) -> None: ...
