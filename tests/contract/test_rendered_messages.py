from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, find, given, settings
from hypothesis import strategies as st

from cim_messenger.outbound import PartKind, Refusal, Rendered, Rules, render
from expertflow.cim.v1.message_pb2 import CimMessage
from tests.support.cim_strategies import message_protos
from tests.support.outbound_fixtures import RULES, Case, cases
from tests.support.sandbox_verdicts import refusals
from tests.support.sendable_messages import sendable_messages

REASONS = {"BODY_INVALID", "CONTENT_LIMIT_EXCEEDED", "UNSUPPORTED_BODY"}
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from([" ", "\n", "word", "🙂", "👩‍👩‍👧‍👦", "https://a.example/b?c=d", "\u0301", "\x00", "你好"]),
        max_size=900,
    ).map("".join),
)


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.row}/{case.name}")
def test_whatever_a_fixture_becomes_is_taken_by_facebook(case: Case) -> None:
    result = render(case.message, RULES)
    if isinstance(result, Rendered):
        assert refusals(result, case.message.id) == []


@given(message_protos(), st.integers(min_value=20, max_value=1999))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=300)
def test_any_message_is_taken_by_facebook_or_refused_by_us(message: CimMessage, limit: int) -> None:
    assert_taken_or_refused(message, Rules(text_limit=limit, allow_custom=True))


@given(sendable_messages(), st.integers(min_value=20, max_value=1999))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=500)
def test_any_message_that_nearly_makes_sense_is_taken_by_facebook_or_refused_by_us(
    message: CimMessage, limit: int
) -> None:
    assert_taken_or_refused(message, Rules(text_limit=limit, allow_custom=True))


@given(TEXTS, st.integers(min_value=20, max_value=1999), st.text(min_size=1, max_size=128))
@example("x" * 2000, 1999, "i")
@example(" " * 4000 + "x", 1999, "i")
def test_every_text_is_taken_by_facebook_or_refused_by_us(text: str, limit: int, cim_id: str) -> None:
    message = CimMessage(id=cim_id)
    message.body.markdown_text = text
    message.body.plain.SetInParent()
    assert_taken_or_refused(message, Rules(text_limit=limit))


@pytest.mark.parametrize("kind", list(PartKind))
def test_what_nearly_makes_sense_becomes_parts_of_every_kind(kind: PartKind) -> None:
    """Guards the strategy: were everything refused by us, the tests above would prove nothing."""

    def has_one(message: CimMessage) -> bool:
        result = render(message, RULES)
        return isinstance(result, Rendered) and kind in {part.kind for part in result.parts}

    find(sendable_messages(), has_one, settings=settings(max_examples=5_000, database=None, derandomize=True))


def assert_taken_or_refused(message: CimMessage, rules: Rules) -> None:
    result = render(message, rules)
    if isinstance(result, Refusal):
        assert result.reason in REASONS
        assert result.field_path
    else:
        assert refusals(result, message.id) == []
