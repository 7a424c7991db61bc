"""Learns of pages that nobody here has heard of, from CCM's settings, when something names them.

Anybody may write any id into a webhook's path: so CCM is asked for one page at a time, and for none again at once.
"""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from typing import Final

from ccm_bridge.configuration.answers import OURS
from ccm_bridge.configuration.attributes import PAGE_ID
from ccm_bridge.configuration.ccm import CcmError
from ccm_bridge.configuration.channels import ConfiguredChannels
from ccm_bridge.configuration.pulling import Puller
from connector_client import ConnectorError
from service_runtime.clock import Clock
from service_runtime.logs import get_logger


class Learned(Enum):
    """What is known of a page in the end."""

    CHANNEL = auto()
    """It has a channel."""
    UNKNOWN = auto()
    """It has none: CCM does not know it, or knows too little of it."""
    NOT_TOLD = auto()
    """It has none yet: CCM or the server does not answer, or too many ask. Later it may be known."""


NOT_AGAIN_FOR_S: Final = {Learned.UNKNOWN: 60.0, Learned.NOT_TOLD: 5.0}
"""How long CCM is not asked for a page again."""

MAX_REMEMBERED: Final = 1000
"""So many such pages are remembered; while there are more, no further one is asked for."""

MAX_WAITING: Final = 16
"""So many callers may wait to learn of a page."""

_log = get_logger("bridge.configuration")


class Learner:
    """Pulls the settings of unknown pages, and remembers of which CCM told nothing."""

    def __init__(self, puller: Puller, channels: ConfiguredChannels, clock: Clock) -> None:
        self._puller = puller
        self._channels = channels
        self._clock = clock
        self._remembered: dict[str, tuple[Learned, float]] = {}
        """What was learned, and until when nobody is asked again."""
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def learn(self, page_id: str, tenant_id: str = "") -> Learned:
        """Sets up the channel of a page that has none, in the name of a tenant, if CCM has settings for it."""
        if not PAGE_ID.fullmatch(page_id):
            return Learned.UNKNOWN
        if self._waiting >= MAX_WAITING:
            return Learned.NOT_TOLD
        self._waiting += 1
        try:
            async with self._turn:
                return self._known_already(page_id) or await self._ask(page_id, tenant_id)
        finally:
            self._waiting -= 1

    async def _ask(self, page_id: str, tenant_id: str) -> Learned:
        # Who does not wait for the answer of a slow CCM, as a webhook, leaves nothing behind: who asks next may ask it.
        try:
            learned = await self._pulled(page_id, tenant_id)
        except (CcmError, ConnectorError) as error:
            _log.warning("settings of CCM not pulled", page_id=page_id, why=str(error))
            learned = _failed(error)
        if learned is not Learned.CHANNEL:
            self._remembered[page_id] = learned, self._clock.monotonic() + NOT_AGAIN_FOR_S[learned]
        return learned

    async def _pulled(self, page_id: str, tenant_id: str) -> Learned:
        if await self._channels.find(page_id) is not None:
            return Learned.CHANNEL
        outcome = await self._puller.pull(page_id, tenant_id)
        return Learned.UNKNOWN if outcome is None or outcome.channel is None else Learned.CHANNEL

    def _known_already(self, page_id: str) -> Learned | None:
        now = self._clock.monotonic()
        learned, until = self._remembered.get(page_id, (Learned.UNKNOWN, now))
        if until > now:
            return learned
        self._remembered.pop(page_id, None)
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered = {page: known for page, known in self._remembered.items() if known[1] > now}
        return Learned.NOT_TOLD if len(self._remembered) >= MAX_REMEMBERED else None


def _failed(error: CcmError | ConnectorError) -> Learned:
    refused = isinstance(error, ConnectorError) and not error.repeatable and error.reason not in OURS
    return Learned.UNKNOWN if refused else Learned.NOT_TOLD
