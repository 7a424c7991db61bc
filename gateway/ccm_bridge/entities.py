"""What Messenger says beyond CIM, as JSON for `header.entities`: where only CIM travels it has no other place. Pure."""

from __future__ import annotations

import json
from typing import Final

from google.protobuf.json_format import MessageToDict

from cim_messenger.cim_json.json_text import JsonObject, JsonValue, dump, parse
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import MessageHeader
from expertflow.connector.v1.messenger_context_pb2 import MessengerContext

KEY: Final = "messenger"
"""Under which it stands, beside what the message has in `entities` already."""


def add_context(header: MessageHeader, context: MessengerContext) -> None:
    """Writes the context into the header's entities; nothing if there is none."""
    told = _json_of(context)
    if not told:
        return
    held = parse(header.entities.text) if header.HasField("entities") else None
    entities: JsonObject = held if isinstance(held, dict) else {}
    header.entities.CopyFrom(Json(text=dump({**entities, KEY: told})))


def _json_of(context: MessengerContext) -> JsonObject:
    """Keys in lower camel case, times in RFC 3339, and `more` as the JSON that it holds, token by token."""
    bare = MessengerContext()
    bare.CopyFrom(context)
    bare.ClearField("more")
    told = parse(json.dumps(MessageToDict(bare), ensure_ascii=False))
    members: JsonObject = told if isinstance(told, dict) else {}
    more: JsonValue = parse(context.more.text) if context.HasField("more") else None
    return {**members, "more": more} if more else members
