"""The fixtures in `tests/fixtures/webhooks/<row>/`: `<case>.json` as Facebook posts it, `<case>.expected.json` as CIM.

An expectation lists what the body becomes, in order, nulls left out, numbers as spelt. After a wanted change of the
translation `python -m tests.support.webhook_expectations` writes them anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from cim_messenger.cim_json import encode
from cim_messenger.cim_json.json_text import is_unicode
from cim_messenger.inbound import Translated, TranslatorSettings, media_links_under, read_webhook, translate
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from expertflow.connector.v1.inbound_pb2 import EventKind
from tests.support.json_tokens import Token, tree_of, without_nulls

FIXTURES = Path(__file__).parents[1] / "fixtures" / "webhooks"
SETTINGS = TranslatorSettings(media_link=media_links_under("https://cc.example.com/fb"))
LINE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fixture."""

    row: str
    name: str
    webhook: Path
    expected: Path


def cases() -> Iterator[Case]:
    for webhook in sorted(FIXTURES.glob("*/*.json")):
        if not webhook.name.endswith(".expected.json"):
            expected = webhook.with_suffix(".expected.json")
            yield Case(row=webhook.parent.name, name=webhook.stem, webhook=webhook, expected=expected)


def outcome(body: bytes) -> Any:
    """What a body becomes, as a JSON tree."""
    return [_told(result) for result in translate(read_webhook(body), SETTINGS)]


def render(tree: Any, indent: str = "") -> str:
    """JSON as people read it: on one line what fits there."""
    flat = _flat(tree)
    if len(indent) + len(flat) <= LINE or not isinstance(tree, dict | list):
        return flat
    inner = indent + "  "
    if isinstance(tree, list):
        lines = [inner + render(element, inner) for element in tree]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    lines = [f"{inner}{_flat(key)}: {render(value, inner)}" for key, value in tree.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _flat(tree: Any) -> str:
    if isinstance(tree, Token):
        return tree.text
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{_flat(key)}: {_flat(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_flat, tree)) + "]"
    # Half a surrogate pair has no UTF-8: text that holds one is written with escapes.
    unescaped = json.dumps(tree, ensure_ascii=False)
    return unescaped if is_unicode(unescaped) else json.dumps(tree)


def _told(result: Translated) -> Any:
    if not isinstance(result, InboundEvent):
        told = {"quarantined": result.reason, "detail": result.detail, "page_id": result.page_id}
        return {name: value for name, value in told.items() if value}
    event = _fields(result)
    for name in ("raw", "entry_list", "source", "translator_version", "messages", "kind"):
        event.pop(name, None)
    kind = EventKind.Name(result.kind).removeprefix("EVENT_KIND_")
    messages = [without_nulls(tree_of(encode(message))) for message in result.messages]
    return {"kind": kind, **event, "messages": messages}


def _fields(message: Message) -> dict[str, Any]:
    told: dict[str, Any] = tree_of(json.dumps(MessageToDict(message, preserving_proto_field_name=True)))
    more = told.get("context", {}).get("more")
    if more:
        told["context"]["more"] = tree_of(more["text"])
    return told


if __name__ == "__main__":
    for case in cases():
        case.expected.write_text(render(outcome(case.webhook.read_bytes())) + "\n")
