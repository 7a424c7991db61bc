"""Takes apart again what was kept of a webhook: one item with its exact bytes, or a whole body.

An item is put back into the frame it stood in, and read as a webhook: so it becomes what it was, byte for byte, or what
a newer version finds in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from cim_messenger.inbound.webhook import Item, read_webhook

ELEMENT_LISTS: Final = ("messaging", "standby", "changes")
"""Lists of which each element was kept by itself. Of any other list the whole was kept, brackets included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """What a store knows of an item."""

    raw: bytes
    entry_list: str
    """The list that it stood in. Empty: in none, or kept by a version that did not note it."""
    page_id: str
    """Empty: unknown."""


def read_kept(kept: KeptItem) -> list[Item]:
    """The items in what was kept, usually one. Raises `NotJsonError` for bytes that are no JSON, or cut short."""
    # By itself first: only what is one whole value may be put into a frame.
    items = read_webhook(kept.raw)
    if kept.entry_list in ELEMENT_LISTS:
        return _framed(kept, kept.entry_list)
    if kept.entry_list:
        return read_webhook(_entry(kept.page_id, kept.entry_list, kept.raw))
    return _placed(kept, items)


def _placed(kept: KeptItem, items: list[Item]) -> list[Item]:
    """Of unknown place: a part of a body tells by its keys which part it is."""
    if len(items) != 1 or items[0].raw != kept.raw.strip() or not isinstance(items[0].value, dict):
        return items
    keys = items[0].value.keys()
    if not keys.isdisjoint(ELEMENT_LISTS):
        return read_webhook(b'{"entry":%b}' % kept.raw)
    if {"field", "value"} <= keys:
        return _framed(kept, "changes")
    if not keys.isdisjoint({"sender", "recipient"}):
        return _framed(kept, "messaging")
    return items


def _framed(kept: KeptItem, name: str) -> list[Item]:
    return read_webhook(_entry(kept.page_id, name, b"[%b]" % kept.raw))


def _entry(page_id: str, name: str, content: bytes) -> bytes:
    return b'{"entry":[{"id":%b,%b:%b}]}' % (json.dumps(page_id).encode(), json.dumps(name).encode(), content)
