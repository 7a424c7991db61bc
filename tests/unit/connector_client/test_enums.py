from __future__ import annotations

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from connector_client import AckOutcome, EventKind, NackReason, SendOrigin, SendState
from expertflow.connector.v1 import inbound_pb2, outbound_pb2


@pytest.mark.parametrize(
    ("ours", "contract", "prefix"),
    [
        (EventKind, inbound_pb2.EventKind, "EVENT_KIND_"),
        (NackReason, inbound_pb2.NackReason, "NACK_REASON_"),
        (AckOutcome, inbound_pb2.AckOutcome, "ACK_OUTCOME_"),
        (SendOrigin, outbound_pb2.SendOrigin, "SEND_ORIGIN_"),
        (SendState, outbound_pb2.SendState, "SEND_STATE_"),
    ],
)
def test_the_enum_has_the_names_and_numbers_of_the_contract(
    ours: type[EventKind], contract: EnumTypeWrapper, prefix: str
) -> None:
    assert {member.name: member.value for member in ours} == {
        name.removeprefix(prefix): number for name, number in contract.items()
    }


def test_a_number_newer_than_this_release_is_unspecified() -> None:
    assert AckOutcome(99) is AckOutcome.UNSPECIFIED


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="OK"):
        AckOutcome("OK")  # type: ignore[arg-type] # the mistake itself
