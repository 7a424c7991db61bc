from expertflow.cim.v1 import json_pb2 as _json_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Attachment(_message.Message):
    __slots__ = ("media_url", "thumbnail", "mime_type", "size", "media_label", "media_name", "extras")
    MEDIA_URL_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MEDIA_LABEL_FIELD_NUMBER: _ClassVar[int]
    MEDIA_NAME_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    media_url: str
    thumbnail: str
    mime_type: str
    size: int
    media_label: str
    media_name: str
    extras: _json_pb2.Json
    def __init__(self, media_url: _Optional[str] = ..., thumbnail: _Optional[str] = ..., mime_type: _Optional[str] = ..., size: _Optional[int] = ..., media_label: _Optional[str] = ..., media_name: _Optional[str] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ImageBody(_message.Message):
    __slots__ = ("attachment", "caption", "additional_details")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    CAPTION_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    attachment: Attachment
    caption: str
    additional_details: _json_pb2.Json
    def __init__(self, attachment: _Optional[_Union[Attachment, _Mapping]] = ..., caption: _Optional[str] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class VideoBody(_message.Message):
    __slots__ = ("attachment", "caption", "additional_details")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    CAPTION_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    attachment: Attachment
    caption: str
    additional_details: _json_pb2.Json
    def __init__(self, attachment: _Optional[_Union[Attachment, _Mapping]] = ..., caption: _Optional[str] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class AudioBody(_message.Message):
    __slots__ = ("attachment", "caption", "additional_details")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    CAPTION_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    attachment: Attachment
    caption: str
    additional_details: _json_pb2.Json
    def __init__(self, attachment: _Optional[_Union[Attachment, _Mapping]] = ..., caption: _Optional[str] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class FileBody(_message.Message):
    __slots__ = ("attachment", "caption", "additional_details")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    CAPTION_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    attachment: Attachment
    caption: str
    additional_details: _json_pb2.Json
    def __init__(self, attachment: _Optional[_Union[Attachment, _Mapping]] = ..., caption: _Optional[str] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class MultimediaBody(_message.Message):
    __slots__ = ("attachment", "caption", "additional_details")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    CAPTION_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    attachment: Attachment
    caption: str
    additional_details: _json_pb2.Json
    def __init__(self, attachment: _Optional[_Union[Attachment, _Mapping]] = ..., caption: _Optional[str] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class StickerBody(_message.Message):
    __slots__ = ("media_url", "sticker_id", "additional_details")
    MEDIA_URL_FIELD_NUMBER: _ClassVar[int]
    STICKER_ID_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    media_url: str
    sticker_id: str
    additional_details: _json_pb2.Json
    def __init__(self, media_url: _Optional[str] = ..., sticker_id: _Optional[str] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class UrlBody(_message.Message):
    __slots__ = ("media_url", "additional_details")
    MEDIA_URL_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    media_url: str
    additional_details: _json_pb2.Json
    def __init__(self, media_url: _Optional[str] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class LocationBody(_message.Message):
    __slots__ = ("location", "additional_details")
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    location: Location
    additional_details: _json_pb2.Json
    def __init__(self, location: _Optional[_Union[Location, _Mapping]] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class Location(_message.Message):
    __slots__ = ("latitude", "longitude", "extras")
    LATITUDE_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    latitude: float
    longitude: float
    extras: _json_pb2.Json
    def __init__(self, latitude: _Optional[float] = ..., longitude: _Optional[float] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ContactBody(_message.Message):
    __slots__ = ("contacts", "additional_details")
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_DETAILS_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[Contact]
    additional_details: _json_pb2.Json
    def __init__(self, contacts: _Optional[_Iterable[_Union[Contact, _Mapping]]] = ..., additional_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class Contact(_message.Message):
    __slots__ = ("name", "phones", "additional_contact_details", "extras")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PHONES_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_CONTACT_DETAILS_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    name: ContactName
    phones: _containers.RepeatedCompositeFieldContainer[ContactPhone]
    additional_contact_details: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, name: _Optional[_Union[ContactName, _Mapping]] = ..., phones: _Optional[_Iterable[_Union[ContactPhone, _Mapping]]] = ..., additional_contact_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ContactName(_message.Message):
    __slots__ = ("formatted_name", "additional_name_details", "extras")
    FORMATTED_NAME_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_NAME_DETAILS_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    formatted_name: str
    additional_name_details: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, formatted_name: _Optional[str] = ..., additional_name_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...

class ContactPhone(_message.Message):
    __slots__ = ("phone", "additional_phone_details", "extras")
    PHONE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_PHONE_DETAILS_FIELD_NUMBER: _ClassVar[int]
    EXTRAS_FIELD_NUMBER: _ClassVar[int]
    phone: str
    additional_phone_details: _json_pb2.Json
    extras: _json_pb2.Json
    def __init__(self, phone: _Optional[str] = ..., additional_phone_details: _Optional[_Union[_json_pb2.Json, _Mapping]] = ..., extras: _Optional[_Union[_json_pb2.Json, _Mapping]] = ...) -> None: ...
