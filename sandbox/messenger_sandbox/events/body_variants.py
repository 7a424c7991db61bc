"""Odd ways to pack events into a body, each seen in public: entries twice, entries without events, other envelopes.

An entry variant rewrites the entries of the event that asks for it; a body variant rewrites the whole body, whatever
else is in it. Sources: fixtures and issues of nyaruka/courier, restfb, bootbot, botkit and botmaster, and
https://developers.facebook.com/docs/graph-api/webhooks/getting-started for `changed_fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.events.item_variants import ITEM_VARIANTS
from messenger_sandbox.events.kinds import Place
from messenger_sandbox.events.rows import Event

Entry = dict[str, Any]
EntryVariant = Callable[[list[Entry], Event], list[Any]]
BodyVariant = Callable[[dict[str, Any], Event], Any]


def entry_of(event: Event, now_ms: int) -> Entry:
    """An entry as Facebook usually writes it: one list with one item; its time is in seconds for changes."""
    time = now_ms // 1_000 if event.place is Place.CHANGES else now_ms
    return {"id": event.page_id, "time": time, event.place.value: [event.item]}


def _each(rewrite: Callable[[Entry, Event], Any]) -> EntryVariant:
    return lambda entries, event: [rewrite(entry, event) for entry in entries]


def _numeric_id(entry: Entry, _: Event) -> Entry:
    return entry | {"id": int(entry["id"])}


def _without_id(entry: Entry, _: Event) -> Entry:
    return {name: value for name, value in entry.items() if name != "id"}


def _in_seconds(entry: Entry, _: Event) -> Entry:
    return entry | {"time": entry["time"] // 1_000}


def _items(rewrite: Callable[[list[Any]], Any]) -> EntryVariant:
    return _each(lambda entry, event: entry | {event.place.value: rewrite(entry[event.place.value])})


def _without_events(entry: Entry, _: Event) -> Entry:
    return {"id": entry["id"], "time": entry["time"]}


def _with_empty_lists(entry: Entry, _: Event) -> Entry:
    return {**{place.value: [] for place in Place}, **entry}


def _as_change(entry: Entry, event: Event) -> Entry:
    """The dashboard's sample of an event, wrapped as if it were a change of the page."""
    change = event.item if event.place is Place.CHANGES else {"field": event.field, "value": event.item}
    return {"id": entry["id"], "time": entry["time"] // 1_000, "changes": [change]}


def _changed_fields(entry: Entry, event: Event) -> Entry:
    """*Include values* of the app's webhook settings is off: the app is told what changed, but not how."""
    return _without_events(entry, event) | {"changed_fields": [event.field]}


ENTRY_VARIANTS: Mapping[str, EntryVariant] = MappingProxyType(
    {
        "entry_twice": lambda entries, _: [*entries, *entries],
        "item_twice": _items(lambda items: [*items, *items]),
        "entry_without_events_before": lambda entries, event: [_without_events(entries[0], event), *entries],
        "entry_without_events": _each(_without_events),
        "entry_with_empty_lists": _each(_with_empty_lists),
        "numeric_entry_id": _each(_numeric_id),
        "no_entry_id": _each(_without_id),
        "entry_time_in_seconds": _each(_in_seconds),
        "as_change": _each(_as_change),
        "changed_fields": _each(_changed_fields),
        "null_item": _items(lambda _: [None]),
        "text_item": _items(lambda _: ["hello"]),
        "empty_item": _items(lambda _: [{}]),
        "items_are_an_object": _items(lambda items: items[0]),
        "null_entry": _each(lambda _entry, _event: None),
        "text_entry": _each(lambda _entry, _event: "hello"),
    }
)


def _dashboard_test(_: dict[str, Any], event: Event) -> Any:
    """The samples of the dashboard's *Test* button: a field and a value, and nothing around them."""
    return event.item if event.place is Place.CHANGES else {"field": event.field, "value": event.item}


def _one_entry_per_page(body: dict[str, Any], _: Event) -> Any:
    """Packs what is in the body into an entry per page, which then holds several items and several lists."""
    pages: dict[str, Entry] = {}
    for entry in body["entry"]:
        packed = pages.setdefault(entry["id"], {"id": entry["id"], "time": entry["time"]})
        for place in Place:
            if place.value in entry:
                packed[place.value] = [*packed.get(place.value, ()), *entry[place.value]]
    return body | {"entry": [*pages.values()]}


BODY_VARIANTS: Mapping[str, BodyVariant] = MappingProxyType(
    {
        "array_body": lambda body, _: [body],
        "dashboard_test": _dashboard_test,
        "one_entry_per_page": _one_entry_per_page,
        "instagram_object": lambda body, _: body | {"object": "instagram"},
        "no_object": lambda body, _: {"entry": body["entry"]},
        "no_entries": lambda body, _: {"object": body["object"]},
        "entries_are_an_object": lambda body, _: body | {"entry": body["entry"][0]},
    }
)

VARIANTS: Final = frozenset({*ITEM_VARIANTS, *ENTRY_VARIANTS, *BODY_VARIANTS})
"""All names that a `Manner` may hold."""
