"""Pages of a list: how many entries, and the opaque token that says where the next page begins. Pure."""

from __future__ import annotations

import base64
import binascii
import json

from facebook_connector.channels.rules import refuse
from facebook_connector.errors import ConnectorError, FieldViolation

DEFAULT_SIZE = 50
MAX_SIZE = 1000


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
    if not isinstance(last, str) or not last or given != filters:
        raise ConnectorError(
            "PAGE_TOKEN_INVALID",
            "The page token was not given out by this call with these filters; start again without one.",
            metadata={"method": method},
        )
    return last
