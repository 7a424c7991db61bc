"""Texts of any body: decoded, split into parts, and cut at a title's limit."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

import regex

from cim_messenger.outbound.free_form import object_of
from cim_messenger.outbound.limits import Limit, utf16_units
from cim_messenger.outbound.refusals import RefusedError
from cim_messenger.outbound.split import LinkTooLongError, split_text
from cim_messenger.outbound.values import Part, PartKind, Refusal, Rules, Warned
from expertflow.cim.v1.message_pb2 import CimMessage, MessageHeader

TEXT_FIELD = "body.markdown_text"
CUT_MARK = "…"

_GRAPHEME = regex.compile(r"\X")


def text_of(message: CimMessage) -> str:
    """`markdown_text`, decoded from Base64 if the header says `isEncoded` and the text really is Base64 of UTF-8."""
    text = message.body.markdown_text
    if not _is_encoded(message.header):
        return text
    try:
        return base64.b64decode(text.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return text


def text_parts(text: str, rules: Rules, path: str = TEXT_FIELD) -> tuple[Part, ...]:
    """The text as parts; none if it is blank. Raises `RefusedError` naming `path` for a link that fits no message."""
    if not text.strip():
        return ()
    try:
        pieces = split_text(text, rules.text_limit)
    except LinkTooLongError as error:
        raise RefusedError(_link_too_long(error, rules, path)) from None
    return tuple(Part(kind=PartKind.TEXT, message={"text": piece}) for piece in pieces)


def split_warnings(parts: tuple[Part, ...]) -> Iterator[Warned]:
    """What to say of a text that became several parts."""
    if len(parts) > 1:
        yield Warned(code="TEXT_SPLIT", detail=f"The text was sent as {len(parts)} messages.")


def fits(text: str, limit: Limit) -> bool:
    return utf16_units(text) <= limit.maximum


def cut(text: str, limit: Limit) -> str:
    """The text, shortened to the limit between two characters as a reader sees them, with a mark that it was."""
    if fits(text, limit):
        return text
    kept, room = "", limit.maximum - len(CUT_MARK)
    for match in _GRAPHEME.finditer(text):
        room -= utf16_units(match.group())
        if room < 0:
            break
        kept += match.group()
    return kept.rstrip() + CUT_MARK


def joined(*texts: str, between: str = "\n") -> str:
    """The texts that hold something, one below the other."""
    return between.join(text for text in texts if text.strip())


def _is_encoded(header: MessageHeader) -> bool:
    """`additionalData.isEncoded` is true, or the text "true"."""
    flag = object_of(header.additional_data).get("isEncoded")
    return flag is True or flag == "true"


def _link_too_long(error: LinkTooLongError, rules: Rules, path: str) -> Refusal:
    return Refusal(
        reason="CONTENT_LIMIT_EXCEEDED",
        detail=f"{error}; a broken link would lead nowhere.",
        field_path=path,
        metadata={"maximum": str(rules.text_limit), "value": str(error.units)},
    )
