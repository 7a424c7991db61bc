"""Checks that templates are put together from: texts, lists, URLs, objects with members.

A check judges a value and is told where it stands, written as Facebook writes it: `message[attachment][payload]`.
What a value may be is said where a template is described; here is how the refusal reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import bad, one_of, utf16_units
from messenger_sandbox.rules.limits import LIMITS

Check = Callable[[Any, str], GraphError | None]
"""Judges a value that stands at a place; None means nothing against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A key of an object. A JSON null counts as absent."""

    check: Check
    required: bool


def need(check: Check) -> Member:
    return Member(check=check, required=True)


def may(check: Check) -> Member:
    return Member(check=check, required=False)


def first(*faults: GraphError | None) -> GraphError | None:
    return next((fault for fault in faults if fault is not None), None)


def shape(members: Mapping[str, Member], *, also_others: bool = False) -> Check:
    """An object with these keys; others are refused, unless Meta documents the object only in part."""

    def check(value: Any, where: str) -> GraphError | None:
        if not isinstance(value, dict):
            return bad(f"Param {where} must be an object")
        unknown = [] if also_others else sorted(value.keys() - members.keys())
        if unknown:
            return bad(f'Invalid keys "{", ".join(unknown)}" were found in param "{where}"')
        for name, member in members.items():
            fault = _judge_member(value.get(name), member, f"{where}[{name}]")
            if fault is not None:
                return fault
        return None

    return check


def _judge_member(value: Any, member: Member, where: str) -> GraphError | None:
    if value is None:
        return bad(f"The parameter {where} is required") if member.required else None
    return member.check(value, where)


def items(limit: str, each: Check) -> Check:
    """A list whose length is a row of `LIMITS`."""
    row = LIMITS[limit]

    def check(value: Any, where: str) -> GraphError | None:
        if not isinstance(value, list):
            return bad(f"Param {where} must be an array")
        if len(value) > row.most:
            return refusal(ErrorName.TOO_MANY_ITEMS, f"Param {where} has too many elements.")
        if len(value) < row.least:
            return refusal(ErrorName.TOO_FEW_ITEMS, f"Param {where} has too few elements.")
        return first(*(each(item, f"{where}[{index}]") for index, item in enumerate(value)))

    return check


def each(check_item: Check) -> Check:
    """A list of any length: Meta states none."""

    def check(value: Any, where: str) -> GraphError | None:
        if not isinstance(value, list):
            return bad(f"Param {where} must be an array")
        return first(*(check_item(item, f"{where}[{index}]") for index, item in enumerate(value)))

    return check


def text(limit: str) -> Check:
    """A string whose length in UTF-16 units is a row of `LIMITS`."""
    row = LIMITS[limit]

    def check(value: Any, where: str) -> GraphError | None:
        if not isinstance(value, str):
            return bad(f"Param {where} must be a string")
        length = utf16_units(value)
        if length < row.least or (row.least and not value.strip()):
            return bad(f"Param {where} must be a non-empty string")
        return bad(f"Length of param {where} must be less than or equal to {row.most}") if length > row.most else None

    return check


def number(limit: str) -> Check:
    row = LIMITS[limit]

    def check(value: Any, where: str) -> GraphError | None:
        if isinstance(value, int) and not isinstance(value, bool) and row.least <= value <= row.most:
            return None
        return bad(f"Param {where} must be a number from {row.least} to {row.most}")

    return check


def choice(allowed: Collection[str]) -> Check:
    def check(value: Any, where: str) -> GraphError | None:
        return None if one_of(value, allowed) else bad(f"Param {where} must be one of {', '.join(sorted(allowed))}")

    return check


def matching(pattern: str, what: str) -> Check:
    """A string, or a number written as one, of this form."""
    form = re.compile(pattern)

    def check(value: Any, where: str) -> GraphError | None:
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        return None if isinstance(written, str) and form.fullmatch(written) else bad(f"Param {where} must be {what}")

    return check


def any_text(value: Any, where: str) -> GraphError | None:
    return None if isinstance(value, str) and value.strip() else bad(f"Param {where} must be a non-empty string")


def flag(value: Any, where: str) -> GraphError | None:
    return None if isinstance(value, bool) else bad(f"Param {where} must be a boolean")


def amount(value: Any, where: str) -> GraphError | None:
    """A sum of money or a quantity: a number, also as text, not below zero."""
    return _AMOUNT(str(value) if isinstance(value, float) else value, where)


def url(value: Any, where: str) -> GraphError | None:
    return None if is_web_url(value) else bad(f"Param {where} must be a URL")


def is_web_url(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


digits: Final[Check] = matching(r"[0-9]{1,30}", "an id in digits")
_AMOUNT: Final[Check] = matching(r"[0-9]{1,15}(\.[0-9]{1,9})?", "a number not below zero")
