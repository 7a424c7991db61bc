"""Whether a message that fails again and again is at fault itself, and is given up, or whoever consumes it.

A message is given up only on the evidence that its consumers work on others: otherwise every outage of theirs would end
as a heap of dead letters.
"""

from __future__ import annotations

from enum import Enum

DEAD_AFTER_ATTEMPTS = 10
"""Counted attempts before a message may be given up."""

DEAD_NOT_BEFORE_MS = 15 * 60 * 1000
"""A message is given up no sooner after its first counted failure, so that a short mistake of a consumer costs none."""

OUTAGE_KEYS_IN_100 = 20
"""Where more of a hundred keys fail, the fault is not with their messages."""

EVIDENCE_KEYS = 10_000
"""Keys that are remembered as working: as many as the largest window holds."""


class Verdict(Enum):
    """What becomes of a message whose attempt has failed."""

    RETRY = "it is delivered again"
    GIVE_UP = "it becomes a dead letter, and its key goes on"
    SPARE = "it would be given up, but too many fail beside it: the subscription pauses instead"


def is_hopeless(*, failures: int, first_failure_ms: int, now_ms: int) -> bool:
    """Whether a message has failed often and long enough to be given up, if others do not fail too."""
    return failures >= DEAD_AFTER_ATTEMPTS and now_ms - first_failure_ms >= DEAD_NOT_BEFORE_MS


def judge_hopeless(*, failing_keys: int, working_keys: int) -> Verdict:
    """Judges messages that are hopeless.

    `failing_keys` have a head that has failed, theirs included; of `working_keys` messages were acknowledged lately.
    """
    if failing_keys == 1 and working_keys:
        # One that fails among few that work is no outage, however few they are.
        return Verdict.GIVE_UP
    many = failing_keys * 100 > OUTAGE_KEYS_IN_100 * (failing_keys + working_keys)
    return Verdict.SPARE if many else Verdict.GIVE_UP


class WorkingKeys:
    """The keys of which a message was acknowledged lately, within the time after which a message may be given up."""

    def __init__(self) -> None:
        self._acknowledged: dict[int, int] = {}
        """When, by key; in the order of time."""

    def acknowledged(self, key_id: int, now_ms: int) -> None:
        """A message of the key was processed."""
        self._acknowledged.pop(key_id, None)
        self._acknowledged[key_id] = now_ms
        if len(self._acknowledged) > EVIDENCE_KEYS:
            del self._acknowledged[next(iter(self._acknowledged))]

    def failed(self, key_id: int) -> None:
        """A message of the key failed: it is no evidence for others any more."""
        self._acknowledged.pop(key_id, None)

    def count(self, now_ms: int) -> int:
        """How many there are."""
        while self._acknowledged:
            oldest = next(iter(self._acknowledged))
            if now_ms - self._acknowledged[oldest] < DEAD_NOT_BEFORE_MS:
                break
            del self._acknowledged[oldest]
        return len(self._acknowledged)
