"""Says every hour which pages take unsigned webhooks: anybody who knows the address can forge messages of customers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from facebook_connector.channels.directory import Directory
from facebook_connector.store.errors import StoreUnavailable
from service_runtime.logs import get_logger

INTERVAL_S = 3600.0

_log = get_logger("channels")


async def remind_of_unsigned(directory: Directory, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Runs until cancelled; an hour in which the store does not answer is left out."""
    while True:
        try:
            page_ids = await directory.unsigned_page_ids()
        except StoreUnavailable:
            page_ids = ()
        if page_ids:
            _log.warning("pages take unsigned webhooks: set their app secret", page_ids=list(page_ids))
        await sleep(INTERVAL_S)
