from __future__ import annotations

import pytest

from expertflow.connector.v1.error_reason_pb2 import ErrorReason
from facebook_connector.sending.graph_answers import Answered, GraphError, Unanswered
from facebook_connector.sending.graph_errors import ErrorClass
from facebook_connector.sending.verdicts import BUSY_THREAD_DELAY_MS, RULES, Action, judge


def answered(status: int, code: int | None = None, subcode: int | None = None, **more: bool) -> Answered:
    if code is None:
        return Answered(status=status)
    transient = more.get("transient", False)
    error = GraphError(code=code, subcode=subcode, message="", transient=transient, trace_id="AbC")
    return Answered(status=status, error=error)


def test_every_class_of_errors_has_a_rule() -> None:
    assert RULES.keys() == set(ErrorClass)


def test_every_reason_stands_in_the_contract() -> None:
    assert {f"ERROR_REASON_{rule.reason}" for rule in RULES.values()} <= set(ErrorReason.keys())


def test_a_message_id_means_sent() -> None:
    assert judge(Answered(status=200, message_id="m_B2")).action is Action.SENT


def test_a_message_id_means_sent_even_beside_an_error() -> None:
    error = GraphError(code=1, subcode=None, message="", transient=False, trace_id="")
    assert judge(Answered(status=200, message_id="m_B2", error=error)).action is Action.SENT


@pytest.mark.parametrize(
    ("answer", "action"),
    [
        (answered(403, 10, 2018278), Action.FAIL),
        (answered(200, 10, 2018278), Action.FAIL),
        (answered(400, 551, 1545041), Action.FAIL),
        (answered(401, 190, 460), Action.STOP),
        (answered(401, 102), Action.STOP),
        (answered(403, 368), Action.STOP),
        (answered(403, 10, 1893063), Action.STOP),
        (answered(403, 4), Action.THROTTLE),
        (answered(400, 613), Action.THROTTLE),
        (answered(400, 80006), Action.THROTTLE),
        (answered(429), Action.THROTTLE),
        (answered(400, 10, 2018321), Action.RETRY),
        (answered(400, 4711, transient=True), Action.RETRY),
        (answered(404), Action.RETRY),
        (answered(400, 4711), Action.FAIL),
        (answered(400, 0), Action.FAIL),
        (Unanswered(bytes_left=False, cause="CONNECT_ERROR"), Action.WAIT),
    ],
)
def test_what_certainly_did_not_go_out_may_be_decided_on(answer: Answered | Unanswered, action: Action) -> None:
    assert judge(answer).action is action


@pytest.mark.parametrize(
    "answer",
    [
        Unanswered(bytes_left=True, cause="READ_TIMEOUT"),
        answered(200),
        answered(302),
        answered(408),
        answered(500),
        answered(502),
        answered(500, 2, transient=True),
        answered(503, 2, 2018344),
        answered(500, 190),
        answered(400, 1),
        answered(400, 1, 99),
        answered(400, 1, 1357046),
        answered(400, 1, 4711),
        answered(400, 2),
        answered(400, 1200),
        answered(400, 1200, 2018024),
        answered(200, 1),
    ],
)
def test_what_may_have_gone_out_is_uncertain(answer: Answered | Unanswered) -> None:
    assert judge(answer).action is Action.UNCERTAIN


@pytest.mark.parametrize(("code", "subcode"), [(1, 2018382), (2, 2018344)])
def test_a_payload_subcode_makes_codes_1_and_2_certain(code: int, subcode: int) -> None:
    assert judge(answered(400, code, subcode)).action is Action.FAIL


@pytest.mark.parametrize(("code", "subcode"), [(190, None), (368, None), (10, None), (200, 2018028), (613, 2018338)])
def test_the_operator_hears_of_what_concerns_the_channel(code: int, subcode: int | None) -> None:
    assert judge(answered(400, code, subcode)).alert


def test_a_refused_app_secret_stops_the_channel_and_calls_the_operator() -> None:
    text = "Invalid appsecret_proof provided in the API argument"
    error = GraphError(code=100, subcode=None, message=text, transient=False, trace_id="")
    verdict = judge(Answered(status=400, error=error))
    assert (verdict.action, verdict.reason, verdict.alert) == (Action.STOP, "PAGE_TOKEN_REJECTED", True)
    assert verdict.detail == "Facebook refuses the app secret of this channel (appsecret_proof)."


def test_the_operator_is_not_called_for_one_persons_sake() -> None:
    assert not judge(answered(400, 551)).alert


def test_a_question_flow_of_messenger_is_waited_for() -> None:
    assert judge(answered(400, 2018321)).least_delay_ms == BUSY_THREAD_DELAY_MS
