"""Deletes the names of people who have not been asked about in a long time."""

from __future__ import annotations

import asyncio
from typing import Final

from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.profiles.log import ProfileLog
from service_runtime.clock import Clock
from service_runtime.logs import get_logger

EVERY_S: Final = 3600.0
AT_ONCE: Final = 500

_log = get_logger("profiles")


async def forget_profiles(log: ProfileLog, clock: Clock) -> None:
    """Runs until cancelled; also where no profiles are asked for any more, so that none is kept for ever."""
    while True:
        try:
            while await log.forget_expired(now_ms=clock.now_ms(), limit=AT_ONCE) == AT_ONCE:
                pass
        except StoreUnavailable as error:
            _log.warning("profiles not deleted", error=type(error).__qualname__)
        await asyncio.sleep(EVERY_S)
