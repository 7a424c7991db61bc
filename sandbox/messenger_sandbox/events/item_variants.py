"""Odd ways to write one item, each seen in public: in captures, in samples of the documentation, in bug reports.

A variant takes an item as Facebook usually writes it and returns it as it was also seen. It works on any kind; where
it has nothing to do the item stays as it is. Sources: fixtures and issues of restfb, nyaruka/courier, bottender,
chatwoot and messenger4j, and https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.events.kinds import Item

ItemVariant = Callable[[Item], Item]

ENVELOPE: Final = frozenset({"sender", "recipient", "timestamp"})
USER_REF: Final = "guest-5a41c0e2"
"""Names a visitor of a plugin who has no PSID yet."""
ANOTHER_PAGE_ID: Final = "990000000000001"

NULLABLE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "message": ("text", "quick_reply", "reply_to", "attachments", "referral", "nlp"),
        "postback": ("title", "payload", "referral"),
        "referral": ("ref", "ad_id", "referer_uri"),
        "reaction": ("reaction", "emoji"),
        "delivery": ("mids",),
        "optin": ("ref", "payload", "title"),
        "message_edit": ("text", "num_edit"),
    }
)
"""Per event what may stand there as null instead of being absent."""


def _numeric_ids(item: Item) -> Item:
    parties = {name: _id_as_number(item[name]) for name in ("sender", "recipient") if name in item}
    return item | parties


def _id_as_number(party: Mapping[str, Any]) -> Item:
    return {name: int(value) if name == "id" else value for name, value in party.items()}


def _timed(rewrite: Callable[[int], Any]) -> ItemVariant:
    def variant(item: Item) -> Item:
        return item | {"timestamp": rewrite(item["timestamp"])} if isinstance(item.get("timestamp"), int) else item

    return variant


def _without(*names: str) -> ItemVariant:
    return lambda item: {name: value for name, value in item.items() if name not in names}


def _nulls(item: Item) -> Item:
    """Adds every absent key as null, also those of a referral inside; a null is not the same as a missing key."""
    return {
        key: dict.fromkeys(NULLABLE[key]) | _nulls(value) if key in NULLABLE and isinstance(value, dict) else value
        for key, value in item.items()
    }


def _user_ref_only(item: Item) -> Item:
    return item | {"sender": {"user_ref": USER_REF}}


def _user_ref_beside(item: Item) -> Item:
    return item | {"sender": {**item.get("sender", {}), "user_ref": USER_REF}}


def _another_recipient(item: Item) -> Item:
    return item | {"recipient": {"id": ANOTHER_PAGE_ID}}


def _unknown_keys(item: Item) -> Item:
    """Something new beside everything: in the item, in the event, in each attachment."""
    return {key: _and_more(value) for key, value in item.items()} | {"brand_new": {"since": "tomorrow"}}


def _and_more(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    more = {"attachments": [_and_more(each) for each in value["attachments"]]} if "attachments" in value else {}
    return value | more | {"brand_new": [1, None, "x"]}


def _hyphenated_key(item: Item) -> Item:
    return {key if key in ENVELOPE else key.replace("_", "-"): value for key, value in item.items()}


ITEM_VARIANTS: Mapping[str, ItemVariant] = MappingProxyType(
    {
        "numeric_ids": _numeric_ids,
        "timestamp_in_seconds": _timed(lambda ms: ms // 1_000),
        "timestamp_as_text": _timed(str),
        "timestamp_in_seconds_as_text": _timed(lambda ms: str(ms // 1_000)),
        "timestamp_null": _timed(lambda _: None),
        "timestamp_missing": _without("timestamp"),
        "nulls": _nulls,
        "user_ref_only": _user_ref_only,
        "user_ref_beside": _user_ref_beside,
        "no_sender": _without("sender"),
        "no_recipient": _without("recipient"),
        "another_recipient": _another_recipient,
        "unknown_keys": _unknown_keys,
        "hyphenated_key": _hyphenated_key,
    }
)
