from __future__ import annotations

from typing import Any

import orjson
import pytest

from messenger_sandbox.events.body_variants import BODY_VARIANTS, ENTRY_VARIANTS, VARIANTS
from messenger_sandbox.events.forms import FORMS
from messenger_sandbox.events.item_variants import ITEM_VARIANTS
from messenger_sandbox.webhooks import webhook_body
from tests.support.sandbox_setting import event_of
from tests.support.sandbox_world import NOW_MS, PAGE_ID

ITEM = event_of("read.watermark").item
AT = {"id": PAGE_ID, "time": NOW_MS}
ENTRY = AT | {"messaging": [ITEM]}
CHANGE = {"field": "message_reads", "value": ITEM}

# What each variant makes of the entries of a read.
ENTRIES: dict[str, list[Any]] = {
    "entry_twice": [ENTRY, ENTRY],
    "item_twice": [AT | {"messaging": [ITEM, ITEM]}],
    "entry_without_events_before": [AT, ENTRY],
    "entry_without_events": [AT],
    "entry_with_empty_lists": [ENTRY | {"standby": [], "changes": []}],
    "numeric_entry_id": [ENTRY | {"id": int(PAGE_ID)}],
    "no_entry_id": [{"time": NOW_MS, "messaging": [ITEM]}],
    "entry_time_in_seconds": [ENTRY | {"time": NOW_MS // 1_000}],
    "as_change": [{"id": PAGE_ID, "time": NOW_MS // 1_000, "changes": [CHANGE]}],
    "changed_fields": [AT | {"changed_fields": ["message_reads"]}],
    "null_item": [AT | {"messaging": [None]}],
    "text_item": [AT | {"messaging": ["hello"]}],
    "empty_item": [AT | {"messaging": [{}]}],
    "items_are_an_object": [AT | {"messaging": ITEM}],
    "null_entry": [None],
    "text_entry": ["hello"],
}

# What each variant makes of the body of a read.
BODIES: dict[str, Any] = {
    "array_body": [{"object": "page", "entry": [ENTRY]}],
    "dashboard_test": CHANGE,
    "one_entry_per_page": {"object": "page", "entry": [ENTRY]},
    "instagram_object": {"object": "instagram", "entry": [ENTRY]},
    "no_object": {"entry": [ENTRY]},
    "no_entries": {"object": "page"},
    "entries_are_an_object": {"object": "page", "entry": ENTRY},
}


def body_of(*forms: str, variants: tuple[str, ...] = ()) -> Any:
    return orjson.loads(webhook_body([event_of(form, *variants) for form in forms], NOW_MS))


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_variant_rewrites_the_entries_of_its_event(name: str) -> None:
    assert body_of("read.watermark", variants=(name,)) == {"object": "page", "entry": ENTRIES[name]}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_variant_rewrites_the_body(name: str) -> None:
    assert body_of("read.watermark", variants=(name,)) == BODIES[name]


def test_every_variant_has_its_row_and_a_name_of_its_own() -> None:
    assert set(ENTRIES) == set(ENTRY_VARIANTS)
    assert set(BODIES) == set(BODY_VARIANTS)
    assert len(VARIANTS) == len(ITEM_VARIANTS) + len(ENTRY_VARIANTS) + len(BODY_VARIANTS)


def test_the_entries_of_other_events_stay_as_they_are() -> None:
    events = [event_of("read.watermark"), event_of("read.watermark", "null_item"), event_of("read.watermark")]
    assert orjson.loads(webhook_body(events, NOW_MS))["entry"] == [ENTRY, AT | {"messaging": [None]}, ENTRY]


def test_one_entry_may_hold_all_three_lists() -> None:
    [entry] = body_of("message.text", "postback.standby", "feed.comment", variants=("one_entry_per_page",))["entry"]
    assert [len(entry[place]) for place in ("messaging", "standby", "changes")] == [1, 1, 1]


def test_the_dashboards_sample_of_a_change_is_the_change() -> None:
    assert body_of("feed.comment", variants=("dashboard_test",)) == event_of("feed.comment").item


@pytest.mark.parametrize("name", sorted({*ENTRY_VARIANTS, *BODY_VARIANTS}))
def test_a_variant_leaves_no_form_out(name: str) -> None:
    assert all(webhook_body([event_of(form, name)], NOW_MS) for form in FORMS)
