"""The rule that a thread must not belong to another app. Source: see `messenger_sandbox.threads`."""

from __future__ import annotations

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import SendAttempt
from messenger_sandbox.threads import may_answer


def thread_is_the_apps(attempt: SendAttempt) -> GraphError | None:
    ownership = attempt.conversation.ownership
    if may_answer(attempt.app_id, attempt.page.routing, ownership, attempt.now_ms):
        return None
    return refusal(ErrorName.THREAD_OWNED)
