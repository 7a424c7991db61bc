"""Whatever CIM JSON comes in, the same value goes out: JSON to protobuf to JSON, compared by number tokens."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim_messenger.cim_json import decode, encode
from expertflow.cim.v1.message_pb2 import CimMessage
from tests.support.cim_fields import Case, differences
from tests.support.cim_strategies import (
    BODY_FIELDS,
    message_protos,
    messages,
    misfit_bodies,
    typed_bodies,
    unknown_bodies,
)
from tests.support.json_tokens import text_of, tree_of

thorough = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def rewritten(case: Case) -> tuple[CimMessage, object]:
    message = decode(text_of(case.given))
    return message, tree_of(encode(message))


@pytest.mark.parametrize("body_type", BODY_FIELDS)
@thorough
@given(st.data())
def test_a_body_its_branch_can_hold_keeps_its_value(body_type: str, data: st.DataObject) -> None:
    case = data.draw(messages(typed_bodies(body_type)))
    message, actual = rewritten(case)
    assert differences(case.expected, actual) == []
    assert not message.HasField("body") or message.body.WhichOneof("content") not in {None, "generic"}


@pytest.mark.parametrize("body_type", BODY_FIELDS)
@thorough
@given(st.data())
def test_a_body_its_branch_cannot_hold_is_kept_verbatim(body_type: str, data: st.DataObject) -> None:
    case = data.draw(messages(misfit_bodies(body_type)))
    message, actual = rewritten(case)
    assert differences(case.expected, actual) == []
    assert not message.HasField("body") or message.body.WhichOneof("content") == "generic"


@thorough
@given(messages(unknown_bodies()))
def test_a_body_of_unknown_type_is_kept_verbatim(case: Case) -> None:
    message, actual = rewritten(case)
    assert differences(case.expected, actual) == []
    assert not message.HasField("body") or message.body.WhichOneof("content") == "generic"


@thorough
@given(message_protos())
def test_what_was_written_once_is_written_the_same_ever_after(message: CimMessage) -> None:
    text = encode(message)
    assert encode(decode(text)) == text
    assert encode(decode(text.encode())) == text


@thorough
@given(message_protos())
def test_a_message_survives_the_wire(message: CimMessage) -> None:
    assert encode(CimMessage.FromString(message.SerializeToString())) == encode(message)
