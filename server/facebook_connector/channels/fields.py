"""The webhook fields of a page, and what a contact centre misses without each of them.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

ESSENTIAL_FIELD = "messages"
"""Without it nothing a customer writes arrives."""

DISABLED_WITHOUT: Mapping[str, str] = MappingProxyType(
    {
        ESSENTIAL_FIELD: "messages of customers",
        "messaging_postbacks": "taps on buttons, menus and Get Started",
        "messaging_optins": "opt-ins to notifications",
        "messaging_referrals": "the link or ad that a customer came from",
        "message_echoes": "what the page inbox and other apps write, and the proof that an uncertain message arrived",
        "message_deliveries": "delivery receipts",
        "message_reads": "read receipts",
        "message_reactions": "reactions of customers",
        "message_edits": "edits of messages by customers",
        "messaging_handovers": "changes of the app that controls a conversation",
        "standby": "conversations that another app controls",
        "messaging_account_linking": "account linking",
        "messaging_policy_enforcement": "warnings and restrictions by Meta",
        "messaging_feedback": "answers to feedback forms",
    }
)
"""Every field the connector understands → what does not work without it.

`response_feedback` is left out on purpose: subscribing it makes thumbs appear under the page's messages.
"""


def wanted(fields: Iterable[str]) -> tuple[str, ...]:
    """The fields to subscribe: those named, or all that the connector understands; sorted."""
    return tuple(sorted(set(fields) or DISABLED_WITHOUT))


def disabled_without(field: str) -> str:
    """What does not work without a field, in plain words."""
    return DISABLED_WITHOUT.get(field, f"events of the field {field}")
