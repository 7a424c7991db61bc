"""Translates anew what is kept with its raw bytes, as the gateway would translate it now.

The same bytes under the same settings give the same ids, so what was stored before is recognised. Pure but for the log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from cim_messenger.inbound import (
    Item,
    KeptItem,
    NotJsonError,
    Translated,
    TranslatorSettings,
    in_order,
    quarantined,
    read_kept,
    read_webhook,
    translate_item,
)
from expertflow.connector.v1.inbound_event_pb2 import INGEST_SOURCE_LIVE, InboundEvent, IngestSource, QuarantinedItem
from expertflow.connector.v1.ingest_service_pb2 import IngestItem
from facebook_connector.delivery.values import EventRecord, QuarantineRecord
from facebook_connector.timestamps import timestamp
from service_runtime.logs import get_logger

Intake: TypeAlias = EventRecord | QuarantineRecord

NOT_JSON = "NOT_JSON"
UNTRANSLATABLE = "UNTRANSLATABLE"

_log = get_logger("translation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of an item, or of a body, besides its bytes."""

    raw: bytes
    entry_list: str
    """Empty: in none, or kept before it was noted."""
    page_id: str
    """Empty: unknown."""
    receive_time_ms: int
    """Takes the place of Facebook's time where it sent none."""
    source: IngestSource = INGEST_SOURCE_LIVE
    whole_body: bool = False
    """The bytes are those of a webhook's body, not of an item in it."""


class Retranslator:
    """Translates with this release and these settings. `read` makes an item a value, as the ingest does."""

    def __init__(self, settings: TranslatorSettings, read: Callable[[IngestItem], Intake]) -> None:
        self._settings = settings
        self._read = read

    def translate(self, kept: Kept) -> list[Intake]:
        """What the bytes become, in the order in which it is to be stored; nothing if they hold nothing."""
        try:
            items = _items(kept)
        except NotJsonError as error:
            return [self._read(_wrapped(_unreadable(kept, error), kept))]
        found = [result for item in items if (result := self._translated(item, kept.source)) is not None]
        return [self._read(_wrapped(result, kept)) for result in in_order(found)]

    def event(self, kept: Kept) -> EventRecord | None:
        """The one event that the bytes hold; None where they hold no event, or the translation fails."""
        found = self.translate(kept)
        return found[0] if len(found) == 1 and isinstance(found[0], EventRecord) else None

    def _translated(self, item: Item, source: IngestSource) -> Translated | None:
        try:
            return translate_item(item, self._settings, source)
        except Exception as error:  # noqa: BLE001 - as in the gateway: a fault of the translation costs this item only
            _log.error("translation failed", error=type(error).__name__)
            return quarantined(UNTRANSLATABLE, f"the translation failed with {type(error).__name__}", item)


def _items(kept: Kept) -> list[Item]:
    if kept.whole_body:
        return read_webhook(kept.raw)
    return read_kept(KeptItem(raw=kept.raw, entry_list=kept.entry_list, page_id=kept.page_id))


def _unreadable(kept: Kept, error: NotJsonError) -> QuarantinedItem:
    reason, what = (NOT_JSON, "the body") if kept.whole_body else (UNTRANSLATABLE, "what is kept of the item")
    return QuarantinedItem(
        reason=reason, detail=f"{what} {error}", page_id=kept.page_id, raw=kept.raw, entry_list=kept.entry_list
    )


def _wrapped(result: Translated, kept: Kept) -> IngestItem:
    received = timestamp(kept.receive_time_ms)
    if isinstance(result, InboundEvent):
        return IngestItem(receive_time=received, event=result)
    return IngestItem(receive_time=received, quarantined=result)
