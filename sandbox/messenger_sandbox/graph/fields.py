"""The `fields` of a read, nested as Facebook writes them: `id,messages.limit(20){id,from}`. Pure.

Source: https://developers.facebook.com/docs/graph-api/guides/field-expansion
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import orjson

from messenger_sandbox.errors import RefusedError
from messenger_sandbox.rules.attempt import bad

_NAME: Final = re.compile(r"[a-z_]+")
_LIMIT: Final = re.compile(r"\.limit\(([0-9]{1,4})\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    limit: int | None = None
    fields: tuple[Field, ...] = ()


def read_fields(text: str) -> tuple[Field, ...]:
    """Raises RefusedError for anything but a list of fields."""
    fields, rest = _list(text.replace(" ", ""))
    if rest:
        raise _syntax(rest)
    return fields


def _list(text: str) -> tuple[tuple[Field, ...], str]:
    field, rest = _field(text)
    found = [field]
    while rest.startswith(","):
        field, rest = _field(rest[1:])
        found.append(field)
    return tuple(found), rest


def _field(text: str) -> tuple[Field, str]:
    name = _NAME.match(text)
    if name is None:
        raise _syntax(text)
    rest = text[name.end() :]
    limit = _LIMIT.match(rest)
    rest = rest if limit is None else rest[limit.end() :]
    inner: tuple[Field, ...] = ()
    if rest.startswith("{"):
        inner, rest = _list(rest[1:])
        if not rest.startswith("}"):
            raise _syntax(rest)
        rest = rest[1:]
    return Field(name=name[0], limit=None if limit is None else int(limit[1]), fields=inner), rest


def _syntax(rest: str) -> RefusedError:
    return RefusedError(bad(f'Syntax error "Expected a field name" before "{rest[:20]}"'))


def read_names(asked: object) -> list[str]:
    """Reads names from a comma list, a JSON array of strings as text, or an array."""
    value: Any = asked
    if isinstance(value, str) and value.startswith("["):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            value = None
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    return [name for name in value if isinstance(name, str) and name] if isinstance(value, list) else []
