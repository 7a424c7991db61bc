"""Messenger's events → `InboundEvent`: deterministic, without any history, clock or network.

What needs a store stays in `refs` for the server. What is no event becomes a `QuarantinedItem` with the reason. Nothing
that stands in a body makes a function here raise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeAlias

from cim_messenger.cim_json.errors import CimJsonError
from cim_messenger.cim_json.json_text import MAX_DEPTH, JsonObject, dump
from cim_messenger.ids import message_id
from cim_messenger.inbound.addresses import Address, address_of, event_of, page_of
from cim_messenger.inbound.envelope import header
from cim_messenger.inbound.events import Draft, Event
from cim_messenger.inbound.fields import identifier, timestamp
from cim_messenger.inbound.notices import page_event
from cim_messenger.inbound.receipts import reaction_as_text
from cim_messenger.inbound.settings import TranslatorSettings
from cim_messenger.inbound.table import CHANGES, EVENTS, Found, Translation, find_event, is_messaging_event
from cim_messenger.inbound.webhook import Item, Place
from expertflow.connector.v1.inbound_event_pb2 import INGEST_SOURCE_LIVE, InboundEvent, IngestSource, QuarantinedItem
from expertflow.connector.v1.inbound_pb2 import (
    EVENT_KIND_ECHO,
    EVENT_KIND_FOREIGN_ECHO,
    EVENT_KIND_PAGE_EVENT,
    EVENT_KIND_STANDBY,
    EventKind,
)

TRANSLATOR_VERSION: Final = 1
"""Grows with every change of what a translation gives."""

MAX_ID: Final = 64
"""Longest page id and PSID; Facebook's have at most 17 digits."""

Translated: TypeAlias = InboundEvent | QuarantinedItem


def translate(
    items: Iterable[Item], settings: TranslatorSettings, source: IngestSource = INGEST_SOURCE_LIVE
) -> list[Translated]:
    """Translates the items of one body; those of a conversation come in the order of their times."""
    translated = [translate_item(item, settings, source) for item in items]
    return in_order([result for result in translated if result is not None])


def translate_item(
    item: Item, settings: TranslatorSettings, source: IngestSource = INGEST_SOURCE_LIVE
) -> Translated | None:
    """Translates one item; None for one that holds nothing at all."""
    if not item.value:
        return None
    address = address_of(item)
    if item.place is Place.ELSEWHERE or not isinstance(item.value, dict):
        return quarantined("NOT_AN_EVENT", "stands where no event belongs", item)
    if not 0 < len(address.page_id) <= MAX_ID:
        return quarantined("UNKNOWN_PAGE", "names no page", item)
    if len(address.psid) > MAX_ID:
        return quarantined("UNTRANSLATABLE", f"the customer's id is longer than {MAX_ID} characters", item)
    if _nests_too_deeply(item):
        return quarantined("UNTRANSLATABLE", f"is nested deeper than {MAX_DEPTH} levels", item)
    event = _event(item, item.value, address)
    if event is None:
        return quarantined("NOT_AN_EVENT", "holds none", item)
    return _finished(event, _draft(event, settings), settings, item, source)


def quarantined(reason: str, detail: str, item: Item) -> QuarantinedItem:
    """An item that stays undelivered, with its bytes; `detail` must hold nothing of it."""
    page_id = page_of(item)
    return QuarantinedItem(
        reason=reason,
        detail=detail,
        page_id=page_id if len(page_id) <= MAX_ID else "",
        raw=item.raw,
        entry_list=item.entry_list,
    )


def in_order(translated: list[Translated]) -> list[Translated]:
    """Sorts each conversation's events by time. Events without a time stay behind the one that they followed."""
    if len(translated) < 2:  # noqa: PLR2004 - what is alone is in order; most bodies hold one
        return translated
    places: dict[tuple[str, str], list[int]] = {}
    for index, result in enumerate(translated):
        if isinstance(result, InboundEvent):
            places.setdefault((result.page_id, result.psid), []).append(index)
    ordered = list(translated)
    for indexes in places.values():
        times = _times([translated[index] for index in indexes])
        ranked = sorted(zip(times, indexes, strict=True))
        for target, (_, index) in zip(indexes, ranked, strict=True):
            ordered[target] = translated[index]
    return ordered


