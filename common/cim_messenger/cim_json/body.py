"""Reads and writes the body: which branch it takes, and when it goes verbatim into the generic one."""

from __future__ import annotations

from typing import Final

from cim_messenger.cim_json import objects
from cim_messenger.cim_json.bodies import BY_BRANCH, BY_TYPE, MARKDOWN_TEXT, BodyType
from cim_messenger.cim_json.errors import CimJsonError
from cim_messenger.cim_json.json_text import JsonObject, JsonValue, dump, is_unicode, wrong_kind
from cim_messenger.cim_json.kinds import Kind
from expertflow.cim.v1.message_pb2 import MessageBody

_COMMON: Final = {"type": "type", "markdownText": "markdown_text"}
"""The members that a generic body holds outside its fields, by proto field."""


def _read(value: JsonValue, path: str) -> MessageBody:
    if not isinstance(value, dict):
        raise wrong_kind(value, path, "an object")
    name = value.get("type")
    row = BY_TYPE.get(name) if isinstance(name, str) else None
    if row is None:
        return _read_generic(value, path)
    try:
        return _read_typed(row, value, path)
    except CimJsonError:
        return _read_generic(value, path)


def _read_typed(row: BodyType, value: JsonObject, path: str) -> MessageBody:
    members = dict(value)
    del members["type"]
    body = MessageBody(type=row.type)
    branch = getattr(body, row.branch)
    branch.SetInParent()
    objects.BODY_READER.take(body, (MARKDOWN_TEXT,), members, path)
    objects.BODY_READER.take(branch, row.fields, members, path)
    objects.set_extras(body, members)
    return body


def _read_generic(value: JsonObject, path: str) -> MessageBody:
    members = dict(value)
    body = MessageBody()
    for key, name in _COMMON.items():
        text = members.get(key)
        if isinstance(text, str) and is_unicode(text):
            setattr(body, name, text)
            del members[key]
        elif text is None:
            members.pop(key, None)
    body.generic.fields.text = dump(members, path)
    return body


def _write(body: MessageBody, path: str) -> JsonObject:
    branch = body.WhichOneof("content")
    if branch is None:
        raise CimJsonError(path, "has no content that this version knows")
    if branch == "generic":
        return _write_generic(body, path)
    row = BY_BRANCH[branch]
    if body.HasField("type") and body.type != row.type:
        raise CimJsonError(f"{path}.type", f"contradicts the content, which is {row.type}")
    members: JsonObject = {"type": row.type}
    extras = objects.read_extras(body, path)
    objects.write_fields(body, (MARKDOWN_TEXT,), members, path, extras={})
    objects.write_fields(getattr(body, branch), row.fields, members, path, extras=extras)
    return members


def _write_generic(body: MessageBody, path: str) -> JsonObject:
    typed = {key: getattr(body, name) for key, name in _COMMON.items() if body.HasField(name)}
    fields = objects.read_members(body.generic.fields, f"{path}.fields")
    return {**dict.fromkeys(_COMMON), **objects.read_extras(body, path), **fields, **typed}


BODY: Final = Kind(read=_read, write=_write)
"""The body as a value of its message."""
