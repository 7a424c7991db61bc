"""Checks of JSON that a caller wrote in Messenger's own form: what must stand where, said as tables.

A check looks at a value at a place and raises `RefusedError`, naming the place, if Messenger would refuse it. Null
is as good as absent; a member that Messenger does not know is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from cim_messenger.outbound.limits import Limit
from cim_messenger.outbound.links import web_address
from cim_messenger.outbound.refusals import count_within, exceeds, invalid, text_within

Check: TypeAlias = Callable[[Any, str], None]
"""Looks at a value at a path."""

_NOTHING: Mapping[str, Check] = MappingProxyType({})


def shape(needed: Mapping[str, Check], optional: Mapping[str, Check] = _NOTHING) -> Check:
    """An object with these members, and no others."""

    def check(value: Any, path: str) -> None:
        members = as_members(value, path)
        for name in members:
            if name not in needed and name not in optional:
                raise invalid(f"{path}.{name}", "Messenger knows no such member here.")
        for name, inner in needed.items():
            if members.get(name) is None:
                raise invalid(f"{path}.{name}", "It is missing, and Messenger needs it.")
            inner(members[name], f"{path}.{name}")
        for name, inner in optional.items():
            if members.get(name) is not None:
                inner(members[name], f"{path}.{name}")

    return check


def by_type(name: str, checks: Mapping[str, Check]) -> Check:
    """An object whose member `name` says by which of the checks it is judged."""

    def check(value: Any, path: str) -> None:
        kind: Any = as_members(value, path).get(name)
        one_of(checks)(kind, f"{path}.{name}")
        checks[kind](value, path)

    return check


def every(*checks: Check) -> Check:
    """All of the checks, in order."""

    def check(value: Any, path: str) -> None:
        for inner in checks:
            inner(value, path)

    return check


def list_of(limit: Limit, inner: Check, least: int = 1) -> Check:
    """A list of at least `least` elements and no more than the limit."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise invalid(path, "It must be a list.")
        count_within(len(value), limit, path)
        if len(value) < least:
            raise invalid(path, f"It must have at least {least} elements.")
        for index, element in enumerate(value):
            inner(element, f"{path}[{index}]")

    return check


def text(limit: Limit) -> Check:
    """A text that is not blank, within the limit."""

    def check(value: Any, path: str) -> None:
        text_within(as_string(value, path), limit, path)

    return check


def any_text(value: Any, path: str) -> None:
    """A text that is not blank."""
    if not as_string(value, path).strip():
        raise invalid(path, "It is empty, and Messenger needs it.")


def address(value: Any, path: str) -> None:
    web_address(as_string(value, path), path)


def flag(value: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise invalid(path, "It must be true or false.")


def amount(value: Any, path: str) -> None:
    """A number from 0, as Messenger has sums and quantities."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_AMOUNT:
        raise invalid(path, f"It must be a number from 0, below {MAX_AMOUNT}.")


MAX_AMOUNT = 10**15


def whole_number(limit: Limit) -> Check:
    """A whole number from 1 to the limit."""

    def check(value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise invalid(path, "It must be a whole number from 1.")
        if value > limit.maximum:
            raise exceeds(path, limit, value)

    return check


def one_of(allowed: Collection[str]) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, str) or value not in allowed:
            raise invalid(path, f"It must be one of {', '.join(sorted(allowed))}.")

    return check


def matching(pattern: str, what: str) -> Check:
    """A text of this form; `what` says it to people."""
    form = re.compile(pattern)

    def check(value: Any, path: str) -> None:
        if not form.fullmatch(as_string(value, path)):
            raise invalid(path, f"It must be {what}.")

    return check


def as_members(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise invalid(path, "It must be an object.")
    return value


def as_string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise invalid(path, "It must be a text.")
    return value
