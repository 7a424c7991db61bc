from __future__ import annotations

from dataclasses import replace

import pytest

from cim_messenger.outbound import PartKind
from facebook_connector.sending.answers import MAX_ATTEMPTS, Outcome, after_answer, not_called
from facebook_connector.sending.failures import rfc3339
from facebook_connector.sending.graph_answers import Answered, GraphError, SendAnswer, Unanswered
from facebook_connector.sending.lane import Repairs, Situation
from facebook_connector.sending.values import PartState, SendOrigin
from tests.support.lane_situations import CHANNEL, DAY, NOW, UPLOADED, call_of, part, refusal, situation


def outcome(given: Situation, answer: SendAnswer, draw: float = 0.5) -> Outcome:
    return after_answer(given, call_of(given), answer, draw)


def test_a_part_whose_call_was_certainly_not_made_goes_back() -> None:
    given = situation(parts=(part(attempts=3),))
    settlement = not_called(given, given.head.parts[0])
    assert (settlement.state, settlement.attempts, settlement.retry_at_ms) == (PartState.QUEUED, 3, 0)


def test_a_quote_that_could_not_go_is_warned_of() -> None:
    settlement = outcome(situation(quoted=True), Answered(status=200, message_id="m_B2")).settlement
    assert [warning.code for warning in settlement.warnings] == ["QUOTE_DROPPED"]


def test_a_quote_that_went_is_not_warned_of() -> None:
    given = situation(quote_mid="m_A1", quoted=True)
    assert outcome(given, Answered(status=200, message_id="m_B2")).settlement.warnings == ()


def test_a_quote_that_facebook_refuses_is_dropped_and_the_part_goes_again_at_once() -> None:
    result = outcome(situation(quote_mid="m_A1", quoted=True), refusal(100))
    assert (result.settlement.state, result.settlement.retry_at_ms) == (PartState.QUEUED, 0)
    assert result.repairs == Repairs(without_quote=True)


def test_the_same_refusal_without_a_quote_fails() -> None:
    given = situation(quote_mid="m_A1", quoted=True, repairs=Repairs(without_quote=True))
    assert outcome(given, refusal(100)).settlement.state is PartState.FAILED


def test_a_refused_app_secret_leaves_the_quote_and_keeps_the_part() -> None:
    text = "Invalid appsecret_proof provided in the API argument"
    error = GraphError(code=100, subcode=None, message=text, transient=False, trace_id="")
    result = outcome(situation(quote_mid="m_A1", quoted=True), Answered(status=400, error=error))
    assert (result.settlement.state, result.repairs) == (PartState.QUEUED, Repairs())


def media(**changes: object) -> Situation:
    """A medium that is at Facebook."""
    return situation(parts=(part(kind=PartKind.MEDIA),), uploaded={0: UPLOADED}, **changes)


@pytest.mark.parametrize("subcode", [2018008, 2018074, 2018294])
def test_an_upload_that_facebook_cannot_use_is_made_anew_once(subcode: int) -> None:
    result = outcome(media(quote_mid="m_A1", quoted=True), refusal(100, subcode))
    assert (result.settlement.state, result.settlement.retry_at_ms) == (PartState.QUEUED, 0)
    assert result.repairs == Repairs(uploaded_anew=True)
    assert outcome(media(repairs=result.repairs), refusal(100, subcode)).settlement.state is PartState.FAILED


def test_a_medium_of_another_kind_goes_once_more_as_a_file() -> None:
    result = outcome(media(), refusal(100, 2018047))
    assert result.repairs == Repairs(as_file=True)
    assert outcome(media(repairs=result.repairs), refusal(100, 2018047)).settlement.state is PartState.FAILED


def test_media_that_the_caller_wrote_are_not_ours_to_repair() -> None:
    given = situation(parts=(part(kind=PartKind.RAW),))
    assert outcome(given, refusal(100, 2018074)).settlement.state is PartState.FAILED


def test_a_human_outside_the_window_by_facebook_goes_once_with_the_tag() -> None:
    given = situation(last_customer_action_ms=None)
    result = outcome(given, refusal(10, 2018278))
    assert (result.settlement.state, result.repairs) == (PartState.QUEUED, Repairs(as_human_agent=True))
    again = replace(given, repairs=result.repairs)
    assert call_of(again).body["tag"] == "HUMAN_AGENT"
    assert outcome(again, refusal(10, 2018278)).settlement.state is PartState.FAILED


