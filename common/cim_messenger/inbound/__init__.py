"""Facebook's webhooks → CIM: pure translation, in three steps.

`read_webhook` takes a body apart into items with their exact bytes (`read_kept` does it with what was kept of one);
`page_of` says whose an item is; `translate` makes `InboundEvent`s of them, or `QuarantinedItem`s. The tables:
`table.EVENTS`, `table.CHANGES`, `attachments.BUILDERS`.
"""

from __future__ import annotations

from cim_messenger.inbound.addresses import page_of
from cim_messenger.inbound.kept import KeptItem, read_kept
from cim_messenger.inbound.settings import TranslatorSettings, media_links_under
from cim_messenger.inbound.translate import (
    TRANSLATOR_VERSION,
    Translated,
    in_order,
    quarantined,
    translate,
    translate_item,
)
from cim_messenger.inbound.webhook import Item, NotJsonError, Place, read_webhook

__all__ = [
    "TRANSLATOR_VERSION",
    "Item",
    "KeptItem",
    "NotJsonError",
    "Place",
    "Translated",
    "TranslatorSettings",
    "in_order",
    "media_links_under",
    "page_of",
    "quarantined",
    "read_kept",
    "read_webhook",
    "translate",
    "translate_item",
]
