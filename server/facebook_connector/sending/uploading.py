"""What comes of bringing a part's media to Facebook, before the part itself is sent: pure.

Nothing here is uncertain. Nobody sees an upload, so whatever may or may not have been taken is uploaded again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from facebook_connector.sending import failures
from facebook_connector.sending.answers import MAX_ATTEMPTS, Outcome
from facebook_connector.sending.graph_answers import Answered, GraphError, SendAnswer
from facebook_connector.sending.lane import Situation, settlement_of
from facebook_connector.sending.media import MediaFailedError
from facebook_connector.sending.media_repairs import STALE, as_file, number_of
from facebook_connector.sending.pace import retry_delay_ms
from facebook_connector.sending.values import Failure, LanePart, PartSettlement, PartState
from facebook_connector.sending.verdicts import TRANSIENT, Action, Verdict, judge_action

FILE_SERVER_PATIENCE = 2
"""Lengthens the delays to 4, 8, 16 and 32 s: a file server that is started anew, or a customer's medium that is still
on its way to us, takes longer than Facebook's passing troubles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAnswer:
    """How one call of the upload API ended."""

    attachment_id: str = ""
    """Empty: nothing was uploaded, or nobody knows."""
    answer: SendAnswer
    """The answer itself, to be judged."""


def after_refused_upload(situation: Situation, part: LanePart, answer: SendAnswer, draw: float) -> Outcome:
    """What an upload that gave no id does to its part. `draw` is a random number from [0, 1) for a retry's delay."""
    error = answer.error if isinstance(answer, Answered) else None
    verdict = _judged(answer, part, error)
    repairs = situation.repairs if error is None else as_file(part, situation.repairs, error)
    settlement = settlement_of(situation, part, PartState.QUEUED, failures.in_words(verdict, error))
    if repairs == situation.repairs and verdict.action in {Action.RETRY, Action.FAIL}:
        metadata = {"page_id": situation.head.lane.page_id}
        failure = failures.refused(verdict, error, part_index=part.index, metadata=metadata)
        settlement = _tried(settlement, failure, final=verdict.action is Action.FAIL, draw=draw)
    regain_ms = answer.regain_ms if isinstance(answer, Answered) else 0
    return Outcome(verdict=verdict, settlement=settlement, repairs=repairs, error=error, regain_ms=regain_ms)


def after_missing_media(situation: Situation, part: LanePart, missing: MediaFailedError, draw: float) -> PartSettlement:
    """What bytes that could not be had do to their part."""
    failure = replace(missing.failure, part_index=part.index)
    if failure.reason == "MEDIA_REJECTED":
        failure = replace(failure, metadata={**failure.metadata, "page_id": situation.head.lane.page_id})
    settlement = settlement_of(situation, part, PartState.QUEUED, failure.detail)
    return _tried(settlement, failure, final=missing.final, draw=draw, patience=FILE_SERVER_PATIENCE)


def _judged(answer: SendAnswer, part: LanePart, error: GraphError | None) -> Verdict:
    """The verdict; what a second try may heal is tried a second time."""
    verdict = judge_action(answer) or TRANSIENT
    if error is not None and number_of(error) in STALE and not part.attempts:
        return replace(verdict, action=Action.RETRY)
    return verdict


def _tried(
    settlement: PartSettlement, failure: Failure, *, final: bool, draw: float, patience: int = 0
) -> PartSettlement:
    """The part after one more try: put off, or failed. `patience`: how many tries more the delay counts."""
    attempts = settlement.attempts + 1
    if final or attempts >= MAX_ATTEMPTS:
        return replace(settlement, state=PartState.FAILED, attempts=attempts, failure=failure)
    retry_at_ms = settlement.now_ms + retry_delay_ms(attempts + patience, draw)
    return replace(settlement, attempts=attempts, retry_at_ms=retry_at_ms)
