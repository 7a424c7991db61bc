"""Webhook bodies as Facebook writes them: event builders, the envelope, escaped unicode, the signature. Pure.

Each kind of event is one row of `EVENT_ROWS`: the subscription field that carries it, whether the person's act opens
the messaging window, and the builder of what stands beside sender, recipient and timestamp. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

Details = Mapping[str, Any]

EVENTS_LIMIT: Final = 1_000
"""Facebook puts at most this many updates into one body."""


class EventKind(StrEnum):
    MESSAGE = "message"
    POSTBACK = "postback"
    REACT = "react"
    UNREACT = "unreact"
    READ = "read"
    DELIVERY = "delivery"
    ECHO = "echo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who and when. `timestamp_ms` is None for kinds that carry none."""

    page_id: str
    psid: str
    timestamp_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One item of an entry's `messaging`, with what is needed to route it."""

    kind: EventKind
    page_id: str
    psid: str
    mid: str | None
    item: Mapping[str, Any]

    @property
    def field(self) -> str:
        """The name a page must be subscribed to for this event to be sent."""
        return EVENT_ROWS[self.kind].field


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    field: str
    opens_window: bool
    build: Callable[[Details], dict[str, Any]]
    from_page: bool = False
    """Echoes: sender and recipient change places."""
    has_timestamp: bool = True


def build_event(kind: EventKind, parties: Parties, details: Details) -> Event:
    """Builds one event; the details each kind takes are those its builder reads, a missing one raises KeyError."""
    row = EVENT_ROWS[kind]
    person, page = {"id": parties.psid}, {"id": parties.page_id}
    item: dict[str, Any] = (
        {"sender": page, "recipient": person} if row.from_page else {"sender": person, "recipient": page}
    )
    if row.has_timestamp:
        item["timestamp"] = parties.timestamp_ms
    item |= row.build(details)
    return Event(kind=kind, page_id=parties.page_id, psid=parties.psid, mid=details.get("mid"), item=item)


def _message(details: Details) -> dict[str, Any]:
    """Text, attachments or both (which only a person may send together), a quote, a quick reply's tap."""
    return {"message": _present(details, "mid", "text", "quick_reply", "reply_to", "attachments", "referral")}


def _postback(details: Details) -> dict[str, Any]:
    return {"postback": _present(details, "mid", "title", "payload", "referral")}


def _react(details: Details) -> dict[str, Any]:
    return {
        "reaction": {
            "action": "react",
            "reaction": details["reaction"],
            "emoji": details["emoji"],
            "mid": details["target_mid"],
        }
    }


def _unreact(details: Details) -> dict[str, Any]:
    return {"reaction": {"action": "unreact", "mid": details["target_mid"]}}


def _read(details: Details) -> dict[str, Any]:
    return {"read": {"watermark": details["watermark"]}}


def _delivery(details: Details) -> dict[str, Any]:
    return {"delivery": _present(details, "mids", "watermark")}


def _echo(details: Details) -> dict[str, Any]:
    parts = _present(details, "app_id", "metadata", "mid", "text", "attachments", "sticker_id", "reply_to")
    return {"message": {"is_echo": True} | parts}


def _present(details: Details, *names: str) -> dict[str, Any]:
    return {name: details[name] for name in names if details.get(name) is not None}


EVENT_ROWS: Mapping[EventKind, EventRow] = MappingProxyType(
    {
        EventKind.MESSAGE: EventRow(field="messages", opens_window=True, build=_message),
        EventKind.POSTBACK: EventRow(field="messaging_postbacks", opens_window=True, build=_postback),
        EventKind.REACT: EventRow(field="message_reactions", opens_window=True, build=_react),
        EventKind.UNREACT: EventRow(field="message_reactions", opens_window=False, build=_unreact),
        EventKind.READ: EventRow(field="message_reads", opens_window=False, build=_read),
        EventKind.DELIVERY: EventRow(
            field="message_deliveries", opens_window=False, build=_delivery, has_timestamp=False
        ),
        EventKind.ECHO: EventRow(field="message_echoes", opens_window=False, build=_echo, from_page=True),
    }
)


def webhook_body(events: Iterable[Event], now_ms: int) -> bytes:
    """Puts the events into one body, an entry each, in the order given; pages may be mixed."""
    entries = [{"id": event.page_id, "time": now_ms, "messaging": [event.item]} for event in events]
    return serialise({"object": "page", "entry": entries})


def serialise(value: Mapping[str, Any]) -> bytes:
    r"""Writes JSON the way Facebook transmits it: pure ASCII, `\uXXXX` in lower-case hex, slashes as `\/`."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    # A slash can only stand inside a string: JSON's own syntax has none.
    return text.replace("/", "\\/").encode("ascii")


def signature(body: bytes, app_secret: str) -> str:
    """Computes the value of `X-Hub-Signature-256` over the very bytes that are sent."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
