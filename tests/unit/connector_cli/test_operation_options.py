from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector_cli.failures import Failure
from connector_cli.operation_options import confirm, dead_letter_filter, kinds_of, moment
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_CUSTOMER_EVENT, EVENT_KIND_MESSAGE

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("90m", datetime(2026, 11, 30, 10, 30, tzinfo=UTC)),
        ("2d", datetime(2026, 11, 28, 12, 0, tzinfo=UTC)),
        ("2026-11-30T08:00+00:00", datetime(2026, 11, 30, 8, 0, tzinfo=UTC)),
        ("2026-11-30T08:00Z", datetime(2026, 11, 30, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_named_or_so_long_ago(text: str, expected: datetime | None) -> None:
    assert moment("--since", text, NOW) == expected


@pytest.mark.parametrize("text", ["yesterday", "6x", "m", "-6h"])
def test_what_is_no_time_is_said_with_its_option(text: str) -> None:
    with pytest.raises(Failure, match="--until"):
        moment("--until", text, NOW)


def test_kinds_are_named_as_they_are_shown() -> None:
    assert kinds_of("message, Customer_Event") == [EVENT_KIND_MESSAGE, EVENT_KIND_CUSTOMER_EVENT]
    assert kinds_of("") == []
    with pytest.raises(Failure, match=r"--kinds letter: must be one of .*message"):
        kinds_of("letter")


def test_a_filter_holds_what_is_given() -> None:
    chosen = dead_letter_filter(ids=["7"], page="1", psid="2", since="2026-11-30T08:00Z", until="1h", everything=True)

    assert (list(chosen.ids), chosen.page_id, chosen.psid, chosen.all) == (["7"], "1", "2", True)
    assert chosen.start_time.ToJsonString() == "2026-11-30T08:00:00Z"
    assert chosen.HasField("end_time")


def test_without_a_terminal_and_without_yes_nothing_is_done() -> None:
    confirm("Delete all?", yes=True)
    with pytest.raises(Failure, match="repeat with --yes"):
        confirm("Delete all?", yes=False)
