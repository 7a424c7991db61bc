"""Whom Facebook shows that somebody types: so that a desk which says so every few seconds makes few calls.

Every call counts to the page's daily number. Facebook shows typing for about 20 seconds or until a message. Sources:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/sender-actions
"""

from __future__ import annotations

from facebook_connector.sending.values import Lane

REPEAT_AFTER_MS = 12_000
"""Said again only then: well before Facebook stops to show it."""
MOST_LANES = 10_000
"""From here on those are forgotten to whom it may be said again."""


class ShownTyping:
    """The lanes in which typing was shown lately by this server. A loss of this memory costs a call, nothing else."""

    def __init__(self) -> None:
        self._repeat_ms: dict[Lane, int] = {}

    def is_shown(self, lane: Lane, now_ms: int) -> bool:
        """Whether it need not be said again yet."""
        return now_ms < self._repeat_ms.get(lane, 0)

    def started(self, lane: Lane, now_ms: int) -> None:
        """Facebook was told."""
        if len(self._repeat_ms) >= MOST_LANES:
            self._repeat_ms = {lane: until for lane, until in self._repeat_ms.items() if now_ms < until}
        self._repeat_ms[lane] = now_ms + REPEAT_AFTER_MS

    def ended(self, lane: Lane) -> None:
        """Facebook shows it no longer: it was told so, or a message went out."""
        self._repeat_ms.pop(lane, None)
