"""Rules on whether this person may be written to now: reachable, feature, 24-hour window, seven days for a human agent.

The window opens with the person's own action and is judged by the sandbox's clock. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/policy
"""

from __future__ import annotations

from typing import Final

from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import SendAttempt

ANSWER_WINDOW_MS: Final = DAY_MS
TAGGED_WINDOW_MS: Final = 7 * DAY_MS
HUMAN_AGENT_MISSING: Final = (
    "To use the Human Agent tag, your use of this endpoint must be reviewed and approved by Facebook."
)


def person_is_reachable(attempt: SendAttempt) -> GraphError | None:
    if attempt.person is not None and not attempt.person.reachable:
        return refusal(ErrorName.UNREACHABLE)
    return None


def page_has_the_feature(attempt: SendAttempt) -> GraphError | None:
    """Without *Human Agent* the tag is refused also inside the 24 hours, with code 10 and no subcode."""
    if attempt.tag == "HUMAN_AGENT" and not attempt.page.human_agent:
        return refusal(ErrorName.NO_PERMISSION, HUMAN_AGENT_MISSING)
    return None


def window_is_open(attempt: SendAttempt) -> GraphError | None:
    """A utility message is free of the window; everything else needs an action of the person that is recent enough."""
    if attempt.params.get("messaging_type") == "UTILITY":
        return None
    opened_ms = attempt.conversation.opened_ms
    length_ms = ANSWER_WINDOW_MS if attempt.tag is None else TAGGED_WINDOW_MS
    if opened_ms is None or attempt.now_ms - opened_ms >= length_ms:
        return refusal(ErrorName.OUTSIDE_WINDOW)
    return None


def sticker_answers_within_a_day(attempt: SendAttempt) -> GraphError | None:
    """Stickers go out within 24 hours only, whatever the tag."""
    opened_ms = attempt.conversation.opened_ms
    late = opened_ms is None or attempt.now_ms - opened_ms >= ANSWER_WINDOW_MS
    return refusal(ErrorName.OUTSIDE_WINDOW) if "sticker_id" in attempt.message and late else None
