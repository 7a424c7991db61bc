"""How a renderer ends early: with a refusal that names the field, what is wrong with it and, for limits, both numbers.

`RefusedError` never leaves `render`. Details never repeat what was written.
"""

from __future__ import annotations

from cim_messenger.outbound.limits import Limit, utf16_units
from cim_messenger.outbound.values import Refusal


class RefusedError(Exception):
    """The message cannot go to Messenger; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def invalid(path: str, detail: str) -> RefusedError:
    """The field at `path` lacks what Messenger needs, or holds what it cannot take."""
    return RefusedError(Refusal(reason="BODY_INVALID", detail=detail, field_path=path))


def unsupported(detail: str) -> RefusedError:
    """Messenger has no form for what the body says."""
    return RefusedError(Refusal(reason="UNSUPPORTED_BODY", detail=detail, field_path="body"))


def exceeds(path: str, limit: Limit, value: int, hint: str = "") -> RefusedError:
    """The field at `path` is larger than `limit`; `hint` tells what to do about it."""
    detail = f"{limit.of}: {value} {limit.unit}, Messenger takes {limit.maximum}" + (f"; {hint}" if hint else "")
    metadata = {"maximum": str(limit.maximum), "value": str(value)}
    return RefusedError(
        Refusal(reason="CONTENT_LIMIT_EXCEEDED", detail=f"{detail}.", field_path=path, metadata=metadata)
    )


def text_within(text: str, limit: Limit, path: str) -> str:
    """The text, not blank and no longer than the limit. Raises `RefusedError`."""
    if not text.strip():
        raise invalid(path, f"{limit.of}: it is missing, and Messenger needs it.")
    if (units := utf16_units(text)) > limit.maximum:
        raise exceeds(path, limit, units)
    return text


def count_within(count: int, limit: Limit, path: str) -> None:
    """At least one, and no more than the limit. Raises `RefusedError`."""
    if not count:
        raise invalid(path, f"{limit.of}: there are none, and Messenger needs one.")
    if count > limit.maximum:
        raise exceeds(path, limit, count)
