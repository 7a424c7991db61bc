from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from messenger_sandbox.events.forms import FORMS
from messenger_sandbox.events.item_variants import ANOTHER_PAGE_ID, ITEM_VARIANTS, USER_REF
from tests.support.sandbox_setting import event_of
from tests.support.sandbox_world import NOW_MS, PAGE_ID, PSID

# What each variant leaves of these keys of a read; ABSENT stands for a key that is not there.
ABSENT = object()
ROWS: dict[str, dict[str, Any]] = {
    "numeric_ids": {"sender": {"id": int(PSID)}, "recipient": {"id": int(PAGE_ID)}},
    "timestamp_in_seconds": {"timestamp": NOW_MS // 1_000},
    "timestamp_as_text": {"timestamp": str(NOW_MS)},
    "timestamp_in_seconds_as_text": {"timestamp": str(NOW_MS // 1_000)},
    "timestamp_null": {"timestamp": None},
    "timestamp_missing": {"timestamp": ABSENT},
    "user_ref_only": {"sender": {"user_ref": USER_REF}},
    "user_ref_beside": {"sender": {"id": PSID, "user_ref": USER_REF}},
    "no_sender": {"sender": ABSENT},
    "no_recipient": {"recipient": ABSENT},
    "another_recipient": {"recipient": {"id": ANOTHER_PAGE_ID}},
    "unknown_keys": {
        "brand_new": {"since": "tomorrow"},
        "read": {"watermark": NOW_MS - 1_000, "brand_new": [1, None, "x"]},
        "sender": {"id": PSID, "brand_new": [1, None, "x"]},
        "recipient": {"id": PAGE_ID, "brand_new": [1, None, "x"]},
    },
    "nulls": {},
    "hyphenated_key": {},
}


@pytest.mark.parametrize("name", ROWS)
def test_a_variant_changes_what_it_names_and_nothing_else(name: str) -> None:
    usual = event_of("read.watermark").item
    odd = event_of("read.watermark", name).item
    expected = {key: value for key, value in (dict(usual) | ROWS[name]).items() if value is not ABSENT}
    assert odd == expected


def test_every_variant_has_its_row() -> None:
    assert set(ROWS) == set(ITEM_VARIANTS)


def nulls_in(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(nulls_in(each) for each in value.values())
    return sum(nulls_in(each) for each in value) if isinstance(value, list) else value is None


@pytest.mark.parametrize(
    ("form", "added"),
    [
        ("message.text", 5),
        ("message.unsupported", 6),
        ("message.ad_referral", 5),
        ("postback.button", 1),
        ("postback.get_started_referral", 2),
        ("referral.shortlink", 2),
        ("unreact.bare", 2),
        ("delivery.watermark_only", 1),
        ("optin.send_to_messenger", 2),
    ],
)
def test_nulls_stand_where_nothing_stood(form: str, added: int) -> None:
    assert nulls_in(event_of(form, "nulls").item) == added


def test_a_null_replaces_nothing_that_was_said() -> None:
    assert event_of("message.text", "nulls").item["message"]["text"] == "Where is my order?"


def test_unknown_keys_stand_in_each_attachment_too() -> None:
    attached = event_of("message.album", "unknown_keys").item["message"]["attachments"]
    assert all("brand_new" in each for each in attached)


def test_an_older_spelling_has_hyphens() -> None:
    item = event_of("policy_enforcement.block", "hyphenated_key").item
    assert item["policy-enforcement"]["action"] == "block"
    assert "policy_enforcement" not in item


@pytest.mark.parametrize("name", ITEM_VARIANTS)
def test_a_variant_leaves_no_form_out(name: str) -> None:
    assert all(isinstance(event_of(form, name).item, dict) for form in FORMS)


def test_variants_come_together() -> None:
    item = event_of("read.watermark", "numeric_ids", "timestamp_missing").item
    assert set(item) == {"sender", "recipient", "read"}
    assert item["sender"] == {"id": int(PSID)}
