"""The ids of CIM messages that stand for something of Facebook's: the same input gives the same id, for ever.

Ids are UUIDs of version 5 (RFC 9562). Their names are the parts below, joined by line feeds, in UTF-8. Changing the
namespace or a name would make every event that is delivered again look new: golden tests pin them.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Final

NAMESPACE: Final = uuid.UUID("61dff2d8-6cb7-5234-a5f1-fb34b87e1ff2")
"""The version 5 UUID of the DNS name `facebook-connector.expertflow`."""


def message_id(page_id: str, dedupe_key: str, part: int) -> str:
    """The `CimMessage.id` of part `part` (from 0) of the event that `dedupe_key` names on the page."""
    return _uuid("message", page_id, dedupe_key, str(part))


def receipt_id(page_id: str, cim_id: str, status: str) -> str:
    """The `CimMessage.id` of the news that `cim_id` reached a status: `DELIVERED`, `READ` or `FAILED`."""
    return _uuid("receipt", page_id, cim_id, status)


def _uuid(*parts: str) -> str:
    """What `uuid.uuid5` gives, without the object around it: 1.2 instead of 3.8 µs, and each event has one."""
    name = hashlib.sha1(NAMESPACE.bytes + "\n".join(parts).encode(), usedforsecurity=False)
    octets = bytearray(name.digest()[:16])
    octets[6] = octets[6] & 0x0F | 0x50  # the version
    octets[8] = octets[8] & 0x3F | 0x80  # the variant
    digits = octets.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
