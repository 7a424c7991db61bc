"""Pulls settings from CCM: at the start for every page that is known or named, and of one page on demand.

A push says what changed; what changed while nobody could be told, only a pull finds out.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Final

from ccm_bridge.ccm import Ccm
from ccm_bridge.configuration.answers import MAY_NOT, OURS
from ccm_bridge.configuration.ccm import CcmError, configuration_of
from ccm_bridge.configuration.channels import ConfiguredChannels, Outcome, OutdatedError
from connector_client import ConnectorError
from service_runtime.backoff import Backoff
from service_runtime.logs import get_logger

AGAIN: Final = Backoff(first=1.0, cap=60.0)
"""How long after a failed try CCM or the server is asked again at the start."""

_log = get_logger("bridge.configuration")


class Puller:
    """Pulls settings, and gives them to the channels."""

    def __init__(self, ccm: Ccm, channels: ConfiguredChannels, *, pages: Iterable[str] = ()) -> None:
        self._ccm = ccm
        self._channels = channels
        self._named = tuple(pages)

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
        while True:
            as_of = self._channels.given(page_id)
            configuration = await configuration_of(self._ccm, page_id, tenant_id)
            if configuration is None:
                _log.warning("CCM has no settings for the page", page_id=page_id)
                return None
            try:
                return await self._channels.apply(configuration, tenant_id=tenant_id, as_of=as_of)
            except OutdatedError:
                # A push may be newer than the answer of a slow CCM, whose token may be dead by now.
                _log.info("settings of CCM changed while they were pulled, pulled again", page_id=page_id)

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
