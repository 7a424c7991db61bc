"""The `metadata` that every send carries and its echo brings back: how a send is recognised as ours.

Form: `fbc:<installation>:<message>:<part>`. Messenger takes fewer than 1 000 characters of metadata and shows it to
nobody. Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "fbc"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReference:
    """Names one part of one message of one installation of the connector."""

    installation: str
    """Made once per database; holds no colon."""
    cim_id: str
    """Any text, colons included."""
    part: int


def write(reference: PartReference) -> str:
    """The metadata of a part."""
    return f"{PREFIX}:{reference.installation}:{reference.cim_id}:{reference.part}"


def read(text: str) -> PartReference | None:
    """The part that metadata names; None when it is not of this form: the send was somebody else's."""
    prefix, _, rest = text.partition(":")
    installation, _, rest = rest.partition(":")
    cim_id, _, part = rest.rpartition(":")
    if prefix != PREFIX or not installation or not cim_id or not (part.isascii() and part.isdigit()):
        return None
    return PartReference(installation=installation, cim_id=cim_id, part=int(part))
