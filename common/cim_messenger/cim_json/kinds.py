"""The kinds of value a CIM field can have: how each is read from JSON, as leniently as CIM's Java model, and written.

A kind raises CimJsonError where Java refuses the message too, and UnheldError where Java reads on but the typed field
would lose something. It answers None where Java takes another spelling for null; null itself it meets only in lists.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message

from cim_messenger.cim_json.errors import CimJsonError, UnheldError
from cim_messenger.cim_json.json_text import JsonValue, Number, dump, is_unicode, parse, wrong_kind
from cim_messenger.cim_json.timestamps import read_timestamp, write_timestamp
from expertflow.cim.v1.json_pb2 import Json

Held: TypeAlias = bool | int | float | str | Message
"""What a protobuf field holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of value crosses: JSON to the field's value, and back. Both name the path if they cannot."""

    read: Callable[[JsonValue, str], Held | None]
    write: Callable[[Any, str], JsonValue]


_MAX_DIGITS: Final = 20
"""An int64 has at most 19 digits and a sign; longer tokens are not even converted (some are bombs: 1e999999999)."""
_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BITS: Final = {"0": False, "1": True}
_WORDS: Final = {"true": True, "false": False, "": None}


def _read_text(value: JsonValue, path: str) -> str:
    if isinstance(value, str):
        if is_unicode(value):
            return value
        raise UnheldError(path, "is text with half a surrogate pair")
    if isinstance(value, Number):
        return value.token
    if isinstance(value, bool):
        return "true" if value else "false"
    raise wrong_kind(value, path, "a string")


def _write_text(held: str, _path: str) -> str:
    return held


def _read_whole(value: JsonValue, path: str) -> int | None:
    if isinstance(value, Number):
        return _whole_of(value.token, path)
    if isinstance(value, str):
        if not value:
            return None
        if _WHOLE.fullmatch(value):
            return _whole_of(value, path)
        raise CimJsonError(path, "is text that spells no whole number")
    raise wrong_kind(value, path, "a whole number")


def _whole_of(token: str, path: str) -> int:
    if _WHOLE.fullmatch(token) and len(token) <= _MAX_DIGITS:
        return int(token)
    try:
        number = Decimal(token)
    except InvalidOperation:
        raise CimJsonError(path, "is a number out of range") from None
    if not number:
        return 0
    if number.adjusted() >= _MAX_DIGITS:
        raise CimJsonError(path, "is a number out of range")
    if number != number.to_integral_value():
        raise UnheldError(path, "is a number with a fraction where a whole number is wanted")
    return int(number)


def _integer(bits: int) -> Kind:
    limit = 1 << (bits - 1)

    def read(value: JsonValue, path: str) -> int | None:
        whole = _read_whole(value, path)
        if whole is None or -limit <= whole < limit:
            return whole
        raise CimJsonError(path, f"is a number beyond {bits} bits")

    return Kind(read=read, write=_write_integer)


def _write_integer(held: int, _path: str) -> Number:
    return Number(str(held))


def _read_double(value: JsonValue, path: str) -> float | None:
    if isinstance(value, str):
        if not value:
            return None
        if not _DECIMAL.fullmatch(value):
            raise CimJsonError(path, "is text that spells no number")
    elif not isinstance(value, Number):
        raise wrong_kind(value, path, "a number")
    double = float(value.token if isinstance(value, Number) else value)
    if math.isinf(double):
        raise UnheldError(path, "is a number beyond a double")
    return double


def _write_double(held: float, path: str) -> Number:
    if not math.isfinite(held):
        raise CimJsonError(path, "is NaN or Infinity, which JSON cannot say")
    return Number(repr(held))


def _read_boolean(value: JsonValue, path: str) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, Number):
        if value.token not in _BITS:
            raise UnheldError(path, "is a number other than 0 and 1 where a boolean is wanted")
        return _BITS[value.token]
    if not isinstance(value, str) or value.lower() not in _WORDS:
        raise wrong_kind(value, path, "a boolean")
    return _WORDS[value.lower()]


def _write_boolean(held: bool, _path: str) -> bool:  # noqa: FBT001  # it is the value, not a switch
    return held


def _read_json(value: JsonValue, path: str) -> Json:
    return Json(text=dump(value, path))


def _write_json(held: Json, path: str) -> JsonValue:
    return parse(held.text, path)


def _read_map(value: JsonValue, path: str) -> Json:
    if not isinstance(value, dict):
        raise wrong_kind(value, path, "an object")
    return _read_json(value, path)


def _write_map(held: Json, path: str) -> JsonValue:
    value = parse(held.text, path)
    if value is not None and not isinstance(value, dict):
        raise wrong_kind(value, path, "an object")
    return value


TEXT = Kind(read=_read_text, write=_write_text)
INT32 = _integer(32)
INT64 = _integer(64)
DOUBLE = Kind(read=_read_double, write=_write_double)
BOOLEAN = Kind(read=_read_boolean, write=_write_boolean)
TIME = Kind(read=read_timestamp, write=write_timestamp)
ANY = Kind(read=_read_json, write=_write_json)
"""Any JSON: a Jackson tree in Java."""
MAP = Kind(read=_read_map, write=_write_map)
"""A JSON object of any keys: a Map in Java, which refuses the message over anything else."""


def enum_names(descriptor: EnumDescriptor, *, spell: Callable[[str], str] = str.upper) -> dict[int, str]:
    """Give the JSON name of each value of an enum but the unspecified one: the proto name less its prefix."""
    prefix = descriptor.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.number: spell(value.name.removeprefix(prefix)) for value in descriptor.values if value.number}


def enum(descriptor: EnumDescriptor, *, spell: Callable[[str], str] = str.upper) -> Kind:
    """Make the kind of an enum: written in exact case, read in any, with blanks or hyphens for underscores."""
    names = enum_names(descriptor, spell=spell)
    numbers = {name.upper(): number for number, name in names.items()}

    def read(value: JsonValue, path: str) -> int:
        name = value.upper().replace(" ", "_").replace("-", "_") if isinstance(value, str) else None
        if name not in numbers:
            raise CimJsonError(path, f"is no name of {descriptor.name}")
        return numbers[name]

    def write(held: int, path: str) -> str:
        if held not in names:
            raise CimJsonError(path, f"is no value of {descriptor.name} that this version can name")
        return names[held]

    return Kind(read=read, write=write)


def open_set(known: tuple[str, ...]) -> Kind:
    """Make the kind of a string with known values: those are read in any case, every other string as it is."""
    spellings = {name.lower(): name for name in known}

    def read(value: JsonValue, path: str) -> str:
        text = _read_text(value, path)
        return spellings.get(text.lower(), text)

    return Kind(read=read, write=_write_text)
