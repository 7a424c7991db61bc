import datetime

from expertflow.connector.v1 import messenger_context_pb2 as _messenger_context_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetThreadOwnerRequest(_message.Message):
    __slots__ = ("page_id", "psid", "refresh")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    REFRESH_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    refresh: bool
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., refresh: _Optional[bool] = ...) -> None: ...

class GetThreadOwnerResponse(_message.Message):
    __slots__ = ("owner",)
    OWNER_FIELD_NUMBER: _ClassVar[int]
    owner: _messenger_context_pb2.ThreadOwner
    def __init__(self, owner: _Optional[_Union[_messenger_context_pb2.ThreadOwner, _Mapping]] = ...) -> None: ...

class TakeThreadControlRequest(_message.Message):
    __slots__ = ("page_id", "psid", "metadata", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    metadata: str
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., metadata: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class TakeThreadControlResponse(_message.Message):
    __slots__ = ("owner",)
    OWNER_FIELD_NUMBER: _ClassVar[int]
    owner: _messenger_context_pb2.ThreadOwner
    def __init__(self, owner: _Optional[_Union[_messenger_context_pb2.ThreadOwner, _Mapping]] = ...) -> None: ...

class PassThreadControlRequest(_message.Message):
    __slots__ = ("page_id", "psid", "target_app_id", "metadata", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    TARGET_APP_ID_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    target_app_id: str
    metadata: str
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., target_app_id: _Optional[str] = ..., metadata: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class PassThreadControlResponse(_message.Message):
    __slots__ = ("owner",)
    OWNER_FIELD_NUMBER: _ClassVar[int]
    owner: _messenger_context_pb2.ThreadOwner
    def __init__(self, owner: _Optional[_Union[_messenger_context_pb2.ThreadOwner, _Mapping]] = ...) -> None: ...

class ReleaseThreadControlRequest(_message.Message):
    __slots__ = ("page_id", "psid", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReleaseThreadControlResponse(_message.Message):
    __slots__ = ("owner",)
    OWNER_FIELD_NUMBER: _ClassVar[int]
    owner: _messenger_context_pb2.ThreadOwner
    def __init__(self, owner: _Optional[_Union[_messenger_context_pb2.ThreadOwner, _Mapping]] = ...) -> None: ...

class RequestThreadControlRequest(_message.Message):
    __slots__ = ("page_id", "psid", "metadata", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    metadata: str
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., metadata: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class RequestThreadControlResponse(_message.Message):
    __slots__ = ("owner",)
    OWNER_FIELD_NUMBER: _ClassVar[int]
    owner: _messenger_context_pb2.ThreadOwner
    def __init__(self, owner: _Optional[_Union[_messenger_context_pb2.ThreadOwner, _Mapping]] = ...) -> None: ...

class ExtendThreadControlRequest(_message.Message):
    __slots__ = ("page_id", "psid", "duration", "request_id")
    PAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PSID_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    page_id: str
    psid: str
    duration: _duration_pb2.Duration
    request_id: str
    def __init__(self, page_id: _Optional[str] = ..., psid: _Optional[str] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ExtendThreadControlResponse(_message.Message):
    __slots__ = ("owner",)
    OWNER_FIELD_NUMBER: _ClassVar[int]
    owner: _messenger_context_pb2.ThreadOwner
    def __init__(self, owner: _Optional[_Union[_messenger_context_pb2.ThreadOwner, _Mapping]] = ...) -> None: ...
