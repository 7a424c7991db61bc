"""Whose item it is: the page, the customer, and which of the two acted.

The page is `entry.id`. Where the entry has none it is the page's side of the item: `recipient.id`, but `sender.id` on
echoes, whose sides are swapped. The two may differ (seen in public captures); then the entry is right, for Facebook
routes by it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cim_messenger.cim_json.json_text import JsonObject
from cim_messenger.inbound.fields import flag, identifier, members
from cim_messenger.inbound.webhook import Item, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The two sides of an item; an id that is not known is empty."""

    page_id: str
    psid: str
    outgoing: bool
    """The page acted, not the customer."""


def event_of(item: Item) -> JsonObject:
    """The object with `sender`, `recipient` and the event: the item, or the `value` of `{"field", "value"}`."""
    fields = members(item.value)
    return members(fields.get("value")) if item.place is Place.CHANGES else fields


def page_of(item: Item) -> str:
    """The page of `address_of`."""
    return identifier(item.entry_id) or address_of(item).page_id


def address_of(item: Item) -> Address:
    """Finds the page and the customer of an item of any shape."""
    event = event_of(item)
    sender = identifier(members(event.get("sender")).get("id"))
    recipient = identifier(members(event.get("recipient")).get("id"))
    echo = flag(members(event.get("message")).get("is_echo"))
    page = identifier(item.entry_id) or (sender if echo else recipient)
    outgoing = echo or (bool(page) and sender == page)
    return Address(page_id=page, psid=recipient if outgoing else sender, outgoing=outgoing)
