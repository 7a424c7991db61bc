"""Who may answer a person: conversation routing, in which one app at a time owns a thread. Pure.

A thread is idle or owned; ownership ends after 24 hours. While it is idle the page's default app gets the events and
may send. Without routing every app does, whoever is called the owner. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/conversation-routing
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from messenger_sandbox.clock import DAY_MS

PAGE_INBOX_APP_ID: Final = "263902037430900"
CONTROL_MS: Final = DAY_MS
LONGEST_CONTROL_S: Final = 7 * 86_400
"""The longest a thread can be kept by `extend_thread_control`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """How a page's conversations are routed."""

    default_app_id: str
    """Gets the events of idle threads."""
    may_take: bool = True
    """The *take control* switch of the sandbox's app."""
    other_apps: frozenset[str] = frozenset()
    """Apps that threads can be passed to, besides the sandbox's own and the Page inbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    app_id: str
    until_ms: int


def owner_at(ownership: Ownership | None, now_ms: int) -> Ownership | None:
    """None: the thread is idle."""
    return ownership if ownership is not None and now_ms < ownership.until_ms else None


def may_answer(app_id: str, routing: Routing | None, ownership: Ownership | None, now_ms: int) -> bool:
    """Whether this app gets the thread's events in `messaging` and may send."""
    if routing is None:
        return True
    owner = owner_at(ownership, now_ms)
    return app_id == (routing.default_app_id if owner is None else owner.app_id)
