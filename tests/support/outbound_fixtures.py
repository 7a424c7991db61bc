"""The fixtures in `tests/fixtures/outbound/<row>/`: `<case>.cim.json` as CCM sends it, and what Messenger gets.

`<case>.messenger.json` holds what the message becomes, or why it is refused. After a wanted change of the rendering
`python -m tests.support.outbound_fixtures` writes them anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cim_messenger.cim_json import decode
from cim_messenger.outbound import Part, Quote, Refusal, Rendered, Result, Rules, Warned, render, written_part
from expertflow.cim.v1.message_pb2 import CimMessage
from tests.support import webhook_expectations

FIXTURES = Path(__file__).parents[1] / "fixtures" / "outbound"
RULES = Rules(allow_custom=True)

ROWS: Mapping[str, str] = MappingProxyType(
    {
        "plain": "PLAIN",
        "plain.update": "PLAIN with intent UPDATE",
        "any.reply_to": "any body with intent REPLY_TO",
        "image": "IMAGE",
        "video": "VIDEO",
        "audio": "AUDIO",
        "file": "FILE",
        "multimedia": "MULTIMEDIA",
        "sticker": "STICKER",
        "url": "URL",
        "location": "LOCATION",
        "contact": "CONTACT",
        "button.quick_replies": "BUTTON, QUICK_REPLIES",
        "button.button": "BUTTON, BUTTON",
        "carousel.generic": "CAROUSEL, GENERIC_RICH_MEDIA",
        "carousel.media": "CAROUSEL, MEDIA",
        "receipt": "RECEIPT",
        "template": "TEMPLATE",
        "custom.raw": "CUSTOM, a Send API message",
        "custom.reaction": "CUSTOM, kind reaction",
        "custom.customer_feedback": "CUSTOM, kind customer_feedback",
        "custom.unknown": "CUSTOM, any other kind",
        "notification.typing": "NOTIFICATION, TYPING_STARTED and TYPING_STOPPED",
        "notification.other": "NOTIFICATION, any other",
        "delivery_notification.read": "DELIVERYNOTIFICATION, READ",
        "delivery_notification.other": "DELIVERYNOTIFICATION, any other",
        "deleted_notification": "DELETEDNOTIFICATION",
        "comment": "COMMENT",
        "structured": "StructuredMessage",
        "wrap_up": "WRAPUP",
        "voice": "VOICE",
        "action": "ACTION",
        "email": "EMAIL",
        "form_data": "FORM_DATA",
        "generic": "any unknown type",
    }
)
"""Folder → what CCM sends: all that the contract tells apart. A folder's first word is a branch of the body, or any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fixture."""

    row: str
    name: str
    cim: Path
    expected: Path

    @property
    def message(self) -> CimMessage:
        return decode(self.cim.read_bytes())


def cases() -> Iterator[Case]:
    for cim in sorted(FIXTURES.glob("*/*.cim.json")):
        name = cim.name.removesuffix(".cim.json")
        yield Case(row=cim.parent.name, name=name, cim=cim, expected=cim.with_name(f"{name}.messenger.json"))


def told(result: Result) -> dict[str, Any]:
    """What rendering gave, as a JSON tree without what is empty."""
    if isinstance(result, Refusal):
        values = {"reason": result.reason, "field": result.field_path, "detail": result.detail}
        return {"refused": {**values, **result.metadata}}
    return {name: value for name, value in _told(result).items() if value}


def _told(rendered: Rendered) -> dict[str, Any]:
    action = rendered.action
    return {
        "parts": [_part(part) for part in rendered.parts],
        "action": action
        and {
            "sender_action": action.sender_action,
            **({"target": _quote(action.target)} if action.target else {}),
            **({"reaction": action.reaction} if action.reaction else {}),
        },
        "quote": _quote(rendered.quote),
        "warnings": [_warning(warned) for warned in rendered.warnings],
    }


def _part(part: Part) -> dict[str, Any]:
    return {"kind": part.kind.value, **json.loads(written_part(part))}


def _quote(quote: Quote | None) -> dict[str, str]:
    return {name: value for name in ("mid", "cim_id") if (value := getattr(quote, name, ""))}


def _warning(warned: Warned) -> dict[str, Any]:
    index = {} if warned.part_index is None else {"part_index": warned.part_index}
    return {"code": warned.code, "detail": warned.detail, **index}


if __name__ == "__main__":
    for case in cases():
        case.expected.write_text(webhook_expectations.render(told(render(case.message, RULES))) + "\n")
