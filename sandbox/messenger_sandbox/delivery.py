"""Events on their way to the callback, and how that can end."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable, Sequence
from enum import StrEnum
from typing import Any

from messenger_sandbox.webhooks import Event


class Outcome(StrEnum):
    DELIVERED = "delivered"
    """The callback answered 200."""
    DROPPED = "dropped"
    """Every attempt failed, or the sandbox lost the event on purpose or by closing."""
    WITHHELD = "withheld"
    """Nothing was posted: the page is not subscribed to the field, or the app has no callback."""


class Delivery:
    """Events in one body. Awaiting it gives the outcome; it goes its way also if nobody awaits it."""

    def __init__(self, events: Sequence[Event]) -> None:
        """Needs a running event loop."""
        self.events = tuple(events)
        self._outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    @property
    def mid(self) -> str | None:
        """The id of the first event's message, if it has one."""
        return self.events[0].mid

    @property
    def done(self) -> bool:
        return self._outcome.done()

    def end(self, outcome: Outcome) -> None:
        """Ends the delivery; the first outcome stays."""
        if not self._outcome.done():
            self._outcome.set_result(outcome)

    def __await__(self) -> Generator[Any, None, Outcome]:
        # Shielded: a test that stops waiting must not cancel what others wait for.
        return asyncio.shield(self._outcome).__await__()


def drop(deliveries: Iterable[Delivery]) -> None:
    """Ends those that have not ended yet as DROPPED."""
    for delivery in deliveries:
        delivery.end(Outcome.DROPPED)
