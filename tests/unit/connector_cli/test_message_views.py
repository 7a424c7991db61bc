from __future__ import annotations

import pytest

from connector_cli.message_views import history_rows, message_rows, state_line, state_word
from expertflow.connector.v1.outbound_pb2 import (
    Failure,
    MessagePart,
    OutboundMessage,
    SendHistoryEntry,
    SendState,
    SendWarning,
)

FAILED = Failure(reason="PROVIDER_REJECTED", detail="Facebook refused it.", provider_code=100, provider_subcode=2018001)


def message(**changes: object) -> OutboundMessage:
    facts: dict[str, object] = {
        "id": "id-1",
        "page_id": "1001",
        "psid": "7001",
        "state": "SEND_STATE_SENT",
        "terminal": True,
        "origin": "SEND_ORIGIN_HUMAN",
    }
    return OutboundMessage(**{**facts, **changes})  # type: ignore[arg-type]


def test_what_is_known_of_a_message_has_a_row() -> None:
    parts = [
        MessagePart(index=0, state="SEND_STATE_READ", provider_message_id="m_1"),
        MessagePart(index=1, state="SEND_STATE_SENT"),
    ]
    warning = SendWarning(code="TEXT_SPLIT", detail="It became 2 messages.")
    rows = message_rows(message(parts=parts, warnings=[warning], failure=FAILED))
    assert rows[:7] == [
        ("id", "id-1"),
        ("page", "1001"),
        ("customer", "7001"),
        ("state", "sent"),
        ("more by itself", "no"),
        ("failure", "PROVIDER_REJECTED: Facebook refused it. (100/2018001)"),
        ("may be sent again", "no: the customer may have a part of it"),
    ]
    assert rows[7:11] == [
        ("part 0", "read m_1"),
        ("part 1", "sent"),
        ("changed", "TEXT_SPLIT: It became 2 messages."),
        ("origin", "human"),
    ]


def test_what_is_not_known_has_none() -> None:
    assert {name for name, _ in message_rows(message())} == {
        "id",
        "page",
        "customer",
        "state",
        "more by itself",
        "origin",
        "accepted",
        "not sent after",
    }


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Failure(reason="EXPIRED", detail="Too late."), "EXPIRED: Too late."),
        (Failure(reason="EXPIRED", detail="Too late.", provider_code=4), "EXPIRED: Too late. (4)"),
        (FAILED, "PROVIDER_REJECTED: Facebook refused it. (100/2018001)"),
    ],
)
def test_a_failure_is_told_with_facebooks_numbers(failure: Failure, told: str) -> None:
    assert state_line(message(state="SEND_STATE_FAILED", failure=failure)) == f"FAILED id-1 {told}"


def test_every_state_has_a_word_and_a_newer_one_its_number() -> None:
    words = [state_word(state) for state in SendState.values()]
    assert len(set(words)) == len(SendState.values())
    assert state_line(OutboundMessage.FromString(b"\n\x04id-1 c")) == "99 id-1"


def test_history_tells_whole_and_parts_apart() -> None:
    whole = SendHistoryEntry(state="SEND_STATE_QUEUED", detail="Accepted.")
    part = SendHistoryEntry(state="SEND_STATE_SENT", detail="Facebook took it.", part_index=0)
    assert [row[1:] for row in history_rows([whole, part])] == [
        ("-", "queued", "Accepted."),
        ("0", "sent", "Facebook took it."),
    ]
