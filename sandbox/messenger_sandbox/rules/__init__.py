"""Facebook's rules of sending, stated a second time: a call's parameters and the state of the world → verdict.

Pure. Each rule is one function, the order of judging is the order of the tables below, and the first refusal wins.
The rules come from Meta's documentation, never from the connector under test. A further API brings further tables.
"""

from __future__ import annotations

from typing import Final

from messenger_sandbox.errors import GraphError
from messenger_sandbox.rules import content, domains, request, threads, window
from messenger_sandbox.rules.attempt import Rule, SendAttempt, recipient_psid

__all__ = ["ACTION_RULES", "MESSAGE_RULES", "Rule", "SendAttempt", "judge", "recipient_psid"]

_RECIPIENT_RULES: Final[tuple[Rule, ...]] = (
    request.recipient_is_given,
    request.recipient_has_one_address,
    request.action_stands_alone,
    request.recipient_is_known,
)

ACTION_RULES: Final[tuple[Rule, ...]] = (
    *_RECIPIENT_RULES,
    request.action_is_known,
    request.persona_is_known,
    request.reaction_names_a_message,
    window.person_is_reachable,
    threads.thread_is_the_apps,
)
"""Typing, seen and reactions. Meta states the window for messages only, so it is not asked for here."""

MESSAGE_RULES: Final[tuple[Rule, ...]] = (
    *_RECIPIENT_RULES,
    request.message_is_given,
    request.messaging_type_is_known,
    request.tag_fits_messaging_type,
    request.notification_type_is_known,
    request.persona_is_known,
    request.thread_control_is_valid,
    request.pass_names_an_app,
    content.keys_are_known,
    content.one_content,
    content.content_is_valid,
    content.utility_has_a_template,
    content.feedback_tag_has_its_template,
    content.metadata_is_short,
    content.quick_replies_are_valid,
    domains.domains_are_listed,
    window.person_is_reachable,
    threads.thread_is_the_apps,
    window.page_has_the_feature,
    window.window_is_open,
    window.sticker_answers_within_a_day,
    request.quote_is_allowed,
)


def judge(attempt: SendAttempt) -> GraphError | None:
    """Returns the first refusal, or None if Facebook takes the call."""
    rules = ACTION_RULES if attempt.is_action else MESSAGE_RULES
    return next((error for error in (rule(attempt) for rule in rules) if error is not None), None)
