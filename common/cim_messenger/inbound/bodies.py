"""Makes CIM bodies."""

from __future__ import annotations

from typing import Final

from cim_messenger.cim_json.json_text import JsonObject, JsonValue
from cim_messenger.inbound.fields import json_of
from expertflow.cim.v1.freeform_pb2 import CustomBody, PlainBody
from expertflow.cim.v1.message_pb2 import MessageBody

UNSUPPORTED_TEXT: Final = "Unsupported message"
"""Stands where Messenger shows the page something that it does not hand over."""


def plain(text: str) -> MessageBody:
    """PLAIN, the text unchanged."""
    return MessageBody(type="PLAIN", markdown_text=text, plain=PlainBody())


def custom(node: JsonObject, text: str = "") -> MessageBody:
    """CUSTOM with `node` as its `jsonNode`; `text` is what a person may read instead."""
    return MessageBody(type="CUSTOM", markdown_text=text or None, custom=CustomBody(json_node=json_of(node)))


def kind_node(kind: str, payload: JsonValue) -> JsonObject:
    """`{"kind": kind, …payload}`; a payload that is no object stands under `value`.

    `kind` is ours: a member of that name in the payload moves to `facebook_kind`.
    """
    if not isinstance(payload, dict):
        return {"kind": kind, "value": payload}
    moved = {("facebook_kind" if key == "kind" else key): value for key, value in payload.items()}
    return {"kind": kind, **moved}
