"""Rules on the request around the message: recipient, sender actions, messaging type and tag, quoted message.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api
"""

from __future__ import annotations

from typing import Final

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import SendAttempt, as_object, bad, one_of
from messenger_sandbox.rules.shapes import any_text, choice, digits, may, need, shape
from messenger_sandbox.rules.window import ANSWER_WINDOW_MS

RECIPIENT_KEYS: Final = frozenset(
    {
        "id",
        "user_ref",
        "comment_id",
        "post_id",
        "notification_messages_token",
        "phone_number",
        "one_time_notif_token",
    }
)
SENDER_ACTIONS: Final = frozenset({"typing_on", "typing_off", "mark_seen", "react", "unreact"})
REACTION_ACTIONS: Final = frozenset({"react", "unreact"})
MESSAGING_TYPES: Final = frozenset({"RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"})
NOTIFICATION_TYPES: Final = frozenset({"REGULAR", "SILENT_PUSH", "NO_PUSH"})
LIVE_TAGS: Final = frozenset({"HUMAN_AGENT", "CUSTOMER_FEEDBACK"})
NEWS_TAG: Final = "NON_PROMOTIONAL_SUBSCRIPTION"
"""For registered news pages, of which the sandbox has none."""
RETIRED_TAGS: Final = frozenset({"ACCOUNT_UPDATE", "CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE"})
"""Refused since 27 April 2026."""
CONTROL_TYPES: Final = frozenset({"pass", "release"})


def recipient_is_given(attempt: SendAttempt) -> GraphError | None:
    if not as_object(attempt.params.get("recipient")):
        return bad("The parameter recipient is required")
    return None


def recipient_has_one_address(attempt: SendAttempt) -> GraphError | None:
    keys = as_object(attempt.params.get("recipient")).keys()
    if len(keys & RECIPIENT_KEYS) != 1:
        return bad(f"Param recipient must hold exactly one of {', '.join(sorted(RECIPIENT_KEYS))}")
    return None


def recipient_is_known(attempt: SendAttempt) -> GraphError | None:
    """Comments, posts and opt-in tokens are not played: none of them is known."""
    if attempt.person is not None:
        return None
    commented = as_object(attempt.params.get("recipient")).keys() & {"comment_id", "post_id"}
    return refusal(ErrorName.COMMENT_INVALID if commented else ErrorName.NO_MATCHING_USER)


def action_stands_alone(attempt: SendAttempt) -> GraphError | None:
    if attempt.is_action and attempt.params.get("message") is not None:
        return refusal(ErrorName.MESSAGE_WITH_ACTION)
    return None


def action_is_known(attempt: SendAttempt) -> GraphError | None:
    if not one_of(attempt.params.get("sender_action"), SENDER_ACTIONS):
        return bad(f"Param sender_action must be one of {', '.join(sorted(SENDER_ACTIONS))}")
    return None


def reaction_names_a_message(attempt: SendAttempt) -> GraphError | None:
    action = attempt.params["sender_action"]
    if action not in REACTION_ACTIONS:
        return None
    payload = as_object(attempt.params.get("payload"))
    if not one_of(payload.get("message_id"), attempt.conversation.messages):
        return bad("Param payload[message_id] must be a message of this conversation")
    if action == "react":
        return any_text(payload.get("reaction"), "payload[reaction]")
    if action == "unreact" and "reaction" in payload:
        return bad("Param payload[reaction] is not allowed with unreact")
    return None


def message_is_given(attempt: SendAttempt) -> GraphError | None:
    message = attempt.params.get("message")
    if message is not None and not isinstance(message, dict):
        return bad("Param message must be an object")
    return None if message else refusal(ErrorName.MESSAGE_EMPTY)


def messaging_type_is_known(attempt: SendAttempt) -> GraphError | None:
    if not one_of(attempt.params.get("messaging_type"), MESSAGING_TYPES):
        return bad(f"Param messaging_type must be one of {', '.join(sorted(MESSAGING_TYPES))}")
    return None


def tag_fits_messaging_type(attempt: SendAttempt) -> GraphError | None:
    tagged = attempt.params.get("messaging_type") == "MESSAGE_TAG"
    if not tagged and attempt.params.get("tag") is not None:
        return bad("Param tag is only allowed with messaging_type MESSAGE_TAG")
    if tagged and attempt.tag == NEWS_TAG:
        return refusal(ErrorName.NO_NEWS_PAGE)
    if tagged and one_of(attempt.tag, RETIRED_TAGS):
        return refusal(ErrorName.BAD_PARAMETER)
    if tagged and not one_of(attempt.tag, LIVE_TAGS):
        return bad(f"Param tag must be one of {', '.join(sorted(LIVE_TAGS))}")
    return None


def notification_type_is_known(attempt: SendAttempt) -> GraphError | None:
    if not one_of(attempt.params.get("notification_type", "REGULAR"), NOTIFICATION_TYPES):
        return bad(f"Param notification_type must be one of {', '.join(sorted(NOTIFICATION_TYPES))}")
    return None


def persona_is_known(attempt: SendAttempt) -> GraphError | None:
    persona_id = attempt.params.get("persona_id")
    if persona_id is None or one_of(str(persona_id), attempt.personas):
        return None
    return bad("Param persona_id must be the id of a persona of this page")


def thread_control_is_valid(attempt: SendAttempt) -> GraphError | None:
    """A send may hand the thread over in the same call."""
    control = attempt.params.get("thread_control")
    return None if control is None else _thread_control(control, "thread_control")


_thread_control: Final = shape({"control_type": need(choice(CONTROL_TYPES)), "app_id": may(digits)})


def pass_names_an_app(attempt: SendAttempt) -> GraphError | None:
    control = as_object(attempt.params.get("thread_control"))
    if control.get("control_type") == "pass" and control.get("app_id") is None:
        return bad("Param thread_control[app_id] is required to pass a thread")
    return None


def quote_is_allowed(attempt: SendAttempt) -> GraphError | None:
    """A quote names a message of either side, and needs a message of the person in the last 24 hours."""
    if attempt.params.get("reply_to") is None:
        return None
    if not one_of(as_object(attempt.params["reply_to"]).get("mid"), attempt.conversation.messages):
        return bad("Param reply_to[mid] must be a message of this conversation")
    wrote_ms = attempt.conversation.person_wrote_ms
    if wrote_ms is None or attempt.now_ms - wrote_ms >= ANSWER_WINDOW_MS:
        return bad("Param reply_to needs a message of the person within 24 hours")
    return None
