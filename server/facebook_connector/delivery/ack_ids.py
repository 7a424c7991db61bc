"""What an ack id holds: the attempt it names and the size of the message, so that a held one counts in the window.

Opaque to clients. The check sum turns a cut, mistyped or foreign id into "unknown" instead of another attempt; it is
no secret, because an id grants nothing that the caller's role does not.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from hashlib import blake2b

from facebook_connector.delivery.values import AckToken

VERSION = 1

_LAYOUT = struct.Struct(">BIQQIQI")
"""Version, subscription, key, sequence, attempt, epoch, size: 37 bytes."""

_CHECK_BYTES = 5
"""With the layout 42 bytes: a multiple of 3, so that base64 needs no padding."""

_LARGEST = 2**63 - 1
_LARGEST_ATTEMPT = 2**31 - 1
"""What the database can compare with. The check of an id is no secret, so a larger number may be made up."""

_LENGTH = (_LAYOUT.size + _CHECK_BYTES) * 4 // 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AckId:
    """The content of an ack id."""

    token: AckToken
    size: int
    """`Head.size` of the message."""


def encode(token: AckToken, size: int) -> str:
    """The ack id: 56 URL-safe characters."""
    content = _LAYOUT.pack(VERSION, token.subscription_id, token.key_id, token.seq, token.attempt, token.epoch, size)
    return base64.urlsafe_b64encode(content + _check(content)).decode("ascii")


def decode(text: str) -> AckId | None:
    """Reads an ack id; None for anything that `encode` has not written."""
    if len(text) != _LENGTH:
        return None
    try:
        content = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    content, check = content[: _LAYOUT.size], content[_LAYOUT.size :]
    if check != _check(content):
        return None
    version, subscription_id, key_id, seq, attempt, epoch, size = _LAYOUT.unpack(content)
    if version != VERSION or max(key_id, seq, epoch) > _LARGEST or attempt > _LARGEST_ATTEMPT:
        return None
    token = AckToken(subscription_id=subscription_id, key_id=key_id, seq=seq, attempt=attempt, epoch=epoch)
    return AckId(token=token, size=size)


def _check(content: bytes) -> bytes:
    return blake2b(content, digest_size=_CHECK_BYTES).digest()
