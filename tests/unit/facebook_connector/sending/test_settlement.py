from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facebook_connector.sending.settlement import MessageOutcome, may_become, message_outcome
from facebook_connector.sending.values import MessageState, PartState

Q, S, OK = PartState.QUEUED, PartState.SENDING, PartState.SENT
D, R, F, U = PartState.DELIVERED, PartState.READ, PartState.FAILED, PartState.UNCERTAIN


@pytest.mark.parametrize(
    ("parts", "was_open", "state", "is_open"),
    [
        ([], True, MessageState.IGNORED, False),
        ([Q, Q], True, MessageState.QUEUED, True),
        ([S, Q], True, MessageState.QUEUED, True),
        ([OK, Q], True, MessageState.QUEUED, True),
        ([OK, OK], True, MessageState.SENT, False),
        ([D, OK], False, MessageState.SENT, False),
        ([D, R], False, MessageState.DELIVERED, False),
        ([R, R], False, MessageState.READ, False),
        ([OK, F], True, MessageState.FAILED, False),
        ([U, Q], True, MessageState.UNCERTAIN, True),
        ([U, Q], False, MessageState.UNCERTAIN, False),
        ([OK, U], True, MessageState.UNCERTAIN, True),
        ([OK, Q], False, MessageState.FAILED, False),
        ([OK], False, MessageState.SENT, False),
    ],
)
def test_the_message_is_what_its_parts_make_it(
    parts: list[PartState],
    was_open: bool,
    state: MessageState,
    is_open: bool,
) -> None:
    assert message_outcome(parts, was_open=was_open) == MessageOutcome(state=state, open=is_open)


@given(st.lists(st.sampled_from(list(PartState)), max_size=5), st.booleans())
def test_only_a_waiting_or_uncertain_message_holds_its_lane(parts: list[PartState], was_open: bool) -> None:
    outcome = message_outcome(parts, was_open=was_open)
    assert not outcome.open or (was_open and outcome.state in {MessageState.QUEUED, MessageState.UNCERTAIN})


@pytest.mark.parametrize("taken", [OK, D, R])
def test_what_facebook_took_is_never_sent_again(taken: PartState) -> None:
    assert not any(may_become(taken, state) for state in (Q, S, F, U))


@pytest.mark.parametrize("state", [Q, S, U, F])
def test_an_echo_confirms_a_part_in_any_state(state: PartState) -> None:
    assert may_become(state, OK)


def test_only_a_queued_part_begins_a_call() -> None:
    assert [state for state in PartState if may_become(state, S)] == [Q]


def test_only_a_call_becomes_uncertain() -> None:
    assert [state for state in PartState if may_become(state, U)] == [S]