def _nests_too_deeply(item: Item) -> bool:
    if item.raw.count(b"{") + item.raw.count(b"[") <= MAX_DEPTH:
        return False
    try:
        dump(item.value)
    except CimJsonError:
        return True
    return False


def _times(events: list[Translated]) -> list[int]:
    times: list[int] = []
    for event in events:
        has_time = isinstance(event, InboundEvent) and event.HasField("event_time")
        before = times[-1] if times else 0
        times.append(event.event_time.ToMilliseconds() if isinstance(event, InboundEvent) and has_time else before)
    return times


def _event(item: Item, fields: JsonObject, address: Address) -> Event | None:
    inner = event_of(item)
    if item.place is Place.CHANGES and not is_messaging_event(inner):
        return _change(fields, address)
    found = find_event(inner)
    return None if found is None else _found(found, inner, item.place, address)


def _found(found: Found, inner: JsonObject, place: Place, address: Address) -> Event:
    said_by_page = found.row == "message" and address.outgoing
    return Event(
        row="echo" if said_by_page else found.row,
        key=found.key,
        payload=inner[found.key],
        item=inner,
        place=place,
        page_id=address.page_id,
        psid=address.psid,
        outgoing=address.outgoing,
    )


def _change(fields: JsonObject, address: Address) -> Event | None:
    field = identifier(fields.get("field"))
    value = fields.get("value")
    if not field or not value:
        return None
    return Event(
        row=field if field in CHANGES else "unknown_change",
        key=field,
        payload=value,
        item={},
        place=Place.CHANGES,
        page_id=address.page_id,
        psid="",
        outgoing=False,
    )


def _draft(event: Event, settings: TranslatorSettings) -> Draft:
    draft = _row(event, settings)(event)
    if not event.psid:
        return replace(draft, kind=EVENT_KIND_PAGE_EVENT)
    if event.place is Place.STANDBY:
        return replace(draft, kind=EVENT_KIND_STANDBY)
    if event.outgoing and draft.kind != EVENT_KIND_ECHO:
        return replace(draft, kind=_KIND_OF_PAGE_ACTION, opens_window=False)
    return draft


_KIND_OF_PAGE_ACTION: Final[EventKind] = EVENT_KIND_FOREIGN_ECHO
"""What the page did and is no echo: a reaction, an edit, an unsend from the Page inbox."""


def _row(event: Event, settings: TranslatorSettings) -> Translation:
    if event.row in CHANGES:
        return CHANGES[event.row]
    if not event.psid:
        return page_event
    if event.row == "reaction" and settings.reactions_as_text:
        return reaction_as_text
    return EVENTS[event.row]


def _finished(
    event: Event, draft: Draft, settings: TranslatorSettings, item: Item, source: IngestSource
) -> InboundEvent:
    moment = timestamp(event.time_ms if draft.time_ms is None else draft.time_ms)
    result = InboundEvent(
        page_id=event.page_id,
        psid=event.psid,
        kind=draft.kind,
        dedupe_key=draft.dedupe_key,
        opens_window=draft.opens_window,
        raw=item.raw,
        source=source,
        translator_version=TRANSLATOR_VERSION,
        entry_list=item.entry_list,
        event_time=moment,
        refs=draft.refs if draft.refs.ByteSize() else None,
        context=draft.context if draft.context.ByteSize() else None,
    )
    for index, part in enumerate(draft.parts):
        cim_id = message_id(event.page_id, draft.dedupe_key, index)
        message = result.messages.add(id=cim_id)
        message.header.CopyFrom(header(event, draft, settings, moment))
        message.body.CopyFrom(part(settings.media_link(cim_id)))
        if index == 0 and draft.intent:
            message.header.intent = draft.intent
        if draft.original_message_id:
            message.header.original_message_id = draft.original_message_id
    return result
