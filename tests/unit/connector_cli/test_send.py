from __future__ import annotations

import pytest

from connector_cli.failures import Failure
from connector_cli.send import conclude
from expertflow.connector.v1.connector_service_pb2 import SendMessageResponse
from expertflow.connector.v1.outbound_pb2 import (
    SEND_STATE_DELIVERED,
    SEND_STATE_FAILED,
    SEND_STATE_IGNORED,
    SEND_STATE_QUEUED,
    SEND_STATE_READ,
    SEND_STATE_SENT,
    SEND_STATE_UNCERTAIN,
    SEND_STATE_UNSPECIFIED,
    MessagePart,
    SendState,
    SendWarning,
)
from expertflow.connector.v1.outbound_pb2 import (
    Failure as SendFailure,
)

UNHAPPY = {SEND_STATE_FAILED, SEND_STATE_UNCERTAIN}
HAPPY = {
    SEND_STATE_QUEUED,
    SEND_STATE_SENT,
    SEND_STATE_DELIVERED,
    SEND_STATE_READ,
    SEND_STATE_IGNORED,
}


def test_every_state_is_happy_or_not() -> None:
    assert UNHAPPY | HAPPY | {SEND_STATE_UNSPECIFIED} == set(SendState.values())


@pytest.mark.parametrize("state", HAPPY)
def test_a_happy_outcome_is_one_line_with_the_ids(state: SendState, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [MessagePart(provider_message_id="m_1"), MessagePart(index=1)]

    conclude(SendMessageResponse(id="id-1", state=state, parts=parts), silent=False)

    word = SendState.Name(state).removeprefix("SEND_STATE_")
    assert capsys.readouterr().out == f"{word} id-1 m_1\n"


def test_warnings_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    warning = SendWarning(code="TEXT_SPLIT", detail="The text became 2 messages.")

    conclude(SendMessageResponse(id="id-1", state=SEND_STATE_SENT, warnings=[warning]), silent=False)

    assert capsys.readouterr().err == "TEXT_SPLIT: The text became 2 messages.\n"


def test_a_repeat_is_recognised(capsys: pytest.CaptureFixture[str]) -> None:
    conclude(SendMessageResponse(id="id-1", state=SEND_STATE_SENT, already_accepted=True), silent=False)

    assert "accepted by an earlier call" in capsys.readouterr().out


@pytest.mark.parametrize("silent", [True, False])
def test_a_failed_message_fails_the_command_with_its_reason(silent: bool) -> None:
    failure = SendFailure(reason="EXPIRED", detail="It waited\ntoo long.")

    with pytest.raises(Failure, match=r"^FAILED id-1: EXPIRED: It waited too long\.$"):
        conclude(SendMessageResponse(id="id-1", state=SEND_STATE_FAILED, failure=failure), silent=silent)


def test_an_uncertain_message_fails_the_command_and_warns_of_a_repeat() -> None:
    with pytest.raises(Failure, match=r"^UNCERTAIN id-1: .* not sent again"):
        conclude(SendMessageResponse(id="id-1", state=SEND_STATE_UNCERTAIN), silent=False)


def test_json_says_it_all_already(capsys: pytest.CaptureFixture[str]) -> None:
    conclude(SendMessageResponse(id="id-1", state=SEND_STATE_SENT), silent=True)

    assert capsys.readouterr() == ("", "")
