"""The words of the event tables: kinds, places in an entry, who and when, and the manner in which an event is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Details = Mapping[str, Any]
Item = dict[str, Any]


class EventKind(StrEnum):
    MESSAGE = "message"
    POSTBACK = "postback"
    REACT = "react"
    UNREACT = "unreact"
    READ = "read"
    DELIVERY = "delivery"
    ECHO = "echo"
    UNSEND = "unsend"
    MESSAGE_EDIT = "message_edit"
    OPTIN = "optin"
    REFERRAL = "referral"
    ACCOUNT_LINKING = "account_linking"
    FEEDBACK = "messaging_feedback"
    RESPONSE_FEEDBACK = "response_feedback"
    ORDER = "order"
    CUSTOMER_INFORMATION = "messaging_customer_information"
    GAME_PLAY = "game_play"
    FORM = "form"
    COUPON = "coupon"
    PASS_THREAD_CONTROL = "pass_thread_control"  # noqa: S105 - the name of an event
    TAKE_THREAD_CONTROL = "take_thread_control"
    REQUEST_THREAD_CONTROL = "request_thread_control"
    APP_ROLES = "app_roles"
    POLICY_ENFORCEMENT = "policy_enforcement"
    FEED = "feed"
    MENTION = "mention"
    BUSINESS_INTEGRITY = "business_integrity"
    CONVERSATIONS = "conversations"
    """Stands for the many changes of a page that are no business of a contact centre."""
    UNKNOWN = "unknown"
    """An event that no documentation knows yet."""


class Place(StrEnum):
    """The list of an entry in which an event travels."""

    MESSAGING = "messaging"
    STANDBY = "standby"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who and when. `psid` is None for events of the page itself, `timestamp_ms` for kinds that carry none."""

    page_id: str
    psid: str | None
    timestamp_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an event is sent: `variants` are names of the variant tables, applied in their order."""

    variants: tuple[str, ...] = ()
    standby: bool = False
    """Another app owns the thread: the event travels in `standby`, for which the page needs that subscription."""

    def with_more(self, variants: Iterable[str], *, standby: bool = False) -> Manner:
        return Manner(variants=(*self.variants, *variants), standby=self.standby or standby)


AS_USUAL = Manner()


def present(details: Details, *names: str) -> Item:
    """Picks the details that are given and not None, in the order of the names."""
    return {name: details[name] for name in names if details.get(name) is not None}
