"""Items of webhooks as they lie in the quarantine."""

from __future__ import annotations

import json
from typing import Any

from expertflow.connector.v1.inbound_event_pb2 import QuarantinedItem
from tests.support.inbound_records import NOW_MS, PAGE


def said(text: str, mid: str | None = None, page_id: str = PAGE) -> dict[str, Any]:
    """An item in which a customer says something."""
    message = {"mid": mid or f"m_{text}", "text": text}
    return {"sender": {"id": "700"}, "recipient": {"id": page_id}, "timestamp": NOW_MS, "message": message}


def body(*items: dict[str, Any], page_id: str = PAGE) -> bytes:
    """A whole webhook."""
    return json.dumps({"object": "page", "entry": [{"id": page_id, "time": 1, "messaging": items}]}).encode()


def quarantined(item: object, reason: str = "UNTRANSLATABLE", **changes: Any) -> QuarantinedItem:
    """An item, or bytes that are none, with a reason."""
    values = {"page_id": PAGE, "entry_list": "messaging", **changes}
    raw = item if isinstance(item, bytes) else json.dumps(item).encode()
    return QuarantinedItem(reason=reason, detail="why", raw=raw, **values)
