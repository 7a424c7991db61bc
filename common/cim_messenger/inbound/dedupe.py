"""De-duplication keys: equal for repeats of an event, different for different events of the same page.

Facebook delivers at least once, and repeats differ in `entry.time`, `seq` and the signatures of media links: none of
them enters a key. A mid names a message for ever; events without one are known by who, when, what kind and what it
says. The keys also go into the ids of the CIM messages (`cim_messenger.ids`), so they never change:

| Event | Key |
|---|---|
| message, echo, postback | `mid:<mid>` |
| edit | `edit:<mid>:<num_edit>` |
| unsend | `unsend:<mid>` |
| reaction | `reaction:<mid>:<sender id>:<action>:<milliseconds>` |
| read | `read:<PSID>:<watermark>` |
| delivery | `delivery:<PSID>:<watermark>:<SHA-256 of the mids, joined by line feeds>` |
| comment (`feed`, `mention`) | `<field>:<comment_id>:<verb>:<edited_time or created_time>` |
| anything else, and any of these without the ids it needs | `<row>:<SHA-256 of sender, milliseconds and payload>` |

The digests are in lower-case hex; the last one is over `[sender id or user_ref, milliseconds or null, payload]` as JSON
without blanks, keys sorted, numbers as they were spelt. A key over 512 characters is replaced by `sha256:<its digest>`.
"""

from __future__ import annotations

import hashlib
from typing import Final

from cim_messenger.cim_json.json_text import JsonValue, Number, dump
from cim_messenger.inbound.events import Event
from cim_messenger.inbound.fields import identifier, members

MAX_LENGTH: Final = 512


def key(*parts: str | int) -> str:
    """Joins the parts of a key, and shortens one that is too long to be kept."""
    joined = ":".join(map(str, parts))
    return joined if len(joined) <= MAX_LENGTH else f"sha256:{_digest(joined)}"


def mid_key(mid: str) -> str:
    """The key of whatever carries a mid of its own."""
    return key("mid", mid)


def delivery_key(event: Event, watermark: str, mids: list[str]) -> str:
    """The key of a delivery receipt."""
    return key("delivery", event.psid, watermark, _digest("\n".join(mids)))


def content_key(event: Event) -> str:
    """The key of an event that no id names."""
    sender = members(event.item.get("sender"))
    who = identifier(sender.get("id")) or identifier(sender.get("user_ref"))
    when = event.time_ms
    content: list[JsonValue] = [who, None if when is None else Number(str(when)), _sorted(event.payload)]
    return key(event.row, _digest(dump(content)))


def _sorted(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted(element) for element in value]
    return value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
