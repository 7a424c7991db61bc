"""What rendering gives: parts and actions with what was changed on the way, or a refusal with its reason.

A part is a Send API message that the customer sees; it has a place in the conversation's order. An action (typing, a
seen mark, a reaction) is none: it shows no message and may overtake one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from cim_messenger.outbound import limits

DEFAULT_EDITED_MARKER = "Edited: "
DEFAULT_PROMPT = "Please choose:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the installation and the channel decide about rendering."""

    text_limit: int = limits.TEXT.maximum
    """Longest text of one Messenger message in UTF-16 units, 1 to `limits.TEXT.maximum`."""
    edited_marker: str = DEFAULT_EDITED_MARKER
    """Stands before the new text of an edit; empty: nothing does."""
    default_prompt: str = DEFAULT_PROMPT
    """Stands above buttons that come without a prompt; 1 to 640 characters."""
    allow_custom: bool = False
    """Whether a CUSTOM body may be a raw Send API message."""


class PartKind(StrEnum):
    """What a part is: for its label, for its rate, and for finding it again in the conversation."""

    TEXT = "TEXT"
    """A text, with or without quick replies."""
    TEMPLATE = "TEMPLATE"
    """Cards, buttons, a purchase receipt, a survey."""
    STICKER = "STICKER"
    MEDIA = "MEDIA"
    """One image, video, sound or file; names its medium."""
    IMAGES = "IMAGES"
    """Several images in one message; names its media."""
    UTILITY = "UTILITY"
    """A template that Meta approved: labelled UTILITY, and free of the messaging window."""
    RAW = "RAW"
    """Media as the caller wrote them, which Facebook knows or fetches itself."""


class MediaKind(StrEnum):
    """The Send API's types of attachments that hold bytes."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReference:
    """Where the bytes of a medium are, and what the caller said of them. The bytes themselves know better."""

    url: str
    """An http or https address: a link of our own media store, or whatever the caller gave."""
    kind: MediaKind | None = None
    """What the body's type says; None: it does not say."""
    mime_type: str = ""
    file_name: str = ""
    """As the caller gave it, in any script; empty: none was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedMedia:
    """A medium that Facebook holds: its id there, and the kind it was uploaded as."""

    kind: MediaKind
    attachment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One Messenger message."""

    kind: PartKind
    message: Mapping[str, Any]
    """The Send API's `message` object without `metadata`; with MEDIA and IMAGES also without its attachments."""
    media: tuple[MediaReference, ...] = ()
    """What MEDIA (one) and IMAGES (1 to 10) are to show, in order; other kinds have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A sender action. Doing it twice does no harm."""

    sender_action: str
    """`typing_on`, `typing_off`, `mark_seen`, `react` or `unreact`."""
    target: Quote | None = None
    """The message that a reaction is on."""
    reaction: str = ""
    """The emoji of `react`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something was changed so that Messenger takes the message."""

    code: str
    """`TEXT_SPLIT`, `QUOTE_DROPPED`, …"""
    detail: str
    part_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A message that is quoted or reacted to, by the ids the caller gave; at least one is set."""

    mid: str = ""
    """Messenger's id; goes before the other."""
    cim_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What one CIM message becomes: parts in sending order, or one action. Neither: the body is not for customers."""

    parts: tuple[Part, ...] = ()
    action: Action | None = None
    warnings: tuple[Warned, ...] = ()
    quote: Quote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The body cannot go to Messenger."""

    reason: str
    """An `ErrorReason` without prefix: UNSUPPORTED_BODY, BODY_INVALID, CONTENT_LIMIT_EXCEEDED, CUSTOM_NOT_ALLOWED."""
    detail: str
    """What to change; never what was written."""
    field_path: str
    """Path from the CimMessage: `body.markdown_text`."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """As the reason documents it, `field` and `page_id` excepted."""


Result: TypeAlias = Rendered | Refusal
