"""The messaging window: how long after a customer's last action who may write, and under which label.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/policy
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from facebook_connector.sending.values import SendOrigin

HOUR_MS = 3_600_000
ANSWER_WINDOW_MS = 24 * HOUR_MS
"""Anyone may answer for so long after the customer's last action."""
HUMAN_WINDOW_MS = 7 * 24 * HOUR_MS
"""A person may answer for so long, under the tag HUMAN_AGENT, if the app has that feature."""


class Label(Enum):
    """How a message is labelled to Facebook."""

    RESPONSE = auto()
    HUMAN_AGENT = auto()
    UTILITY = auto()
    """An approved template: free of the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowClosed:
    """The message may not go out any more."""

    close_time_ms: int
    """When the last window closed that this origin may use."""


def window_close_ms(origin: SendOrigin, last_customer_action_ms: int, *, human_agent_enabled: bool) -> int:
    """When the last window closes that a message of this origin may use."""
    if origin is SendOrigin.HUMAN and human_agent_enabled:
        return last_customer_action_ms + HUMAN_WINDOW_MS
    return last_customer_action_ms + ANSWER_WINDOW_MS


def judge_window(
    origin: SendOrigin, last_customer_action_ms: int | None, *, human_agent_enabled: bool, now_ms: int
) -> Label | WindowClosed:
    """How a message of this origin may go out now. Without a known clock Facebook decides: RESPONSE.

    `human_agent_enabled`: whether the channel has the feature and the content may be tagged at all.
    """
    if last_customer_action_ms is None or now_ms < last_customer_action_ms + ANSWER_WINDOW_MS:
        return Label.RESPONSE
    close_ms = window_close_ms(origin, last_customer_action_ms, human_agent_enabled=human_agent_enabled)
    return Label.HUMAN_AGENT if now_ms < close_ms else WindowClosed(close_time_ms=close_ms)
