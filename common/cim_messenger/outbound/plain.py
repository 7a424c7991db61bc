"""PLAIN: a text becomes one Messenger message, or several when it is long."""

from __future__ import annotations

import base64
import binascii
import json

from cim_messenger.outbound.limits import utf16_units
from cim_messenger.outbound.split import LinkTooLongError, split_text
from cim_messenger.outbound.values import Part, Refusal, Rendered, Result, Rules, Warned
from expertflow.cim.v1.message_pb2 import CimMessage, MessageHeader

TEXT_FIELD = "body.markdown_text"
UPDATE_INTENT = "UPDATE"


def render_plain(message: CimMessage, rules: Rules) -> Result:
    """The text as it stands (Messenger knows no Markdown), decoded where the header says so."""
    text = text_of(message)
    if not text.strip():
        return Refusal(
            reason="BODY_INVALID",
            detail="The text is empty; Messenger takes no message without content.",
            field_path=TEXT_FIELD,
            metadata={"type": message.body.type},
        )
    edited = message.header.intent == UPDATE_INTENT
    return render_text(rules.edited_marker + text if edited else text, rules, edited=edited)


def render_text(text: str, rules: Rules, *, edited: bool = False) -> Result:
    """Any text as parts. `edited`: it stands for the edit of an earlier message."""
    try:
        pieces = split_text(text, rules.text_limit)
    except LinkTooLongError as error:
        return Refusal(
            reason="CONTENT_LIMIT_EXCEEDED",
            detail=f"{error}; a broken link would lead nowhere.",
            field_path=TEXT_FIELD,
            metadata={"maximum": str(rules.text_limit), "value": str(error.units)},
        )
    return Rendered(
        parts=tuple(Part(kind="TEXT", message={"text": piece}) for piece in pieces),
        warnings=tuple(_warnings(pieces, text, edited=edited)),
    )


def text_of(message: CimMessage) -> str:
    """`markdown_text`, decoded from Base64 if the header says `isEncoded` and the text really is Base64 of UTF-8."""
    text = message.body.markdown_text
    if not _is_encoded(message.header):
        return text
    try:
        return base64.b64decode(text.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return text


def _is_encoded(header: MessageHeader) -> bool:
    """`additionalData.isEncoded` is true, or the text "true"."""
    try:
        data = json.loads(header.additional_data.text or "{}")
    except ValueError:
        return False
    return isinstance(data, dict) and (data.get("isEncoded") is True or data.get("isEncoded") == "true")


def _warnings(pieces: tuple[str, ...], text: str, *, edited: bool) -> list[Warned]:
    warnings = []
    if edited:
        detail = "Messenger cannot edit a message; the new text was sent as a message of its own."
        warnings.append(Warned(code="SENT_AS_NEW_MESSAGE", detail=detail))
    if len(pieces) > 1:
        detail = f"The text of {utf16_units(text)} UTF-16 units was sent as {len(pieces)} messages."
        warnings.append(Warned(code="TEXT_SPLIT", detail=detail))
    return warnings
