"""Webhook bodies as Facebook writes them: the envelope around events, escaped unicode, the signature. Pure.

What an event looks like is said in `events`. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Any, Final

from messenger_sandbox.events.body_variants import BODY_VARIANTS, ENTRY_VARIANTS, entry_of
from messenger_sandbox.events.kinds import Details, EventKind, Parties
from messenger_sandbox.events.rows import EVENT_ROWS, Event, EventRow, build_event

__all__ = [
    "EVENTS_LIMIT",
    "EVENT_ROWS",
    "Details",
    "Event",
    "EventKind",
    "EventRow",
    "Parties",
    "build_event",
    "serialise",
    "signature",
    "webhook_body",
]

EVENTS_LIMIT: Final = 1_000
"""Facebook puts at most this many updates into one body."""


def webhook_body(events: Iterable[Event], now_ms: int) -> bytes:
    """Puts the events into one body, an entry each, in the order given; pages may be mixed.

    Variants of an event rewrite its entry or, at the end and in the order of the events, the whole body. Only one that
    leaves a body of object and entries may be followed by another.
    """
    events = tuple(events)
    entries = [entry for event in events for entry in _entries(event, now_ms)]
    body: Any = {"object": "page", "entry": entries}
    for event in events:
        for name in event.manner.variants:
            body = BODY_VARIANTS[name](body, event) if name in BODY_VARIANTS else body
    return serialise(body)


def _entries(event: Event, now_ms: int) -> list[Any]:
    entries = [entry_of(event, now_ms)]
    for name in event.manner.variants:
        entries = ENTRY_VARIANTS[name](entries, event) if name in ENTRY_VARIANTS else entries
    return entries


def serialise(value: Any) -> bytes:
    r"""Writes JSON the way Facebook transmits it: pure ASCII, `\uXXXX` in lower-case hex, slashes as `\/`."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    # A slash can only stand inside a string: JSON's own syntax has none.
    return text.replace("/", "\\/").encode("ascii")


def signature(body: bytes, app_secret: str) -> str:
    """Computes the value of `X-Hub-Signature-256` over the very bytes that are sent."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
