"""What rendering gives: Send API messages with what was changed on the way, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cim_messenger.outbound.limits import TEXT_UNITS

DEFAULT_EDITED_MARKER = "Edited: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the installation and the channel decide about rendering."""

    text_limit: int = TEXT_UNITS
    """Longest text of one Messenger message in UTF-16 units, 1 to `TEXT_UNITS`."""
    edited_marker: str = DEFAULT_EDITED_MARKER
    """Stands before the new text of an edit; empty: nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One Messenger message."""

    kind: str
    """`TEXT`."""
    message: Mapping[str, Any]
    """The Send API's `message` object, without `metadata`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something was changed so that Messenger takes the message."""

    code: str
    """`TEXT_SPLIT`, `QUOTE_DROPPED`, …"""
    detail: str
    part_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The message that is quoted, by the ids the caller gave; at least one is set."""

    mid: str = ""
    """Messenger's id; goes before the other."""
    cim_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The Messenger messages of one CIM message, in sending order. None: the body is not for customers."""

    parts: tuple[Part, ...] = ()
    warnings: tuple[Warned, ...] = ()
    quote: Quote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The body cannot go to Messenger."""

    reason: str
    """An `ErrorReason` without prefix: UNSUPPORTED_BODY, BODY_INVALID, CONTENT_LIMIT_EXCEEDED."""
    detail: str
    """What to change; never what was written."""
    field_path: str
    """Path from the CimMessage: `body.markdown_text`."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """As the reason documents it, `field` excepted."""


Result: TypeAlias = Rendered | Refusal
