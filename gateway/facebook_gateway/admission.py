"""What becomes of each item of a verified body: translated, or quarantined with a reason.

An item is looked at alone; whatever is wrong with it stops no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from cim_messenger.inbound import (
    Item,
    Translated,
    TranslatorSettings,
    in_order,
    page_of,
    quarantined,
    translate_item,
)
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent, QuarantinedItem
from expertflow.connector.v1.ingest_service_pb2 import IngestItem
from facebook_gateway.webhook_keys import WebhookKeys
from service_runtime.logs import get_logger

MAX_ITEM_BYTES: Final = 15 * 1024 * 1024
"""The server receives 16 MiB at once; what is larger would never be taken, and Facebook would send it for ever."""

_log = get_logger("gateway.admission")


def pages_of(items: Iterable[Item]) -> frozenset[str]:
    """The pages that items belong to; an empty id stands for those that name none."""
    return frozenset(page_of(item) for item in items if item.value)


def ingest_items(
    items: Iterable[Item], keys: WebhookKeys, vouched: frozenset[str], settings: TranslatorSettings, received: Timestamp
) -> list[IngestItem]:
    """Translates the items of pages for which the body's signer may speak; the others are quarantined."""
    results = [_result(item, keys, vouched, settings) for item in items]
    return [_wrapped(result, received) for result in in_order([result for result in results if result is not None])]


def untranslatable(event: InboundEvent, detail: str) -> QuarantinedItem:
    """The bytes of an event whose translation cannot be handed over."""
    return QuarantinedItem(
        reason="UNTRANSLATABLE", detail=detail, page_id=event.page_id, raw=event.raw, entry_list=event.entry_list
    )


def unreadable_body(body: bytes, problem: str, received: Timestamp) -> IngestItem:
    """A signed body that is no JSON."""
    return _wrapped(QuarantinedItem(reason="NOT_JSON", detail=f"the body {problem}", raw=body), received)


def _result(item: Item, keys: WebhookKeys, vouched: frozenset[str], settings: TranslatorSettings) -> Translated | None:
    page_id = page_of(item)
    if not item.value or not page_id or page_id in vouched:
        return _translated(item, settings)
    if keys.knows(page_id):
        return quarantined(
            "PAGE_NOT_OF_APP", "the page's channel belongs to another app than the one that signed", item
        )
    return quarantined("UNKNOWN_PAGE", "no channel exists for the page", item)


def _translated(item: Item, settings: TranslatorSettings) -> Translated | None:
    try:
        return translate_item(item, settings)
    except Exception as error:  # noqa: BLE001  # the route's net: a fault of ours must not cost the body's other items
        _log.error("translation failed", error=type(error).__name__, page_id=page_of(item), alarm=True)
        return quarantined("UNTRANSLATABLE", f"the translation failed with {type(error).__name__}", item)


def _wrapped(result: Translated, received: Timestamp) -> IngestItem:
    if isinstance(result, InboundEvent):
        if result.ByteSize() <= MAX_ITEM_BYTES:
            return IngestItem(receive_time=received, event=result)
        result = untranslatable(result, f"the translation is larger than {MAX_ITEM_BYTES} bytes")
    if len(result.raw) > MAX_ITEM_BYTES:
        detail = f"{result.detail}; only the first {MAX_ITEM_BYTES} of {len(result.raw)} bytes are kept"
        result = QuarantinedItem(
            reason=result.reason,
            detail=detail,
            page_id=result.page_id,
            raw=result.raw[:MAX_ITEM_BYTES],
            entry_list=result.entry_list,
        )
    return IngestItem(receive_time=received, quarantined=result)
