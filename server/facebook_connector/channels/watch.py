"""Looks after the pages once an hour: asks Facebook what it thinks of each channel, and mends a lost subscription.

Facebook unsubscribes an app from a page when its webhooks have failed for an hour, and tells only the app's developers:
without this a contact centre would stay deaf after a long outage. A token dies in silence, too.
Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from expertflow.connector.v1.channel_pb2 import CHECK_STATE_FAILED, CHECK_STATE_OK, CheckState
from facebook_connector import telemetry
from facebook_connector.actors import SERVER
from facebook_connector.channels.check import ChannelChecker
from facebook_connector.channels.directory import Directory
from facebook_connector.channels.judgement import FIELDS_CHECK, SUBSCRIPTION_CHECK, Judged
from facebook_connector.channels.subscribe import Subscriptions
from facebook_connector.channels.values import PageAccess
from facebook_connector.errors import ConnectorError
from facebook_connector.graph.client import GraphClient
from facebook_connector.store.channels import ChannelRow, ChannelStore, note_subscribed
from facebook_connector.store.database import Database
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.keeping.audit import AuditNote, note
from service_runtime.clock import Clock
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

FIRST_AFTER_S: Final = 60.0
"""From the start: what matters most after an outage is to hear again; webhooks that wait at Facebook come first."""

EVERY_S: Final = 3600.0

SPREAD: Final = 0.1
"""Share by which the times vary, so that several servers do not ask at once."""

ROWS_AT_ONCE: Final = 100

_log = get_logger("channels")


@dataclass(slots=True, kw_only=True)
class ChannelWatch:
    """`run` is its only task. Every server watches: a second look, or a second subscription, changes nothing."""

    database: Database
    directory: Directory
    graph: GraphClient
    clock: Clock
    metrics: Metrics
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _seen: dict[tuple[str, str], CheckState] = field(default_factory=dict)
    """How each check of each page ended last."""

    async def run(self) -> None:
        """Runs until cancelled; an hour in which the store does not answer is left out."""
        await self.sleep(_about(FIRST_AFTER_S))
        while True:
            try:
                await self.look()
            except StoreUnavailable as error:
                _log.warning("channels not looked after", error=type(error).__qualname__)
            await self.sleep(_about(EVERY_S))

    async def look(self) -> None:
        """Looks at every channel once. Raises `StoreUnavailable`."""
        seen: dict[tuple[str, str], CheckState] = {}
        after, store = "", ChannelStore(self.database)
        while rows := await store.list(after=after, limit=ROWS_AT_ONCE):
            for row in rows:
                judged = await self._guarded(row)
                self._tell(row.page_id, judged)
                seen |= {(row.page_id, one.name): one.state for one in judged}
            after = rows[-1].page_id
        self._seen = seen
        self.metrics.show(telemetry.CHANNEL_CHECKS, {key: int(state - CHECK_STATE_OK) for key, state in seen.items()})

    async def _guarded(self, row: ChannelRow) -> tuple[Judged, ...]:
        try:
            return await self._judged(row)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the watch's net: what Facebook says of one page must not end a server
            _log.error("channel check broke", page_id=row.page_id, error=type(error).__name__, alarm=True)
            return ()

    async def _judged(self, row: ChannelRow) -> tuple[Judged, ...]:
        checker, access = ChannelChecker(self.graph), self.directory.access(row)
        judged = await checker.check(access, self.clock.now_ms())
        if is_deaf(judged) and row.keep_subscribed:
            await self._subscribe_again(access)
            return await checker.check(access, self.clock.now_ms())
        if hears(judged) and not row.keep_subscribed:
            await self.database.write(lambda transaction: note_subscribed(transaction, row.page_id))
        return judged

    async def _subscribe_again(self, access: PageAccess) -> None:
        page_id = access.page_id
        try:
            subscribed = await Subscriptions(self.graph).subscribe(access)
        except ConnectorError as error:
            _log.error("page unsubscribed by Facebook, and not to be subscribed", page_id=page_id, why=str(error))
            return
        _log.error("page unsubscribed by Facebook, subscribed again: what came between is lost", page_id=page_id)
        told = AuditNote(
            event_time_ms=self.clock.now_ms(),
            actor=SERVER,
            action="ChannelSubscribedAgain",
            target=page_id,
            detail=f"fields: {', '.join(subscribed.fields)}",
        )
        await self.database.write(lambda transaction: note(transaction, told))

    def _tell(self, page_id: str, judged: Iterable[Judged]) -> None:
        """Logs what has begun or ceased to fail: everything else stands in `CheckChannel`."""
        for one in judged:
            failed_before = self._seen.get((page_id, one.name)) == CHECK_STATE_FAILED
            if one.state == CHECK_STATE_FAILED and not failed_before:
                _log.error("channel check failed", page_id=page_id, check=one.name, detail=one.detail, alarm=True)
            elif one.state == CHECK_STATE_OK and failed_before:
                _log.info("channel check passed again", page_id=page_id, check=one.name)


def is_deaf(judged: Iterable[Judged]) -> bool:
    """Whether Facebook says that our app gets no messages of the page."""
    return any(one.state == CHECK_STATE_FAILED for one in judged if one.name in {SUBSCRIPTION_CHECK, FIELDS_CHECK})


def hears(judged: Iterable[Judged]) -> bool:
    """Whether Facebook says that our app gets messages of the page."""
    states = {one.name: one.state for one in judged}
    return states[SUBSCRIPTION_CHECK] == CHECK_STATE_OK and states[FIELDS_CHECK] != CHECK_STATE_FAILED


def _about(seconds: float) -> float:
    return seconds * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 - no secret
