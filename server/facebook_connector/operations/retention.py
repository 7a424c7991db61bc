"""The task that deletes what has been kept long enough: small batches, one after another, with a rest in between.

Every server runs it; what one has deleted another does not find.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from facebook_connector.delivery.retention import Cutoffs, cutoffs
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import StoreUnavailable
from facebook_connector.store.keeping import retention, retention_walks
from facebook_connector.store.keeping.retention import Place, Progress
from facebook_connector.store.reading.abandoned import expire_abandoned
from service_runtime.clock import Clock
from service_runtime.logs import get_logger

PAUSE_S: Final = 0.5
"""Between two rounds in which each chore does a batch, so that the ingest comes first."""

OFTEN_S: Final = 60.0
SELDOM_S: Final = 3600.0

_log = get_logger("retention")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """One thing to look through."""

    name: str
    batch: Callable[[Transaction, Cutoffs, Place | None], Progress]
    rest_s: float
    """How long to wait after the end before looking through it again."""
    is_loss: bool = False
    """Whether somebody has not read what goes."""


CHORES: Final = (
    # What was read late is noted before anything goes for having been read.
    Chore(name="events not read in time", batch=retention.note_late, rest_s=OFTEN_S),
    Chore(name="messages nobody read", batch=expire_abandoned, rest_s=OFTEN_S, is_loss=True),
    Chore(name="events read at last", batch=retention.note_read, rest_s=OFTEN_S),
    Chore(name="events", batch=retention.drop_events, rest_s=OFTEN_S),
    Chore(name="quarantined items", batch=retention_walks.drop_quarantined, rest_s=OFTEN_S),
    Chore(name="messages to customers", batch=retention_walks.drop_outbound, rest_s=OFTEN_S),
    Chore(name="named calls", batch=retention_walks.drop_requests, rest_s=SELDOM_S),
    Chore(name="audit events", batch=retention_walks.drop_audit, rest_s=SELDOM_S),
    Chore(name="de-duplication keys", batch=retention_walks.drop_dedupe, rest_s=SELDOM_S),
    Chore(name="Messenger ids", batch=retention_walks.drop_mids, rest_s=SELDOM_S),
    Chore(name="edit numbers", batch=retention_walks.drop_edits, rest_s=SELDOM_S),
    Chore(name="thread owners", batch=retention_walks.drop_owners, rest_s=SELDOM_S),
    Chore(name="window clocks", batch=retention_walks.stop_clocks, rest_s=SELDOM_S),
)


@dataclass(slots=True, kw_only=True)
class _State:
    after: Place | None = None
    removed: int = 0
    due_s: float = 0.0


class Retention:
    """`run` is its only task."""

    def __init__(self, database: Database, clock: Clock, chores: Iterable[Chore] = CHORES) -> None:
        self._database = database
        self._clock = clock
        self._states = {chore: _State() for chore in chores}

    async def run(self) -> None:
        """Works until cancelled; what the store cannot do now is tried again."""
        while True:
            try:
                await self.round()
            except StoreUnavailable as error:
                _log.warning("store unavailable", error=type(error).__qualname__)
                await asyncio.sleep(OFTEN_S)
            await asyncio.sleep(PAUSE_S if self._busy() else min(OFTEN_S, self._rest_s()))

    async def sweep(self) -> None:
        """Does everything there is to do now."""
        while True:
            await self.round()
            if not self._busy():
                return

    async def round(self) -> None:
        """One batch of each chore that is due."""
        for chore, state in self._states.items():
            if state.due_s <= self._clock.monotonic():
                await self._batch(chore, state)

    async def _batch(self, chore: Chore, state: _State) -> None:
        cut, after = cutoffs(self._clock.now_ms()), state.after
        progress = await self._database.write(lambda transaction: chore.batch(transaction, cut, after))
        state.removed += progress.removed
        state.after = progress.after
        if progress.after is None:
            self._finish(chore, state)

    def _finish(self, chore: Chore, state: _State) -> None:
        if state.removed:
            log = _log.warning if chore.is_loss else _log.info
            log("retention", what=chore.name, removed=state.removed, alarm=chore.is_loss)
        state.removed = 0
        state.due_s = self._clock.monotonic() + chore.rest_s

    def _busy(self) -> bool:
        return any(state.after is not None for state in self._states.values())

    def _rest_s(self) -> float:
        return max(PAUSE_S, min(state.due_s for state in self._states.values()) - self._clock.monotonic())
