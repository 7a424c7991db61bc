from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cim_messenger.outbound import PartKind
from expertflow.connector.v1 import outbound_pb2
from facebook_connector.outbox.messages import ORIGINS, STATES, response
from facebook_connector.outbox.outbox import Sent
from facebook_connector.sending.values import (
    Failure,
    MessageState,
    OutboundStatus,
    PartState,
    PartStatus,
    SendOrigin,
    SendWarning,
)

NOW = 1_794_300_000_000


def part(state: PartState, index: int = 0) -> PartStatus:
    return PartStatus(index=index, kind=PartKind.TEXT, state=state, update_time_ms=NOW)


def status(**changes: Any) -> OutboundStatus:
    base = OutboundStatus(
        page_id="100200300400500",
        psid="7001002003004005",
        cim_id="out-1",
        content_hash="1:0",
        origin=SendOrigin.HUMAN,
        state=MessageState.FAILED,
        open=False,
        accept_time_ms=NOW,
        expire_time_ms=NOW + 1000,
        update_time_ms=NOW,
        parts=(part(PartState.FAILED),),
        failure=Failure(reason="RECIPIENT_UNAVAILABLE", detail="Gone.", provider_code=551, part_index=0),
    )
    return replace(base, **changes)


def test_every_state_has_its_place_on_the_wire() -> None:
    assert STATES.keys() == {state.value for state in (*MessageState, *PartState)}
    assert set(STATES.values()) == set(outbound_pb2.SendState.values()) - {outbound_pb2.SEND_STATE_UNSPECIFIED}


@pytest.mark.parametrize("state", [state for state in STATES if state != "SENDING"])
def test_a_state_keeps_its_name_on_the_wire(state: str) -> None:
    assert outbound_pb2.SendState.Name(STATES[state]) == f"SEND_STATE_{state}"


def test_every_origin_has_its_place_on_the_wire() -> None:
    assert ORIGINS.keys() == set(SendOrigin)


@pytest.mark.parametrize(
    ("states", "retryable"),
    [
        ([PartState.FAILED], True),
        ([PartState.QUEUED, PartState.QUEUED], True),
        ([PartState.SENT, PartState.FAILED], False),
        ([PartState.UNCERTAIN], False),
        ([PartState.UNCERTAIN, PartState.QUEUED], False),
        ([PartState.READ, PartState.QUEUED], False),
    ],
)
def test_only_what_certainly_did_not_leave_may_be_sent_again(states: list[PartState], *, retryable: bool) -> None:
    parts = tuple(part(state, index) for index, state in enumerate(states))
    answer = response(Sent(status=status(parts=parts), repeated=False))
    assert answer.failure.retryable is retryable


def test_what_facebook_did_not_say_is_absent() -> None:
    answer = response(Sent(status=status(failure=Failure(reason="EXPIRED", detail="Late.")), repeated=False))
    for name in ("provider_code", "provider_subcode", "part_index"):
        assert not answer.failure.HasField(name)


def test_a_message_that_is_still_looked_for_shows_no_failure() -> None:
    uncertain = status(state=MessageState.UNCERTAIN, open=True, parts=(part(PartState.UNCERTAIN),))
    answer = response(Sent(status=uncertain, repeated=False))
    assert (answer.terminal, answer.HasField("failure")) == (False, False)


def test_a_warning_names_its_part_if_it_has_one() -> None:
    warnings = (SendWarning(code="QUOTE_DROPPED", detail="…", part_index=0), SendWarning(code="TEXT_SPLIT", detail="…"))
    answer = response(Sent(status=status(warnings=warnings), repeated=False))
    assert [warning.HasField("part_index") for warning in answer.warnings] == [True, False]
