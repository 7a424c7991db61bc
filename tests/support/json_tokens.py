"""JSON trees for tests, with numbers as they are spelt: a second statement of what `cim_json.json_text` does.

Python's own numbers hide losses (`1 == 1.0`), so nothing here converts one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Token:
    """A number as spelt."""

    text: str


class Doubled(dict[str, Any]):
    """A body as Java writes it: with `type` twice, the first one worthless."""


def tree_of(text: str | bytes) -> Any:
    """Parse, with every number a Token."""
    return json.loads(text, parse_int=Token, parse_float=Token)


def text_of(tree: Any) -> str:
    """Render, with blanks where JSON allows them, and escapes for all but ASCII."""
    if isinstance(tree, Token):
        return tree.text
    if isinstance(tree, dict):
        first = ['"type": "GenericMessage"'] if isinstance(tree, Doubled) else []
        members = [f"{json.dumps(key)} : {text_of(value)}" for key, value in tree.items()]
        return "{" + ",\n ".join(first + members) + "}"
    if isinstance(tree, list):
        return "[" + " , ".join(map(text_of, tree)) + "]"
    return json.dumps(tree)


def without_nulls(tree: Any) -> Any:
    """Drop the members that are null, at every level."""
    if isinstance(tree, dict):
        return {key: without_nulls(value) for key, value in tree.items() if value is not None}
    return [without_nulls(element) for element in tree] if isinstance(tree, list) else tree
