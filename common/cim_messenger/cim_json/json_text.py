"""JSON text to a tree and back, with every number as the token that was written.

The tree is what the rest of the codec works on. Text that is no JSON by RFC 8259 is refused; of members of one name the
last counts. Nothing here knows CIM.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

from cim_messenger.cim_json.errors import CimJsonError, UnheldError

MAX_DEPTH: Final = 200
"""How deep lists and objects may nest. CIM needs ten; a limit of our own keeps the parser's stack out of the game."""


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as it is spelt: `1`, `1.0` and `1e0` are three."""

    token: str


JsonValue: TypeAlias = "bool | Number | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"


def parse(text: str, path: str = "$") -> JsonValue:
    """Read one JSON value; raise CimJsonError at `path` if the text is not exactly that."""
    _check_depth(text, path)
    try:
        value: JsonValue = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        # `from None`: the error holds the whole document, and documents hold customers' words.
        raise CimJsonError(path, f"is no JSON: {error.msg}, line {error.lineno} column {error.colno}") from None
    except _ConstantError:
        raise CimJsonError(path, "is no JSON: NaN and Infinity are no numbers") from None
    return value


def dump(value: JsonValue, path: str = "$") -> str:
    """Write a value without blanks, in order, characters as themselves; raise CimJsonError if it nests too deeply."""
    parts: list[str] = []
    _append(value, parts, MAX_DEPTH, path)
    return "".join(parts)


def wrong_kind(value: JsonValue, path: str, wanted: str) -> CimJsonError:
    """Make the error for a value of another JSON type; for null the one that says Java would have read it."""
    if value is None:
        return UnheldError(path, f"is null where {wanted} is wanted")
    return CimJsonError(path, f"is {_KINDS[type(value)]} where {wanted} is wanted")


def is_unicode(text: str) -> bool:
    """Say whether text can be UTF-8: JSON's escapes can spell half a surrogate pair, which no Unicode text holds."""
    return text.isascii() or _SURROGATE.search(text) is None


class _ConstantError(ValueError):
    pass


def _refuse_constant(_name: str) -> NoReturn:
    raise _ConstantError


_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse_constant)
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_KINDS = {bool: "a boolean", Number: "a number", str: "a string", list: "a list", dict: "an object"}
_SURROGATE = re.compile("[\ud800-\udfff]")

# A string that never ends matches up to the end of the text: so a scan stays linear whatever the text holds.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.|\\\Z)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def _check_depth(text: str, path: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        depth += _STEPS.get(match.group(), 0)
        if depth > MAX_DEPTH:
            raise _too_deep(path)


def _too_deep(path: str) -> CimJsonError:
    return CimJsonError(path, f"is nested deeper than {MAX_DEPTH} levels")


def _append(value: JsonValue, parts: list[str], levels: int, path: str) -> None:
    if isinstance(value, str):
        parts.append(_quote(value))
    elif isinstance(value, Number):
        parts.append(value.token)
    elif isinstance(value, dict):
        _append_members(value, parts, levels, path)
    elif isinstance(value, list):
        _append_elements(value, parts, levels, path)
    else:
        parts.append("null" if value is None else "true" if value else "false")


def _append_members(members: JsonObject, parts: list[str], levels: int, path: str) -> None:
    if not levels:
        raise _too_deep(path)
    separator = "{"
    for key, value in members.items():
        parts.append(f"{separator}{_quote(key)}:")
        _append(value, parts, levels - 1, path)
        separator = ","
    parts.append("}" if members else "{}")


def _append_elements(elements: list[JsonValue], parts: list[str], levels: int, path: str) -> None:
    if not levels:
        raise _too_deep(path)
    separator = "["
    for value in elements:
        parts.append(separator)
        _append(value, parts, levels - 1, path)
        separator = ","
    parts.append("]" if elements else "[]")


def _quote(text: str) -> str:
    quoted = _ENCODER.encode(text)
    if is_unicode(quoted):
        return quoted
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", quoted)
