"""The hash of what a message says: two calls with one id are the same message exactly when it is equal.

It covers page, person, intent, original message and body, in a canonical form; never serialized bytes, which differ
between libraries and versions. The time, the sender and the options are not content.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import CimMessage

VERSION = "1"
"""Of the canonical form. A new form gets a new version, and a stored hash is compared under its own."""


def content_hash(message: CimMessage) -> str:
    """`<version>:<SHA-256 in hex>` of the message's content."""
    header = message.header
    canonical = {
        "page": header.channel_data.service_identifier,
        "psid": header.channel_data.channel_customer_identifier,
        "intent": header.intent,
        "original": header.original_message_id,
        "body": _canonical(message.body),
    }
    text = json.dumps(canonical, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return f"{VERSION}:{hashlib.sha256(text.encode()).hexdigest()}"


def _canonical(message: Message) -> Any:
    """Set fields by number; free-form JSON by its value, so that key order and blanks do not matter."""
    if isinstance(message, Json):
        return _parsed(message.text)
    return {str(field.number): _field(field, value) for field, value in message.ListFields()}


def _field(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is None:
        return list(value) if field.is_repeated else value
    return [_canonical(item) for item in value] if field.is_repeated else _canonical(value)


def _parsed(text: str) -> Any:
    """The JSON value, its numbers by their very tokens: 1 and 1.0 are two things to whoever wrote them.

    What is no JSON counts by its text; so does JSON nested too deeply for the parser.
    """
    try:
        return json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_number)
    except (ValueError, RecursionError):
        return {"text": text}


def _number(token: str) -> dict[str, str]:
    return {"number": token}
