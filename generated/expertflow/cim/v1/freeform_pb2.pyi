from expertflow.cim.v1 import json_pb2 as _json_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PlainBody(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CustomBody(_message.Message):
    __slots__ = ("json_node",)
    JSON_NODE_FIELD_NUMBER: _ClassVar[int]
    json_node: _json_pb2.Json
    def __init__(self, json_node: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class StructuredBody(_message.Message):
    __slots__ = ("additional_details",)
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    additional_details: _json_pb2.Json
    def __init__(self, additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class GenericBody(_message.Message):
    __slots__ = ("fields",)
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    fields: _json_pb2.Json
    def __init__(self, fields: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...
