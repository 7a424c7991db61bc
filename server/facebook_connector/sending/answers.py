"""What an answer from Facebook does to the head of its lane: settled, back to its place, or sent again otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from facebook_connector.sending import failures
from facebook_connector.sending.graph_answers import Answered, GraphError, SendAnswer
from facebook_connector.sending.graph_errors import BAD_PARAMETER, ErrorClass
from facebook_connector.sending.kinds import HANDLING
from facebook_connector.sending.lane import Call, Repairs, Situation, settlement_of
from facebook_connector.sending.media_repairs import repairs_of_media
from facebook_connector.sending.pace import retry_delay_ms
from facebook_connector.sending.values import Failure, LanePart, PartSettlement, PartState, SendOrigin, SendWarning
from facebook_connector.sending.verdicts import Action, Verdict, judge
from facebook_connector.sending.window import Label, window_close_ms

MAX_ATTEMPTS = 5
"""Tries of a part that Facebook turned away for a passing reason."""
NO_PERMISSION = 10
HUMAN_AGENT_REASON = "HUMAN_AGENT_NOT_APPROVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one answer does: to the part, to the rest of the pass, and to the page."""

    verdict: Verdict
    settlement: PartSettlement
    repairs: Repairs
    error: GraphError | None = None
    regain_ms: int = 0
    """How long Facebook asks the page to rest; 0 if it does not say."""
    usage_percent: int | None = None
    """How full the page's fullest rate limit is; None if Facebook does not say."""

    @property
    def lost_human_agent(self) -> bool:
        """Whether the app turned out not to have the Human Agent feature."""
        return self.verdict.reason == HUMAN_AGENT_REASON


def after_answer(situation: Situation, call: Call, answer: SendAnswer, draw: float) -> Outcome:
    """What the answer to `call` does. `draw` is a random number from [0, 1) for the delay of a retry."""
    error = answer.error if isinstance(answer, Answered) else None
    verdict = _of_tag(call, judge(answer), error)
    reading = _Reading(situation=situation, call=call, answer=answer, verdict=verdict, error=error)
    repairs = _repairs(reading)
    settlement = _queued(reading) if repairs != situation.repairs else _settled(reading, draw)
    regain_ms, usage = (answer.regain_ms, answer.usage_percent) if isinstance(answer, Answered) else (0, None)
    return Outcome(
        verdict=verdict, settlement=settlement, repairs=repairs, error=error, regain_ms=regain_ms, usage_percent=usage
    )


def not_called(situation: Situation, part: LanePart) -> PartSettlement:
    """The part may stand as begun, but its call was certainly not made."""
    return settlement_of(situation, part, PartState.QUEUED, "The call to Facebook was not made.")


def after_finding(situation: Situation, part: LanePart, mid: str) -> PartSettlement:
    """The conversation shows the uncertain part."""
    sent = settlement_of(situation, part, PartState.SENT, "It stands in the conversation.")
    return replace(sent, mid=mid, settles=PartState.UNCERTAIN)


def after_absence(situation: Situation, part: LanePart) -> PartSettlement:
    """The conversation shows that the uncertain part did not go out: it is sent again, but not for ever."""
    attempts = part.attempts + 1
    queued = settlement_of(situation, part, PartState.QUEUED, "It does not stand in the conversation.")
    queued = replace(queued, attempts=attempts, settles=PartState.UNCERTAIN)
    if attempts < MAX_ATTEMPTS:
        return queued
    failure = failures.unavailable(situation.head.lane.page_id, part.index)
    return replace(queued, state=PartState.FAILED, failure=failure)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """An answer with all that it is judged by."""

    situation: Situation
    call: Call
    answer: SendAnswer
    verdict: Verdict
    error: GraphError | None


def _of_tag(call: Call, verdict: Verdict, error: GraphError | None) -> Verdict:
    """A missing permission on a tagged send means the missing feature, and says nothing about other sends."""
    if call.label is not Label.HUMAN_AGENT or error is None or (error.code, error.subcode) != (NO_PERMISSION, None):
        return verdict
    detail = "Facebook has not approved the app for the Human Agent feature; people may answer for 24 hours only."
    return replace(verdict, reason=HUMAN_AGENT_REASON, detail=detail)


