import datetime

from expertflow.cim.v1 import json_pb2 as _json_pb2
from expertflow.cim.v1 import media_pb2 as _media_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WrapUpBody(_message.Message):
    __slots__ = ("note", "wrapups")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    WRAPUPS_FIELD_NUMBER: _ClassVar[int]
    note: str
    wrapups: _containers.RepeatedCompositeFieldContainer[_json_pb2.Json]
    def __init__(self, note: _Optional[str] = ..., wrapups: _Optional[_Iterable[_Union[_json_pb2.Json, _Mapping]]] = ...) -> None: ...

class VoiceBody(_message.Message):
    __slots__ = ("call_id", "leg", "reason_code")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    LEG_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    leg: str
    reason_code: str
    def __init__(self, call_id: _Optional[str] = ..., leg: _Optional[str] = ..., reason_code: _Optional[str] = ...) -> None: ...

class ActionBody(_message.Message):
    __slots__ = ("name", "data")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    name: str
    data: _json_pb2.Json
    def __init__(self, name: _Optional[str] = ..., data: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class EmailBody(_message.Message):
    __slots__ = ("subject", "from_address", "reply_to", "receiving_time", "html_body", "recipients_to", "recipients_cc", "recipients_bcc", "email_threads", "attachments", "additional_details")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    FROM_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    RECEIVING_TIME_FIELD_NUMBER: _ClassVar[int]
    HTML_BODY_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_TO_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_CC_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_BCC_FIELD_NUMBER: _ClassVar[int]
    EMAIL_THREADS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    subject: str
    from_address: str
    reply_to: _containers.RepeatedScalarFieldContainer[str]
    receiving_time: _timestamp_pb2.Timestamp
    html_body: str
    recipients_to: _containers.RepeatedScalarFieldContainer[str]
    recipients_cc: _containers.RepeatedScalarFieldContainer[str]
    recipients_bcc: _containers.RepeatedScalarFieldContainer[str]
    email_threads: _containers.RepeatedScalarFieldContainer[str]
    attachments: _containers.RepeatedCompositeFieldContainer[_media_pb2.Attachment]
    additional_details: _json_pb2.Json
    def __init__(self, subject: _Optional[str] = ..., from_address: _Optional[str] = ..., reply_to: _Optional[_Iterable[str]] = ..., receiving_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., html_body: _Optional[str] = ..., recipients_to: _Optional[_Iterable[str]] = ..., recipients_cc: _Optional[_Iterable[str]] = ..., recipients_bcc: _Optional[_Iterable[str]] = ..., email_threads: _Optional[_Iterable[str]] = ..., attachments: _Optional[_Iterable[_Union[_media_pb2.Attachment, _Mapping]]] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class FormDataBody(_message.Message):
    __slots__ = ("form_id", "form_title", "form_description", "enable_sections", "attribute_type", "enable_weightage", "form_weightage", "form_score", "additional_detail", "sentiment", "sections", "additional_details")
    FORM_ID_FIELD_NUMBER: _ClassVar[int]
    FORM_TITLE_FIELD_NUMBER: _ClassVar[int]
    FORM_DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ENABLE_SECTIONS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_TYPE_FIELD_NUMBER: _ClassVar[int]
    ENABLE_WEIGHTAGE_FIELD_NUMBER: _ClassVar[int]
    FORM_WEIGHTAGE_FIELD_NUMBER: _ClassVar[int]
    FORM_SCORE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAIL_FIELD_NUMBER: _ClassVar[int]
    SENTIMENT_FIELD_NUMBER: _ClassVar[int]
    SECTIONS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    form_id: str
    form_title: str
    form_description: str
    enable_sections: bool
    attribute_type: str
    enable_weightage: bool
    form_weightage: _json_pb2.Json
    form_score: _json_pb2.Json
    additional_detail: _json_pb2.Json
    sentiment: FormSentiment
    sections: _containers.RepeatedCompositeFieldContainer[_json_pb2.Json]
    additional_details: _json_pb2.Json
    def __init__(self, form_id: _Optional[str] = ..., form_title: _Optional[str] = ..., form_description: _Optional[str] = ..., enable_sections: _Optional[bool] = ..., attribute_type: _Optional[str] = ..., enable_weightage: _Optional[bool] = ..., form_weightage: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., form_score: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., additional_detail: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., sentiment: _Optional[_Union[FormSentiment, _Mapping]] = ..., sections: _Optional[_Iterable[_Union[_json_pb2.Json, _Mapping]]] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class FormSentiment(_message.Message):
    __slots__ = ("result", "color", "extras")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    result: str
    color: str
    extras: _json_pb2.Json
    def __init__(self, result: _Optional[str] = ..., color: _Optional[str] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...
