"""Ties the answer of a survey to the message that asked: the CIM id travels in the id of the question.

Messenger's `messaging_feedback` event names nothing but the questions, by the ids that the page chose: up to 80
characters out of letters, digits and `_`. So the sent id is `<question>__fbc__<CIM id>`, in which every other byte of
the CIM id's UTF-8 is `_` and two hexadecimal digits. Sources:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/templates/customer-feedback
"""

from __future__ import annotations

import re

MAX_LENGTH = 80
"""Messenger takes no longer id."""

_SEPARATOR = "__fbc__"
_TIED = re.compile(r"(?P<question>[A-Za-z0-9_]*[A-Za-z0-9])__fbc__(?P<cim_id>(?:[A-Za-z0-9]|_[0-9a-f]{2})+)")
_ESCAPE = re.compile(r"_([0-9a-f]{2})")
_OTHER = re.compile(rb"[^A-Za-z0-9]")


def tied(question_id: str, cim_id: str) -> str:
    """The id of a question of this message, as Messenger gets it. `question_id` ends with a letter or digit."""
    escaped = _OTHER.sub(lambda byte: b"_%02x" % byte.group()[0], cim_id.encode())
    return f"{question_id}{_SEPARATOR}{escaped.decode('ascii')}"


def untied(wire_id: str) -> tuple[str, str]:
    """The question's own id and the CIM id of the message that asked; the latter empty if the id was not made here."""
    match = _TIED.fullmatch(wire_id) if len(wire_id) <= MAX_LENGTH else None
    if match is None:
        return wire_id, ""
    escaped = _ESCAPE.sub(lambda pair: f"%{pair.group(1)}", match["cim_id"])
    try:
        return match["question"], _unquoted(escaped)
    except UnicodeDecodeError:
        return wire_id, ""


def _unquoted(escaped: str) -> str:
    pieces = re.split(r"%([0-9a-f]{2})", escaped)
    raw = b"".join(bytes.fromhex(piece) if index % 2 else piece.encode("ascii") for index, piece in enumerate(pieces))
    return raw.decode("utf-8")
