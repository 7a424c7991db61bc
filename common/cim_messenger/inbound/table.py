"""Event kind → function: what Messenger sends, and who translates it. Keys are looked for in the order of the table.

Sources: the webhook events at https://developers.facebook.com/docs/messenger-platform/reference/webhook-events and the
page fields at https://developers.facebook.com/docs/graph-api/webhooks/reference/page. A key that is not here is an
event all the same: rows `unknown` and `unknown_change` carry it as CUSTOM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cim_messenger.cim_json.json_text import JsonObject
from cim_messenger.inbound import messages, notices, receipts
from cim_messenger.inbound.context import ENVELOPE
from cim_messenger.inbound.events import Draft, Event
from cim_messenger.inbound.fields import flag, members

Translation = Callable[[Event], Draft]

EVENTS: Final[Mapping[str, Translation]] = MappingProxyType(
    {
        "message": messages.message,
        "echo": messages.echo,
        "unsend": messages.unsend,
        "postback": messages.postback,
        "message_edit": messages.edit,
        "reaction": receipts.reaction,
        "read": receipts.read,
        "delivery": receipts.delivery,
        "optin": notices.optin,
        "account_linking": notices.customer_event,
        "messaging_feedback": notices.feedback,
        "response_feedback": notices.customer_event,
        "order": notices.customer_event,
        "messaging_customer_information": notices.customer_event,
        "game_play": notices.customer_event,
        "template": notices.customer_event,
        "form": notices.customer_event,
        "pass_thread_control": notices.page_event,
        "take_thread_control": notices.page_event,
        "request_thread_control": notices.page_event,
        "app_roles": notices.page_event,
        "policy_enforcement": notices.page_event,
        "referral": notices.referral,
        "lead": notices.customer_event,
        "unknown": notices.customer_event,
    }
)
"""Rows for items of `messaging` and `standby`; `echo` and `unsend` are flavours of the key `message`."""

CHANGES: Final[Mapping[str, Translation]] = MappingProxyType(
    {
        "feed": notices.feed,
        "mention": notices.feed,
        "business_integrity": notices.change,
        "unknown_change": notices.change,
    }
)
"""Rows for `changes`, by `field`. A change whose value is a messaging event has that event's row."""

_RANKS: Final = {row: rank for rank, row in enumerate(EVENTS)}

ALIASES: Final[Mapping[str, str]] = MappingProxyType({"policy-enforcement": "policy_enforcement"})
"""Older spellings of keys."""

SIBLINGS: Final = frozenset({"referral", "lead", "prior_message", "hop_context"})
"""Keys that may stand beside an event; an event of their own only where nothing else is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Which event an object holds."""

    row: str
    key: str


def find_event(item: JsonObject) -> Found | None:
    """The event of an object with `sender` and `recipient`; None if there is none in it."""
    present = [key for key, value in item.items() if value is not None and key not in ENVELOPE]
    key = min(present, key=_rank, default=None)
    if key is None:
        return None
    row = ALIASES.get(key, key)
    if row not in EVENTS or not isinstance(item[key], dict):
        return Found(row="unknown", key=key)
    return Found(row=_flavour(item) if row == "message" else row, key=key)


def is_messaging_event(item: JsonObject) -> bool:
    """Whether an object holds an event that belongs into `messaging`, wherever it was found."""
    found = find_event(item)
    return found is not None and found.row != "unknown" and ("sender" in item or "recipient" in item)


def _rank(key: str) -> int:
    """Keys of the table first, in its order; then unknown ones; what may be a mere sibling last."""
    last = len(_RANKS)
    return _RANKS.get(ALIASES.get(key, key), last) + (key in SIBLINGS) * (last + 1)


def _flavour(item: JsonObject) -> str:
    said = members(item["message"])
    if flag(said.get("is_deleted")):
        return "unsend"
    return "echo" if flag(said.get("is_echo")) else "message"
