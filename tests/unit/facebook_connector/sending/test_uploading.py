from __future__ import annotations

import pytest

from cim_messenger.outbound import PartKind
from facebook_connector.sending.answers import MAX_ATTEMPTS, Outcome
from facebook_connector.sending.graph_answers import Answered, SendAnswer, Unanswered
from facebook_connector.sending.lane import Repairs
from facebook_connector.sending.media import MediaFailedError
from facebook_connector.sending.uploading import after_missing_media, after_refused_upload
from facebook_connector.sending.values import Failure, PartSettlement, PartState
from facebook_connector.sending.verdicts import Action
from tests.support.lane_situations import NOW, part, refusal, situation

QUEUED, FAILED = PartState.QUEUED, PartState.FAILED
LOST = Failure(reason="MEDIA_UNREACHABLE", detail="It did not come.", metadata={"cause": "404"})


def outcome(answer: SendAnswer, attempts: int = 0, kind: PartKind = PartKind.MEDIA) -> Outcome:
    medium = part(kind=kind, attempts=attempts)
    return after_refused_upload(situation(parts=(medium,)), medium, answer, 1.0)


def missing(attempts: int = 0, *, final: bool = False, failure: Failure = LOST) -> PartSettlement:
    medium = part(kind=PartKind.MEDIA, attempts=attempts)
    return after_missing_media(situation(parts=(medium,)), medium, MediaFailedError(failure, final=final), 1.0)


@pytest.mark.parametrize(
    "answer",
    [
        Unanswered(bytes_left=True, cause="READ_TIMEOUT"),
        Answered(status=500),
        Answered(status=200),
        Answered(status=404),
        refusal(1),
        refusal(2),
        refusal(1200, 1545003),
        refusal(100, 2018008),
        refusal(100, 2018294),
    ],
)
def test_an_upload_that_may_do_better_is_made_again_and_never_uncertain(answer: SendAnswer) -> None:
    settlement = outcome(answer).settlement
    assert (settlement.state, settlement.attempts, settlement.retry_at_ms) == (QUEUED, 1, NOW + 1000)


@pytest.mark.parametrize("answer", [Answered(status=500), refusal(2)])
def test_the_last_try_fails_the_part(answer: SendAnswer) -> None:
    settlement = outcome(answer, MAX_ATTEMPTS - 1).settlement
    assert (settlement.state, settlement.attempts) == (FAILED, MAX_ATTEMPTS)
    assert settlement.failure is not None
    assert (settlement.failure.reason, settlement.failure.part_index) == ("PROVIDER_UNAVAILABLE", 0)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refusal(100, 2018109), "MEDIA_REJECTED"),
        (refusal(200), "PAGE_PERMISSION_MISSING"),
        (refusal(100), "PROVIDER_REJECTED"),
    ],
)
def test_what_no_try_can_better_fails_at_once_with_facebooks_codes(answer: Answered, reason: str) -> None:
    failure = outcome(answer).settlement.failure
    assert failure is not None
    assert (failure.reason, failure.provider_trace_id) == (reason, "AbC")
    assert failure.metadata["page_id"] == "100200300400500"


def test_a_video_that_cannot_be_processed_is_tried_twice() -> None:
    assert outcome(refusal(100, 2018294), attempts=1).settlement.state is FAILED


@pytest.mark.parametrize(
    ("answer", "action"),
    [
        (Unanswered(bytes_left=False, cause="CONNECT_ERROR"), Action.WAIT),
        (refusal(80006), Action.THROTTLE),
        (refusal(190), Action.STOP),
    ],
)
def test_what_concerns_the_page_costs_no_try(answer: SendAnswer, action: Action) -> None:
    result = outcome(answer, attempts=2)
    assert (result.verdict.action, result.settlement.state, result.settlement.attempts) == (action, QUEUED, 2)


def test_a_file_of_another_type_than_said_goes_once_more_as_a_file() -> None:
    result = outcome(refusal(100, 2018047))
    assert (result.repairs, result.settlement.state, result.settlement.retry_at_ms) == (
        Repairs(as_file=True),
        QUEUED,
        0,
    )
    medium = part(kind=PartKind.MEDIA)
    given = situation(parts=(medium,), repairs=result.repairs)
    assert after_refused_upload(given, medium, refusal(100, 2018047), 1.0).settlement.state is FAILED


def test_among_images_it_cannot() -> None:
    assert outcome(refusal(100, 2018047), kind=PartKind.IMAGES).settlement.state is FAILED


def test_bytes_that_do_not_come_are_asked_for_again_later() -> None:
    settlement = missing(attempts=1)
    assert (settlement.state, settlement.attempts, settlement.retry_at_ms) == (QUEUED, 2, NOW + 8000)
    assert (settlement.failure, settlement.detail) == (None, "It did not come.")


def test_a_file_server_has_most_of_a_minute_to_come_back() -> None:
    delays = [missing(attempts).retry_at_ms - NOW for attempts in range(MAX_ATTEMPTS - 1)]
    assert delays == [4_000, 8_000, 16_000, 32_000]


@pytest.mark.parametrize(("attempts", "final"), [(MAX_ATTEMPTS - 1, False), (0, True)])
def test_after_the_last_time_they_are_given_up_with_the_reason(attempts: int, final: bool) -> None:
    settlement = missing(attempts, final=final)
    assert settlement.state is FAILED
    assert settlement.failure is not None
    assert (settlement.failure.reason, settlement.failure.metadata, settlement.failure.part_index) == (
        "MEDIA_UNREACHABLE",
        {"cause": "404"},
        0,
    )


def test_a_rejection_of_ours_names_the_page_as_the_reason_promises() -> None:
    failure = missing(final=True, failure=Failure(reason="MEDIA_REJECTED", detail="No image.")).failure
    assert failure is not None
    assert failure.metadata == {"page_id": "100200300400500"}
