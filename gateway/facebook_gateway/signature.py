"""Who signed a webhook: HMAC-SHA256 over the raw bytes of the body, keyed with the app secret.

Facebook escapes its JSON before it signs, so only the bytes as they came can be verified; a body that was parsed and
written again never can (https://developers.facebook.com/docs/messenger-platform/webhooks#validate-payloads).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Final

HEADER: Final = "X-Hub-Signature-256"

_FORM = re.compile(r"sha256=([0-9a-f]{64})")


def given_digest(header: str | None) -> bytes | None:
    """The digest that the header claims; None if it is missing or malformed. SHA-1 alone is not accepted."""
    match = _FORM.fullmatch(header or "")
    return bytes.fromhex(match[1]) if match else None


def signed_by(body: bytes, digest: bytes, secrets: Iterable[tuple[str, bytes]]) -> frozenset[str]:
    """Of pairs (name, secret), the names whose secret signed the body.

    All are tried, each compared in constant time: how long it takes tells nothing about which one nearly fitted.
    """
    found = [(name, hmac.compare_digest(hmac.digest(secret, body, "sha256"), digest)) for name, secret in secrets]
    return frozenset(name for name, fits in found if fits)
