"""Pulls settings from CCM: at the start for every page that is known or named, and when something names another page.

A push says what changed; what changed while nobody could be told, only a pull finds out.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Final

from ccm_bridge.ccm import Ccm
from ccm_bridge.configuration.answers import MAY_NOT, OURS
from ccm_bridge.configuration.attributes import PAGE_ID
from ccm_bridge.configuration.ccm import CcmError, configuration_of
from ccm_bridge.configuration.channels import ConfiguredChannels, Outcome
from connector_client import ConnectorError
from service_runtime.backoff import Backoff
from service_runtime.clock import Clock
from service_runtime.logs import get_logger

AGAIN: Final = Backoff(first=1.0, cap=60.0)
"""How long after a failed try CCM or the server is asked again at the start."""

UNKNOWN_FOR_S: Final = 60.0
"""How long a page that CCM does not know is not asked for again: anybody may write any id into a webhook's path."""

MAX_UNKNOWN: Final = 1000
"""So many such pages are remembered; while there are more, no further one is asked for."""

MAX_WAITING: Final = 16
"""So many callers may wait to learn of a page; more are told that it is unknown."""

_log = get_logger("bridge.configuration")


class Puller:
    """Pulls settings, and gives them to the channels."""

    def __init__(self, ccm: Ccm, channels: ConfiguredChannels, clock: Clock, *, pages: Iterable[str] = ()) -> None:
        self._ccm = ccm
        self._channels = channels
        self._clock = clock
        self._named = tuple(pages)
        self._unknown_until: dict[str, float] = {}
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def run(self) -> None:
        """Pulls every known channel and every named page once, however long CCM and the server take to answer."""
        waiting: dict[str, str] | None = None
        attempt = 0
        while waiting is None or waiting:
            if attempt:
                await asyncio.sleep(AGAIN.delay(attempt, random.random))
            attempt += 1
            try:
                waiting = await self.pages() if waiting is None else waiting
                waiting = {page: tenant for page, tenant in waiting.items() if not await self._done_with(page, tenant)}
            except ConnectorError as error:
                if error.reason in OURS:
                    _log.error("settings of CCM not pulled", why=MAY_NOT, alarm=True)
                    return
                _log.warning("settings of CCM not pulled: the server does not answer", status=error.code.name)

    async def pages(self) -> dict[str, str]:
        """The pages that are known or named, with the tenants they are known to have. Raises `ConnectorError`."""
        return dict.fromkeys(self._named, "") | {each.page_id: each.tenant_id for each in await self._channels.all()}

    async def pull(self, page_id: str, tenant_id: str = "") -> Outcome | None:
        """Pulls one page now, in the name of a tenant; None if CCM does not know it.

        Raises `CcmError` and `ConnectorError`.
        """
        configuration = await configuration_of(self._ccm, page_id, tenant_id)
        if configuration is None:
            _log.warning("CCM has no settings for the page", page_id=page_id)
            return None
        return await self._channels.apply(configuration, tenant_id=tenant_id)

    async def learn(self, page_id: str, tenant_id: str = "") -> bool:
        """Pulls a page that nobody here has heard of, in the name of a tenant; says whether it has a channel now.

        One at a time, and what CCM does not know is not asked for again for a while.
        """
        if not PAGE_ID.fullmatch(page_id) or self._waiting >= MAX_WAITING:
            return False
        self._waiting += 1
        try:
            async with self._turn:
                return self._may_ask(page_id) and await self._learned(page_id, tenant_id)
        except (CcmError, ConnectorError) as error:
            _log.warning("settings of CCM not pulled", page_id=page_id, why=str(error))
            return False
        finally:
            self._waiting -= 1

    async def _learned(self, page_id: str, tenant_id: str) -> bool:
        if await self._channels.find(page_id) is not None:
            return True
        self._unknown_until[page_id] = self._clock.monotonic() + UNKNOWN_FOR_S
        try:
            outcome = await self.pull(page_id, tenant_id)
        except asyncio.CancelledError:
            del self._unknown_until[page_id]  # a webhook does not wait for a slow CCM: who asks next may ask it
            raise
        if outcome is None or outcome.channel is None:
            return False
        del self._unknown_until[page_id]
        return True

    def _may_ask(self, page_id: str) -> bool:
        now = self._clock.monotonic()
        if len(self._unknown_until) >= MAX_UNKNOWN:
            self._unknown_until = {page: until for page, until in self._unknown_until.items() if until > now}
        return self._unknown_until.get(page_id, now) <= now and len(self._unknown_until) < MAX_UNKNOWN

    async def _done_with(self, page_id: str, tenant_id: str) -> bool:
        try:
            await self.pull(page_id, tenant_id)
        except CcmError as error:
            _log.warning("settings of CCM not pulled", page_id=page_id, why=str(error))
            return False
        except ConnectorError as error:
            if error.repeatable or error.reason in OURS:
                raise
            _log.warning("settings of CCM not taken", page_id=page_id, why=str(error))
        return True
