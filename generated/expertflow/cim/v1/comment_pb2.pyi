from expertflow.cim.v1 import json_pb2 as _json_pb2
from expertflow.cim.v1 import media_pb2 as _media_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CommentItemType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMMENT_ITEM_TYPE_UNSPECIFIED: _ClassVar[CommentItemType]
    COMMENT_ITEM_TYPE_VIDEO: _ClassVar[CommentItemType]
    COMMENT_ITEM_TYPE_TEXT: _ClassVar[CommentItemType]
    COMMENT_ITEM_TYPE_IMAGE: _ClassVar[CommentItemType]
    COMMENT_ITEM_TYPE_LIKE: _ClassVar[CommentItemType]
    COMMENT_ITEM_TYPE_UNLIKE: _ClassVar[CommentItemType]
    COMMENT_ITEM_TYPE_DELETE: _ClassVar[CommentItemType]
    COMMENT_ITEM_TYPE_HIDE: _ClassVar[CommentItemType]
    COMMENT_ITEM_TYPE_PRIVATE_REPLY: _ClassVar[CommentItemType]
COMMENT_ITEM_TYPE_UNSPECIFIED: CommentItemType
COMMENT_ITEM_TYPE_VIDEO: CommentItemType
COMMENT_ITEM_TYPE_TEXT: CommentItemType
COMMENT_ITEM_TYPE_IMAGE: CommentItemType
COMMENT_ITEM_TYPE_LIKE: CommentItemType
COMMENT_ITEM_TYPE_UNLIKE: CommentItemType
COMMENT_ITEM_TYPE_DELETE: CommentItemType
COMMENT_ITEM_TYPE_HIDE: CommentItemType
COMMENT_ITEM_TYPE_PRIVATE_REPLY: CommentItemType

class CommentBody(_message.Message):
    __slots__ = ("post_id", "item_type", "attachment", "additional_data")
    POST_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_TYPE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DATA_FIELD_NUMBER: _ClassVar[int]
    post_id: str
    item_type: CommentItemType
    attachment: _media_pb2.Attachment
    additional_data: _json_pb2.Json
    def __init__(self, post_id: _Optional[str] = ..., item_type: _Optional[_Union[CommentItemType, str]] = ..., attachment: _Optional[_Union[_media_pb2.Attachment, _Mapping]] = ..., additional_data: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...
