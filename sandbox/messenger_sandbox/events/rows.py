"""Every kind of event, one row each, and the event that is built by them.

A row says which subscription carries the kind, whether the person's act opens the messaging window, who causes it, and
which builder writes it. Sources: the webhook events named in `items`, and for the subscription fields
https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.events import items
from messenger_sandbox.events.item_variants import ITEM_VARIANTS
from messenger_sandbox.events.items import Builder
from messenger_sandbox.events.kinds import AS_USUAL, Details, EventKind, Item, Manner, Parties, Place

STANDBY_FIELD: Final = "standby"
"""The subscription that brings all events of threads that another app owns."""
_CONTROL: Final = "messaging_handovers"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    field: str
    opens_window: bool
    build: Builder
    from_page: bool = False
    """Echoes: sender and recipient change places."""
    has_timestamp: bool = True
    by_facebook: bool = False
    """Nothing that the person or the page wrote: the journal has it as an event of the page."""
    has_sender: bool = True
    """False: about the page as a whole; no person is named."""
    makes_message: bool = False
    """The detail `mid` names a new message of the conversation."""
    hidden_in_standby: frozenset[str] = frozenset()
    """Details that only the owner of the thread gets to see."""
    place: Place = Place.MESSAGING


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, with what is needed to route it. `psid` is None for events of the page itself."""

    kind: EventKind
    page_id: str
    psid: str | None
    mid: str | None
    item: Mapping[str, Any]
    manner: Manner = AS_USUAL

    @property
    def field(self) -> str:
        """The name a page must be subscribed to for this event to be sent."""
        return STANDBY_FIELD if self.manner.standby else EVENT_ROWS[self.kind].field

    @property
    def place(self) -> Place:
        """The list of its entry in which the event travels."""
        return Place.STANDBY if self.manner.standby else EVENT_ROWS[self.kind].place


def build_event(kind: EventKind, parties: Parties, details: Details, manner: Manner = AS_USUAL) -> Event:
    """Builds one event; the details each kind takes are those its builder reads, a missing one raises KeyError.

    Raises ValueError for a change in standby, which only takes what could stand in `messaging`.
    """
    row = EVENT_ROWS[kind]
    if manner.standby and row.place is not Place.MESSAGING:
        raise ValueError(f"{kind} does not travel in standby")
    if manner.standby:
        details = {name: value for name, value in details.items() if name not in row.hidden_in_standby}
    item = (_envelope(row, parties) | row.build(details)) if row.place is Place.MESSAGING else row.build(details)
    for name in manner.variants:
        item = ITEM_VARIANTS[name](item) if name in ITEM_VARIANTS else item
    mid = details.get("mid") if row.makes_message else None
    return Event(kind=kind, page_id=parties.page_id, psid=parties.psid, mid=mid, item=item, manner=manner)


def _envelope(row: EventRow, parties: Parties) -> Item:
    person, page = {"id": parties.psid}, {"id": parties.page_id}
    envelope: Item = {"recipient": page}
    if row.has_sender:
        envelope = {"sender": page, "recipient": person} if row.from_page else {"sender": person, "recipient": page}
    if row.has_timestamp:
        envelope["timestamp"] = parties.timestamp_ms
    return envelope


def _of_person(field: str, key: str) -> EventRow:
    """A person did something that is told as one object and opens no window."""
    return EventRow(field=field, opens_window=False, build=items.under(key))


def _of_thread(key: str) -> EventRow:
    """The thread with a person changes hands."""
    return EventRow(field=_CONTROL, opens_window=False, build=items.under(key), by_facebook=True)


def _of_page(field: str, key: str) -> EventRow:
    """The page itself is told something; no person is named."""
    return EventRow(field=field, opens_window=False, build=items.under(key), by_facebook=True, has_sender=False)


def _change(field: str) -> EventRow:
    return EventRow(
        field=field,
        opens_window=False,
        build=items.change(field),
        by_facebook=True,
        has_sender=False,
        place=Place.CHANGES,
    )


EVENT_ROWS: Mapping[EventKind, EventRow] = MappingProxyType(
    {
        EventKind.MESSAGE: EventRow(field="messages", opens_window=True, build=items.message, makes_message=True),
        EventKind.POSTBACK: EventRow(
            field="messaging_postbacks",
            opens_window=True,
            build=items.postback,
            makes_message=True,
            hidden_in_standby=frozenset({"payload"}),
        ),
        EventKind.REACT: EventRow(field="message_reactions", opens_window=True, build=items.react),
        EventKind.UNREACT: EventRow(field="message_reactions", opens_window=False, build=items.unreact),
        EventKind.READ: EventRow(field="message_reads", opens_window=False, build=items.read),
        EventKind.DELIVERY: EventRow(
            field="message_deliveries", opens_window=False, build=items.delivery, has_timestamp=False
        ),
        EventKind.ECHO: EventRow(
            field="message_echoes", opens_window=False, build=items.echo, from_page=True, makes_message=True
        ),
        EventKind.UNSEND: EventRow(field="messages", opens_window=False, build=items.unsend),
        EventKind.MESSAGE_EDIT: EventRow(field="message_edits", opens_window=False, build=items.message_edit),
        EventKind.OPTIN: _of_person("messaging_optins", "optin"),
        EventKind.REFERRAL: EventRow(field="messaging_referrals", opens_window=True, build=items.referral),
        EventKind.ACCOUNT_LINKING: _of_person("messaging_account_linking", "account_linking"),
        EventKind.FEEDBACK: EventRow(
            field="messaging_feedback",
            opens_window=False,
            build=items.under("messaging_feedback"),
            has_timestamp=False,
        ),
        EventKind.RESPONSE_FEEDBACK: _of_person("response_feedback", "response_feedback"),
        EventKind.ORDER: _of_person("send_cart", "order"),
        EventKind.CUSTOMER_INFORMATION: _of_person("messaging_customer_information", "messaging_customer_information"),
        EventKind.GAME_PLAY: _of_person("messaging_game_plays", "game_play"),
        EventKind.FORM: _of_person("messaging_in_thread_lead_form_submit", "form"),
        EventKind.COUPON: _of_person("messages", "template"),
        EventKind.PASS_THREAD_CONTROL: _of_thread("pass_thread_control"),
        EventKind.TAKE_THREAD_CONTROL: _of_thread("take_thread_control"),
        EventKind.REQUEST_THREAD_CONTROL: _of_thread("request_thread_control"),
        EventKind.APP_ROLES: _of_page(_CONTROL, "app_roles"),
        EventKind.POLICY_ENFORCEMENT: _of_page("messaging_policy_enforcement", "policy_enforcement"),
        EventKind.FEED: _change("feed"),
        EventKind.MENTION: _change("mention"),
        EventKind.BUSINESS_INTEGRITY: _change("business_integrity"),
        EventKind.CONVERSATIONS: _change("conversations"),
        EventKind.UNKNOWN: EventRow(field="messages", opens_window=False, build=items.unknown),
    }
)
