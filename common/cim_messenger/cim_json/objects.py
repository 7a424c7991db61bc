"""Reads and writes CIM objects by the rows of their tables. Knows rows, not which object it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message

from cim_messenger.cim_json.errors import UnheldError
from cim_messenger.cim_json.json_text import JsonObject, JsonValue, dump, parse, wrong_kind
from cim_messenger.cim_json.kinds import Held, Kind
from cim_messenger.cim_json.shapes import Absence, Field, Shape
from expertflow.cim.v1.json_pb2 import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Fills proto messages from JSON objects.

    `keeps_unheld` decides on a value that Java reads but the typed field cannot hold whole. True: it stays in extras,
    verbatim. False: UnheldError, for the caller has a better place for the whole.
    """

    keeps_unheld: bool

    def fill(self, message: Any, shape: Shape, value: JsonValue, path: str) -> None:
        """Read a whole object; what no row takes goes to its extras."""
        if not isinstance(value, dict):
            raise wrong_kind(value, path, "an object")
        members = dict(value)
        self.take(message, shape.fields, members, path)
        set_extras(message, members)

    def take(self, message: Message, fields: Iterable[Field], members: JsonObject, path: str) -> None:
        """Move into the message what the fields can hold; the rest stays in `members`."""
        for field in fields:
            if field.legacy_key is not None:
                _modernise(field.key, field.legacy_key, members)
            if field.key not in members:
                continue
            try:
                self._take_one(message, field, members, f"{path}.{field.key}")
            except UnheldError:
                if not self.keeps_unheld:
                    raise
                message.ClearField(field.name)

    def _take_one(self, message: Message, field: Field, members: JsonObject, path: str) -> None:
        value = members[field.key]
        if field.repeated and value == []:
            return  # A proto list cannot tell this from an absent one.
        is_null = value is None or not self._put(message, field, value, path)
        if is_null and field.absence is Absence.DEFAULT:
            members[field.key] = None
            return
        del members[field.key]

    def _put(self, message: Message, field: Field, value: JsonValue, path: str) -> bool:
        """Put a value into its field; False if Java takes it for null."""
        kind = field.kind
        if field.repeated:
            self._put_list(getattr(message, field.name), kind, value, path)
        elif isinstance(kind, Shape):
            part = getattr(message, field.name)
            part.SetInParent()
            self.fill(part, kind, value, path)
        else:
            return _put_single(message, field.name, kind.read(value, path))
        return True

    def _put_list(self, items: Any, kind: Kind | Shape, value: JsonValue, path: str) -> None:
        if not isinstance(value, list):
            raise wrong_kind(value, path, "a list")
        for index, element in enumerate(value):
            place = f"{path}[{index}]"
            if isinstance(kind, Shape):
                self.fill(items.add(), kind, element, place)
            else:
                items.append(kind.read(element, place))


def _put_single(message: Message, name: str, held: Held | None) -> bool:
    if held is None:
        return False
    if isinstance(held, Message):
        getattr(message, name).CopyFrom(held)
    else:
        setattr(message, name, held)
    return True


def _modernise(key: str, legacy_key: str, members: JsonObject) -> None:
    """Give a value under an older key its present key, unless that says something else already."""
    old = members.get(legacy_key)
    if members.get(key) is None and old is not None:
        members[key] = old
    if members.get(key) == old or old is None:
        members.pop(legacy_key, None)


def set_extras(message: Any, members: JsonObject) -> None:
    """Keep what is left of an object's members."""
    if members:
        message.extras.text = dump(members)


def read_extras(message: Any, path: str) -> JsonObject:
    """Give the members that an object's extras hold."""
    if not message.HasField("extras"):
        return {}
    return read_members(message.extras, f"{path}.extras")


def read_members(json: Json, path: str) -> JsonObject:
    """Parse free-form JSON that must be an object."""
    value = parse(json.text, path)
    if not isinstance(value, dict):
        raise wrong_kind(value, path, "an object")
    return value


def write_object(message: Message, shape: Shape, path: str) -> JsonObject:
    """Write a whole object: its typed fields, then what its extras hold."""
    members: JsonObject = {}
    write_fields(message, shape.fields, members, path, extras=read_extras(message, path))
    return members


def write_fields(
    message: Message, fields: Iterable[Field], members: JsonObject, path: str, *, extras: JsonObject
) -> None:
    """Add each field to `members`, unset ones as their row says, and last the extras that no field overrules."""
    for field in fields:
        if is_set(message, field):
            members[field.key] = _write(message, field, f"{path}.{field.key}")
        elif field.key in extras:
            members[field.key] = extras[field.key]
        elif field.absence is Absence.NULL:
            members[field.key] = None
    for key, value in extras.items():
        members.setdefault(key, value)


def is_set(message: Message, field: Field) -> bool:
    """Say whether a field holds anything."""
    descriptor = message.DESCRIPTOR.fields_by_name[field.name]
    return message.HasField(field.name) if descriptor.has_presence else bool(getattr(message, field.name))


def _write(message: Message, field: Field, path: str) -> JsonValue:
    held = getattr(message, field.name)
    if not field.repeated:
        return _write_value(held, field.kind, path)
    return [_write_value(element, field.kind, f"{path}[{index}]") for index, element in enumerate(held)]


def _write_value(held: Any, kind: Kind | Shape, path: str) -> JsonValue:
    return write_object(held, kind, path) if isinstance(kind, Shape) else kind.write(held, path)


ENVELOPE_READER: Final = Reader(keeps_unheld=True)
"""For the message and its header: they have no other place."""
BODY_READER: Final = Reader(keeps_unheld=False)
"""For bodies: GenericBody holds the whole of what its own branch cannot."""
