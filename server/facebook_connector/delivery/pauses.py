"""When a subscription stops delivering for a while: its consumers give back all they get, or too many messages fail.

While it pauses nothing new goes out, so that an outage of the consumers does not turn the whole backlog over again and
again. It goes on by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from facebook_connector.delivery.redelivery import backoff_ms

FORGOTTEN_AFTER_MS = 15 * 60 * 1000
"""A pause so long after the last one of its cause is the first of another trouble."""


class PauseCause(Enum):
    """Why a subscription pauses, as operators are told."""

    UNAVAILABLE = "Its consumers give back all messages as UNAVAILABLE."
    FAILING = "More than 20 % of its conversations fail, so no message is given up."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause that has begun."""

    cause: PauseCause
    until_ms: int
    first: bool
    """Whether it is the first of its cause since all was well: what operators are to be told of."""


class Pauses:
    """The pauses of one subscription on this server."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._given_back = 0
        """Deliveries given back as UNAVAILABLE since anything was acknowledged."""
        self._in_a_row = dict.fromkeys(PauseCause, 0)
        self._ended_ms = dict.fromkeys(PauseCause, 0)
        self._present: Pause | None = None

    @property
    def present(self) -> Pause | None:
        """The pause that lasts."""
        return self._present

    def gave_back(self, count: int, outstanding: int, now_ms: int) -> Pause | None:
        """A consumer that cannot work gave so many back; so many are still out. Returns the pause that begins.

        It begins once more was given back than is out, and not a single one: then nobody among the consumers seems to
        work. As soon as one acknowledges anything the count begins anew.
        """
        self._given_back += count
        nobody_works = self._given_back > max(outstanding, 1)
        return self._begin(PauseCause.UNAVAILABLE, now_ms) if nobody_works else None

    def spared(self, now_ms: int) -> Pause | None:
        """A message was not given up because too many fail. Returns the pause that begins."""
        return self._begin(PauseCause.FAILING, now_ms)

    def gave_up(self) -> None:
        """A message was given up: few fail by now."""
        self._in_a_row[PauseCause.FAILING] = 0

    def acknowledged(self) -> bool:
        """A consumer has processed something. Whether that ends a pause: it was said that none of them can."""
        self._given_back = 0
        self._in_a_row[PauseCause.UNAVAILABLE] = 0
        if self._present is None or self._present.cause is not PauseCause.UNAVAILABLE:
            return False
        self._present = None
        return True

    def tick(self, now_ms: int) -> bool:
        """Time has passed. Whether that ends a pause."""
        if self._present is None or now_ms < self._present.until_ms:
            return False
        self._present = None
        return True

    def _begin(self, cause: PauseCause, now_ms: int) -> Pause | None:
        if self._present is not None:
            return None
        self._given_back = 0
        if now_ms - self._ended_ms[cause] > FORGOTTEN_AFTER_MS:
            self._in_a_row[cause] = 0
        self._in_a_row[cause] += 1
        count = self._in_a_row[cause]
        until_ms = self._ended_ms[cause] = now_ms + backoff_ms(count, self._random)
        self._present = Pause(cause=cause, until_ms=until_ms, first=count == 1)
        return self._present