@pytest.mark.parametrize(
    "given",
    [
        situation(origin=SendOrigin.BOT, last_customer_action_ms=None),
        situation(channel=replace(CHANNEL, human_agent_enabled=False), last_customer_action_ms=None),
    ],
)
def test_nobody_else_goes_with_the_tag(given: Situation) -> None:
    failure = outcome(given, refusal(10, 2018278)).settlement.failure
    assert failure is not None
    assert (failure.reason, failure.metadata["window_close_time"]) == ("OUTSIDE_MESSAGING_WINDOW", "")


@pytest.mark.parametrize(
    ("origin", "feature", "days"),
    [(SendOrigin.HUMAN, True, 7), (SendOrigin.HUMAN, False, 1), (SendOrigin.BOT, True, 1)],
)
def test_a_window_that_facebook_calls_closed_is_told_by_the_longest_of_the_origin(
    origin: SendOrigin, feature: bool, days: int
) -> None:
    channel, last = replace(CHANNEL, human_agent_enabled=feature), NOW - DAY // 2
    given = situation(
        origin=origin, channel=channel, last_customer_action_ms=last, repairs=Repairs(as_human_agent=feature)
    )
    failure = outcome(given, refusal(10, 2018278)).settlement.failure
    assert failure is not None
    assert failure.metadata["window_close_time"] == rfc3339(last + days * DAY)


def test_a_refused_tag_fails_the_message_and_not_the_channel() -> None:
    result = outcome(situation(last_customer_action_ms=NOW - DAY), refusal(10))
    assert result.settlement.failure is not None
    assert result.settlement.failure.reason == "HUMAN_AGENT_NOT_APPROVED"
    assert result.lost_human_agent


def test_a_missing_permission_without_a_tag_says_nothing_of_the_feature() -> None:
    result = outcome(situation(), refusal(10))
    assert result.settlement.failure is not None
    assert result.settlement.failure.reason == "PAGE_PERMISSION_MISSING"
    assert not result.lost_human_agent


def test_a_taken_part_is_sent_with_its_mid() -> None:
    settlement = outcome(situation(), Answered(status=200, message_id="m_B2")).settlement
    assert (settlement.state, settlement.mid, settlement.epoch) == (PartState.SENT, "m_B2", 7)


def test_a_refused_part_fails_with_facebooks_codes() -> None:
    failure = outcome(situation(), refusal(551, 1545041)).settlement.failure
    assert failure is not None
    assert (failure.provider_code, failure.provider_subcode, failure.provider_trace_id) == (551, 1545041, "AbC")
    assert failure.metadata == {
        "page_id": "100200300400500",
        "provider_code": "551",
        "provider_subcode": "1545041",
    }


@pytest.mark.parametrize("answer", [Unanswered(bytes_left=True, cause="READ_TIMEOUT"), Answered(status=500)])
def test_a_lost_answer_makes_the_part_uncertain(answer: SendAnswer) -> None:
    assert outcome(situation(), answer).settlement.state is PartState.UNCERTAIN


@pytest.mark.parametrize("answer", [Unanswered(bytes_left=False, cause="CONNECT_ERROR"), refusal(613), refusal(190)])
def test_what_is_not_the_messages_fault_costs_no_attempt(answer: SendAnswer) -> None:
    settlement = outcome(situation(parts=(part(attempts=2),)), answer).settlement
    assert (settlement.state, settlement.attempts, settlement.retry_at_ms) == (PartState.QUEUED, 2, 0)


def test_a_passing_refusal_is_tried_again_later() -> None:
    settlement = outcome(situation(), Answered(status=404), draw=1.0).settlement
    assert (settlement.state, settlement.attempts, settlement.retry_at_ms) == (PartState.QUEUED, 1, NOW + 1000)


def test_messengers_question_flow_is_given_a_minute() -> None:
    assert outcome(situation(), refusal(10, 2018321)).settlement.retry_at_ms == NOW + 60_000


def test_the_last_attempt_fails() -> None:
    settlement = outcome(situation(parts=(part(attempts=MAX_ATTEMPTS - 1),)), Answered(status=404)).settlement
    assert settlement.state is PartState.FAILED
    assert settlement.failure is not None
    assert settlement.failure.reason == "PROVIDER_UNAVAILABLE"


def test_the_history_tells_facebooks_codes_and_no_content() -> None:
    detail = outcome(situation(), refusal(10, 2018300)).settlement.detail
    assert detail == "Another app controls this conversation. (Facebook error 10/2018300, trace AbC)"
