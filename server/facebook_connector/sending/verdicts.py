"""The verdict on one call: is the message out, may it be sent again, when, or must nobody ever know but an echo.

Facebook has no idempotency key. So whatever may have been taken is never sent again blindly; only what certainly did
not go out is. Sources: as `graph_errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import MappingProxyType

from facebook_connector.sending.graph_answers import Answered, GraphError, SendAnswer
from facebook_connector.sending.graph_errors import ErrorClass, meaning_of_error

BUSY_THREAD_DELAY_MS = 60_000
"""How long Messenger's own question flow is waited for before the next try."""

UNCERTAIN_REASON = "DELIVERY_UNCERTAIN"


class Action(Enum):
    """What to do with the part."""

    SENT = auto()
    RETRY = auto()
    """It did not go out; try again, up to a number of times."""
    WAIT = auto()
    """It did not go out because Facebook cannot be reached; try again for as long as the message lives."""
    THROTTLE = auto()
    """It did not go out; let the whole page rest."""
    FAIL = auto()
    STOP = auto()
    """It did not go out; stop the channel and keep its queue."""
    UNCERTAIN = auto()
    """It may have gone out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a call's answer means."""

    action: Action
    reason: str = ""
    """`ErrorReason` name; empty with SENT."""
    detail: str = ""
    """One sentence for agents and operators."""
    alert: bool = False
    """Whether the operator must hear of it at once."""
    error_class: ErrorClass | None = None
    least_delay_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    action: Action
    reason: str
    alert: bool = False
    least_delay_ms: int = 0


RULES: Mapping[ErrorClass, _Rule] = MappingProxyType(
    {
        ErrorClass.CONTENT: _Rule(action=Action.FAIL, reason="PROVIDER_REJECTED"),
        ErrorClass.MEDIA: _Rule(action=Action.FAIL, reason="MEDIA_REJECTED"),
        ErrorClass.RECIPIENT: _Rule(action=Action.FAIL, reason="RECIPIENT_UNAVAILABLE"),
        ErrorClass.NO_RECIPIENT: _Rule(action=Action.FAIL, reason="RECIPIENT_UNKNOWN"),
        ErrorClass.WINDOW: _Rule(action=Action.FAIL, reason="OUTSIDE_MESSAGING_WINDOW"),
        ErrorClass.PERMISSION: _Rule(action=Action.FAIL, reason="PAGE_PERMISSION_MISSING", alert=True),
        ErrorClass.TOKEN: _Rule(action=Action.STOP, reason="PAGE_TOKEN_REJECTED", alert=True),
        ErrorClass.APP_SECRET: _Rule(action=Action.STOP, reason="PAGE_TOKEN_REJECTED", alert=True),
        ErrorClass.RESTRICTED: _Rule(action=Action.STOP, reason="PAGE_RESTRICTED", alert=True),
        ErrorClass.ABUSE: _Rule(action=Action.FAIL, reason="PAGE_RESTRICTED", alert=True),
        ErrorClass.THREAD: _Rule(action=Action.FAIL, reason="THREAD_OWNED_BY_OTHER_APP"),
        ErrorClass.BUSY_THREAD: _Rule(
            action=Action.RETRY, reason="PROVIDER_UNAVAILABLE", least_delay_ms=BUSY_THREAD_DELAY_MS
        ),
        ErrorClass.THROTTLE: _Rule(action=Action.THROTTLE, reason="PROVIDER_THROTTLED"),
        ErrorClass.AMBIGUOUS: _Rule(action=Action.UNCERTAIN, reason=UNCERTAIN_REASON),
    }
)
"""How each class of errors is met; complete by test."""

_SENT = Verdict(action=Action.SENT)
TRANSIENT = Verdict(
    action=Action.RETRY, reason="PROVIDER_UNAVAILABLE", detail="Facebook reported a temporary failure of the call."
)
"""It did not go out, and nobody says why; also what is said of a call that may be made twice."""
_THROTTLED = Verdict(action=Action.THROTTLE, reason="PROVIDER_THROTTLED", detail="Facebook asks for fewer calls.")
_UNKNOWN_ERROR = Verdict(action=Action.FAIL, reason="PROVIDER_REJECTED", detail="Facebook refused the message.")
_REQUEST_TIMEOUT = 408
_TOO_MANY_REQUESTS = 429


def judge(answer: SendAnswer) -> Verdict:
    """The verdict on a call of the Send API that carried a message."""
    if not isinstance(answer, Answered):
        if answer.bytes_left:
            return _uncertain(f"The answer of Facebook was lost ({answer.cause}); the message may have gone out.")
        detail = f"Facebook cannot be reached ({answer.cause})."
        return Verdict(action=Action.WAIT, reason="PROVIDER_UNAVAILABLE", detail=detail)
    if answer.message_id:
        return _SENT
    if answer.status >= 500:  # noqa: PLR2004 - any server error, whatever its body says
        return _uncertain(f"Facebook answered HTTP {answer.status}; the message may have gone out.")
    if answer.error is not None:
        return _judge_error(answer.error)
    return _judge_status(answer.status)


def judge_action(answer: SendAnswer) -> Verdict | None:
    """Why a sender action was not done; None: it was. An action may be done twice, so nothing about it is uncertain."""
    if isinstance(answer, Answered) and answer.status < 300 and answer.error is None:  # noqa: PLR2004 - HTTP's own
        return None
    verdict = judge(answer)
    if verdict.action is not Action.UNCERTAIN:
        return verdict
    return replace(verdict, action=Action.RETRY, reason=TRANSIENT.reason, detail=TRANSIENT.detail)


def _judge_error(error: GraphError) -> Verdict:
    meaning = meaning_of_error(error)
    if meaning is None:
        return TRANSIENT if error.transient else _UNKNOWN_ERROR
    rule = RULES[meaning.error_class]
    return Verdict(
        action=rule.action,
        reason=rule.reason,
        detail=meaning.detail,
        alert=rule.alert,
        error_class=meaning.error_class,
        least_delay_ms=rule.least_delay_ms,
    )


def _judge_status(status: int) -> Verdict:
    """An answer with neither a message id nor an error: it comes from something between Facebook and us.

    A refusal (4xx) was not passed on. A 2xx, a redirect and a request time-out leave open whether the call was.
    """
    if status == _TOO_MANY_REQUESTS:
        return _THROTTLED
    if 400 <= status < 500 and status != _REQUEST_TIMEOUT:  # noqa: PLR2004 - HTTP's own numbers
        return TRANSIENT
    return _uncertain(f"Facebook answered HTTP {status} without a message id; the message may have gone out.")


def _uncertain(detail: str) -> Verdict:
    return Verdict(action=Action.UNCERTAIN, reason=UNCERTAIN_REASON, detail=detail)
