"""Pages of a list: how many entries, and the opaque token that says where the next page begins. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import re
from hashlib import sha256
from typing import Any, Never

from google.protobuf.message import Message

from facebook_connector.channels.rules import refuse
from facebook_connector.errors import ConnectorError, FieldViolation

DEFAULT_SIZE = 50
MAX_SIZE = 1000

NUMBER = re.compile(r"[0-9]{1,18}")
"""Any number the database gives, within 64 bits."""

ENTRY = re.compile(r"[a-z0-9._-]{1,64}")
"""What entries are listed by: page ids, numbers, names of subscriptions. A token may be made up."""


def page_limit(page_size: int) -> int:
    """How many entries to give. Raises `ConnectorError` INVALID_FIELD for a negative size."""
    if page_size < 0:
        refuse([FieldViolation(field="page_size", description="must not be negative")])
    return min(page_size or DEFAULT_SIZE, MAX_SIZE)


def token_after(last: str, filters: str) -> str:
    """The token of the page that follows the entry `last`, good only with the same filters."""
    return base64.urlsafe_b64encode(json.dumps([last, filters]).encode()).decode()


def start_after(token: str, filters: str, method: str) -> str:
    """The entry after which to go on; empty: from the beginning. Raises `ConnectorError` PAGE_TOKEN_INVALID."""
    if not token:
        return ""
    try:
        last, given = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        last, given = None, None
    if not isinstance(last, str) or not ENTRY.fullmatch(last) or given != filters:
        _refuse_token(method)
    return last


def number_after(token: str, filters: str, method: str) -> int | None:
    """As `start_after`, for entries that are numbered; None: from the beginning."""
    last = start_after(token, filters, method)
    if last and not NUMBER.fullmatch(last):
        _refuse_token(method)
    return int(last) if last else None


def filters_of(request: Message) -> str:
    """What a list was asked for besides the page: a hash, so that tokens stay short."""
    asked: Any = type(request).FromString(request.SerializeToString())
    asked.ClearField("page_size")
    asked.ClearField("page_token")
    return sha256(asked.SerializeToString(deterministic=True)).hexdigest()[:16]


def _refuse_token(method: str) -> Never:
    raise ConnectorError(
        "PAGE_TOKEN_INVALID",
        "The page token was not given out by this call with these filters; start again without one.",
        metadata={"method": method},
    )
