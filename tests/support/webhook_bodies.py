"""Webhook bodies as Facebook writes them: ASCII with `\\u` escapes, signed over these very bytes."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

PAGE = "100200300400500"
PSID = "7001002003004005"
SECRET = "canary-app-secret"
TIME = 1794300000000


def text_item(
    mid: str, text: str = "Where is my order?", *, psid: str = PSID, page: str = PAGE, time: int = TIME
) -> dict[str, Any]:
    return {
        "sender": {"id": psid},
        "recipient": {"id": page},
        "timestamp": time,
        "message": {"mid": mid, "text": text},
    }


def webhook(*items: dict[str, Any], page: str = PAGE, place: str = "messaging") -> bytes:
    return envelope({"id": page, "time": TIME + 123, place: list(items)})


def envelope(*entries: Any) -> bytes:
    return json.dumps({"object": "page", "entry": list(entries)}, separators=(",", ":")).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}
