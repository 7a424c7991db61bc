"""What one server has delivered of a subscription since it started."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts that only grow."""

    deliveries: int = 0
    redeliveries: int = 0
    """Those of the deliveries that were not the first of their message."""
    acknowledgements: int = 0
    stale_acknowledgements: int = 0
    """Of attempts that were over: the message came again, or its client had lost it to another."""

    def delivered(self, attempt: int) -> None:
        """A message goes out, for the `attempt`th time."""
        self.deliveries += 1
        self.redeliveries += attempt > 1

    def acknowledged(self, *, ok: bool) -> None:
        """The store has answered an acknowledgement."""
        self.acknowledgements += ok
        self.stale_acknowledgements += not ok
