"""Signed links as the CDN's: `oe` is the expiry in hex seconds, `oh` signs path and expiry. Pure.

Answers to bad links are those of the CDN: 403 with one line of text.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

NO_SIGNATURE: Final = "Bad URL hash"
BAD_TIME: Final = "Bad URL timestamp"
MISMATCH: Final = "URL signature mismatch"
EXPIRED: Final = "URL signature expired"


def signed_link(path: str, expires_s: int, key: bytes, extra: Mapping[str, str]) -> str:
    """Returns path and query; the path is given as it reads and is URL-encoded here."""
    expiry = f"{expires_s:X}"
    query = {"_nc_cat": "101", "ccb": "1-7", "_nc_sid": "58c789", "oh": _signature(path, expiry, key), "oe": expiry}
    return f"{quote(path)}?{urlencode({**query, **extra})}"


def fault_of(path: str, query: Mapping[str, str], key: bytes, now_s: int) -> str | None:
    """What is wrong with a link at this time; None: nothing. The path is given decoded."""
    given, expiry = query.get("oh"), query.get("oe")
    if given is None or expiry is None:
        return NO_SIGNATURE
    try:
        expires_s = int(expiry, 16)
    except ValueError:
        return BAD_TIME
    if not hmac.compare_digest(given.encode(), _signature(path, expiry, key).encode()):
        return MISMATCH
    return EXPIRED if now_s >= expires_s else None


def _signature(path: str, expiry: str, key: bytes) -> str:
    digest = hmac.new(key, f"{path}?{expiry}".encode(), hashlib.sha256).digest()
    return "00_" + base64.urlsafe_b64encode(digest[:24]).decode()
