"""Forms of what Facebook tells the app: threads change hands, the page is warned or restricted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from messenger_sandbox.events.forms.echoes import OTHER_APP_ID, PAGE_INBOX_APP_ID
from messenger_sandbox.events.kinds import Item
from messenger_sandbox.events.setting import Fill, Setting

REASON: Final = "The bot violated our Platform Policies: unwanted promotional messages."


def _restricted(setting: Setting) -> Item:
    """Its times are in seconds."""
    at_s = setting.at_ms // 1_000
    return {
        "timestamp": at_s,
        "status": "restricted",
        "violations": [
            {"type": "SPAM", "description": "Repeated messages", "url": "https://transparency.meta.com/policies/"}
        ],
        "restrictions": [
            {
                "feature": "messaging",
                "status": "active",
                "description": "The page cannot start conversations",
                "applied_time": at_s,
                "expiration_time": at_s + 7 * 86_400,
            }
        ],
        "action_events": [],
    }


def _to_us(setting: Setting) -> Item:
    return {"previous_owner_app_id": str(PAGE_INBOX_APP_ID), "new_owner_app_id": setting.app_id, "metadata": "vip"}


NOTICE_FORMS: Final[Mapping[str, Fill]] = {
    "pass_thread_control.to_us": _to_us,
    "pass_thread_control.from_idle": lambda setting: _to_us(setting) | {"previous_owner_app_id": None},
    "pass_thread_control.to_another": lambda setting: {
        "previous_owner_app_id": setting.app_id,
        "new_owner_app_id": str(OTHER_APP_ID),
    },
    "take_thread_control.by_inbox": lambda setting: {
        "previous_owner_app_id": setting.app_id,
        "new_owner_app_id": str(PAGE_INBOX_APP_ID),
        "metadata": "a colleague answers",
    },
    "request_thread_control.by_inbox": lambda _: {
        "requested_owner_app_id": PAGE_INBOX_APP_ID,
        "metadata": "please hand over",
    },
    "app_roles.primary": lambda setting: {setting.app_id: ["primary_receiver"]},
    "app_roles.secondary": lambda setting: {setting.app_id: ["secondary_receiver"]},
    "policy_enforcement.warning": lambda _: {"action": "warning", "reason": REASON},
    "policy_enforcement.block": lambda _: {"action": "block", "reason": REASON},
    "policy_enforcement.unblock": lambda _: {"action": "unblock"},
    "policy_enforcement.old_spelling": lambda _: {"action": "block", "reason": REASON},
    "business_integrity.restricted": _restricted,
    "conversations.touched": lambda setting: {"page_id": setting.page_id, "thread_id": "t_10001122334455"},
}