def _repairs(reading: _Reading) -> Repairs:
    """What to change before the very next try; the same as before when nothing can be changed."""
    situation, call, verdict = reading.situation, reading.call, reading.verdict
    repairs, error = situation.repairs, reading.error
    if verdict.action is not Action.FAIL or error is None:
        return repairs
    if verdict.error_class is ErrorClass.MEDIA:
        repairs = repairs_of_media(call.part, repairs, error)
        if repairs != situation.repairs:
            return repairs
    if call.quoted and error.code == BAD_PARAMETER:
        return replace(repairs, without_quote=True)
    if verdict.error_class is ErrorClass.WINDOW and call.label is Label.RESPONSE and _may_tag(situation, call):
        return replace(repairs, as_human_agent=True)
    return repairs


def _may_tag(situation: Situation, call: Call) -> bool:
    channel = situation.channel
    if not HANDLING[call.part.kind].taggable:
        return False
    return situation.head.origin is SendOrigin.HUMAN and channel is not None and channel.human_agent_enabled


def _settled(reading: _Reading, draw: float) -> PartSettlement:
    verdict, queued = reading.verdict, _queued(reading)
    match verdict.action:
        case Action.SENT:
            mid = reading.answer.message_id if isinstance(reading.answer, Answered) else ""
            return replace(queued, state=PartState.SENT, mid=mid, warnings=_warnings(reading))
        case Action.UNCERTAIN:
            return replace(queued, state=PartState.UNCERTAIN, warnings=_warnings(reading))
        case Action.RETRY:
            return _retried(reading, draw)
        case Action.FAIL:
            return replace(queued, state=PartState.FAILED, failure=_failure(reading))
        case Action.WAIT | Action.THROTTLE | Action.STOP:
            return queued


def _retried(reading: _Reading, draw: float) -> PartSettlement:
    attempts = reading.call.part.attempts + 1
    queued = replace(_queued(reading), attempts=attempts)
    if attempts >= MAX_ATTEMPTS:
        return replace(queued, state=PartState.FAILED, failure=_failure(reading))
    delay = max(retry_delay_ms(attempts, draw), reading.verdict.least_delay_ms)
    return replace(queued, retry_at_ms=reading.situation.now_ms + delay)


def _queued(reading: _Reading) -> PartSettlement:
    """The part goes back to its place, to be sent again."""
    taken = reading.verdict.action is Action.SENT
    detail = "Facebook took it." if taken else failures.in_words(reading.verdict, reading.error)
    return settlement_of(reading.situation, reading.call.part, PartState.QUEUED, detail)


def _failure(reading: _Reading) -> Failure:
    head, channel = reading.situation.head, reading.situation.channel
    metadata: Mapping[str, str] = {"page_id": head.lane.page_id}
    if reading.verdict.error_class is ErrorClass.WINDOW:
        last, enabled = head.last_customer_action_ms, channel is not None and channel.human_agent_enabled
        close_ms = None if last is None else window_close_ms(head.origin, last, human_agent_enabled=enabled)
        metadata = failures.window_metadata(head.lane.page_id, head.origin, close_ms, human_agent_enabled=enabled)
    elif reading.verdict.error_class is ErrorClass.THREAD:
        metadata = {**metadata, "owner_app_id": ""}
    return failures.refused(reading.verdict, reading.error, part_index=reading.call.part.index, metadata=metadata)


def _warnings(reading: _Reading) -> tuple[SendWarning, ...]:
    head, call = reading.situation.head, reading.call
    if call.part.index != 0 or not head.quoted or call.quoted:
        return ()
    detail = "Messenger cannot quote that message here; it was sent without the quotation."
    return (SendWarning(code="QUOTE_DROPPED", detail=detail, part_index=0),)
