"""Reads the free-form parts of CIM (`additionalDetails` and the like): whatever stands there, nothing fails.

What the CIM conventions promise is a promise of others; a value of another type counts as absent. What is read can be
written as JSON again: JSON's escapes can spell halves of characters, and numbers of any size, which no encoder takes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from expertflow.cim.v1.json_pb2 import Json

NOTHING: Mapping[str, Any] = MappingProxyType({})
INTEGER_DIGITS = 18
"""An integer of more digits may not fit into 64 bits."""


def tree_of(free: Json) -> Any:
    """The value of a `Json`; None if it is unset or no JSON."""
    try:
        tree = json.loads(free.text or "null", parse_int=_integer, parse_constant=_refuse)
        return _whole(tree) if "\\u" in free.text else tree
    except (ValueError, RecursionError):
        return None


def object_of(free: Json) -> Mapping[str, Any]:
    """The object in a `Json`; empty if it is none."""
    return as_object(tree_of(free))


def without_nulls(tree: Any) -> Any:
    """The tree without the members that are null, for readers that ask whether a member is there."""
    if isinstance(tree, dict):
        return {name: without_nulls(value) for name, value in tree.items() if value is not None}
    return [without_nulls(value) for value in tree] if isinstance(tree, list) else tree


def as_object(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else NOTHING


def as_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """The value if it is a string, else empty."""
    return value if isinstance(value, str) else ""


def first_text(values: Mapping[str, Any], *keys: str) -> str:
    """The first of the members that is a string with something in it, without blanks around it; else empty."""
    return next((text for key in keys if (text := as_text(values.get(key)).strip())), "")


def _integer(token: str) -> int | float:
    return int(token) if len(token) <= INTEGER_DIGITS else float(token)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _whole(tree: Any) -> Any:
    """The tree with U+FFFD for every half of a character."""
    if isinstance(tree, str):
        return tree.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(tree, dict):
        return {_whole(key): _whole(value) for key, value in tree.items()}
    return [_whole(value) for value in tree] if isinstance(tree, list) else tree
