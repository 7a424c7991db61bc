"""PLAIN: a text becomes one Messenger message, or several when it is long."""

from __future__ import annotations

from cim_messenger.outbound.refusals import invalid
from cim_messenger.outbound.text import TEXT_FIELD, split_warnings, text_of, text_parts
from cim_messenger.outbound.values import Rendered, Rules
from expertflow.cim.v1.message_pb2 import CimMessage

UPDATE_INTENT = "UPDATE"


def render_plain(message: CimMessage, rules: Rules) -> Rendered:
    """The text as it stands (Messenger knows no Markdown), decoded where the header says so."""
    text = text_of(message)
    if not text.strip():
        raise invalid(TEXT_FIELD, "The text is empty; Messenger takes no message without content.")
    edited = message.header.intent == UPDATE_INTENT
    parts = text_parts(rules.edited_marker + text if edited else text, rules)
    return Rendered(parts=parts, warnings=tuple(split_warnings(parts)))
