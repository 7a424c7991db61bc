"""How far a run is, while it runs: for the eyes of who waits for it, and to know when it may end."""

from __future__ import annotations

import asyncio

from tests.support.chaos import journal as j
from tests.support.chaos.journal import AnyRecord, Said


class Progress:
    """Counts what the journal is shown."""

    def __init__(self) -> None:
        self.stored = 0
        """Messages that got their 200, some of them more than once."""
        self.kills = 0
        self._confirmed: set[Said] = set()
        self._waiting: dict[Said, asyncio.Event] = {}

    def __str__(self) -> str:
        return f"{self.kills} kills, {self.stored} webhooks stored, {len(self._confirmed)} messages acknowledged"

    def watch(self, record: AnyRecord) -> None:
        """Takes a record in."""
        match record:
            case j.Answered(status=200):
                self.stored += 1
            case j.Killed():
                self.kills += 1
            case j.AckAnswered(outcome="OK"):
                said = Said(record.conversation, record.number)
                self._confirmed.add(said)
                if (waiting := self._waiting.pop(said, None)) is not None:
                    waiting.set()
            case _:
                pass

    async def confirmed(self, said: Said) -> None:
        """Returns when an acknowledgement of the message is confirmed."""
        if said not in self._confirmed:
            await self._waiting.setdefault(said, asyncio.Event()).wait()
