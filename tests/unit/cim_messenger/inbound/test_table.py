from __future__ import annotations

import pytest

from cim_messenger.cim_json.json_text import JsonObject
from cim_messenger.inbound.table import EVENTS, Found, find_event

ENVELOPE: JsonObject = {"sender": {"id": "1"}, "recipient": {"id": "2"}, "timestamp": None}


@pytest.mark.parametrize("row", sorted(set(EVENTS) - {"echo", "unsend", "unknown"}))
def test_every_key_of_the_table_finds_its_row(row: str) -> None:
    assert find_event({**ENVELOPE, row: {}}) == Found(row=row, key=row)


@pytest.mark.parametrize(
    ("message", "row"),
    [
        ({"is_echo": True}, "echo"),
        ({"is_echo": "true"}, "echo"),
        ({"is_echo": False}, "message"),
        ({"is_deleted": True}, "unsend"),
        ({"is_deleted": True, "is_echo": True}, "unsend"),
        ({"is_deleted": False}, "message"),
    ],
)
def test_flags_make_flavours_of_a_message(message: JsonObject, row: str) -> None:
    assert find_event({**ENVELOPE, "message": message}) == Found(row=row, key="message")


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (["referral", "message"], "message"),
        (["lead", "referral"], "referral"),
        (["prior_message", "hologram"], "hologram"),
        (["hop_context", "lead"], "lead"),
        (["hologram", "reaction"], "reaction"),
    ],
)
def test_an_event_goes_before_what_may_stand_beside_it(keys: list[str], found: str) -> None:
    event = find_event({**ENVELOPE, **{key: {} for key in keys}})

    assert event is not None
    assert event.key == found


def test_null_is_no_event() -> None:
    assert find_event({**ENVELOPE, "message": None}) is None
