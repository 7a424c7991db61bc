"""Judges a run by its journal: was a promise of the inbound stream broken?

One walk through the records in the order of time. What is known of each message is what somebody who was never killed
wrote down, so a broken promise is one that can be shown, not one that is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from tests.support.chaos import journal as j
from tests.support.chaos.journal import AnyRecord, Said

GIVEN_BACK = "given back"


class Broken(Enum):
    """The ways in which a promise can be broken."""

    LOST = "got its 200 and was never acknowledged"
    OUT_OF_ORDER = "came before its predecessor was done, or after its successor"
    UNEXPLAINED_DUPLICATE = "came again without a reason, or without a higher attempt"
    STALE_ACK_TAKEN = "an acknowledgement was answered OK although a later attempt was out"
    ACK_TAKEN_TWICE = "an acknowledgement was answered OK although the message was done"
    CHANGED = "came again under another id"
    FOREIGN = "was never said by anybody"
    ACK_UNKNOWN = "the server does not know an ack id that it gave out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken promise."""

    broken: Broken
    said: Said
    at: float
    detail: str

    def __str__(self) -> str:
        return f"{self.broken.name} {self.said} at {self.at:.3f}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the journal of a run shows."""

    events: int
    """Messages that got their 200."""
    acknowledged: int
    redeliveries: int
    violations: tuple[Violation, ...]

    def count(self, broken: Broken) -> int:
        """How often a promise was broken in this way."""
        return sum(violation.broken is broken for violation in self.violations)


def judge(records: Iterable[AnyRecord]) -> Verdict:
    """The verdict over a whole run; `records` in the order of time."""
    return _Judge().walk(records)


@dataclass(slots=True, kw_only=True)
class _Attempt:
    """The latest attempt of a message that anybody saw."""

    number: int
    consumer: str
    stream: int
    server: str
    deadline_at: float
    over: str = ""
    """Why the server may deliver the message again; empty while it may not."""


@dataclass(slots=True, kw_only=True)
class _Message:
    cim_id: str = ""
    stored: bool = False
    attempt: _Attempt | None = None
    acks: int = 0
    """Acknowledgements under way."""
    late_acks: dict[int, Broken] = field(default_factory=dict)
    """Attempts with an acknowledgement under way that comes too late, and what it is to take it."""
    doubtful: bool = False
    """An acknowledgement was under way when its way was cut: the server may have it."""
    confirmed: bool = False

    @property
    def may_be_done(self) -> bool:
        """Whether the server may think that it is acknowledged."""
        return self.confirmed or self.doubtful or self.acks > 0


_Placed: TypeAlias = j.Delivered | j.Resumed
_Named: TypeAlias = j.Posted | _Placed | j.Acking | j.AckAnswered | j.Nacked


class _Judge:
    def __init__(self) -> None:
        self._messages: dict[Said, _Message] = {}
        self._posts: dict[int, Said] = {}
        self._out: dict[Said, _Message] = {}
        """The delivered messages whose acknowledgement is not confirmed."""
        self._furthest: dict[int, int] = {}
        """By conversation, the highest number that was delivered."""
        self._dead: set[str] = set()
        """Killed and not started again. What they had said may still be on the way."""
        self._redeliveries = 0
        self._violations: list[Violation] = []

    def walk(self, records: Iterable[AnyRecord]) -> Verdict:
        last = 0.0
        for record in records:
            last = record.at
            self._take(record)
        self._look_for_lost(last)
        return Verdict(
            events=sum(message.stored for message in self._messages.values()),
            acknowledged=sum(message.stored and message.may_be_done for message in self._messages.values()),
            redeliveries=self._redeliveries,
            violations=tuple(self._violations),
        )

    def _take(self, record: AnyRecord) -> None:
        match record:
            case j.Posted():
                self._posts[record.post] = _said(record)
                self._messages.setdefault(_said(record), _Message())
            case j.Answered(status=200):
                self._messages[self._posts[record.post]].stored = True
            case j.Delivered():
                self._delivered(record)
            case j.Resumed():
                self._resumed(record)
            case j.Acking():
                self._acking(record)
            case j.AckAnswered():
                self._answered(record)
            case _:
                self._take_ending(record)

    def _take_ending(self, record: AnyRecord) -> None:
        match record:
            case j.Nacked():
                self._given_back(record)
            case j.StreamEnded():
                self._ended("its stream ended", consumer=record.consumer, stream=record.stream)
            case j.Started():
                self._dead.discard(record.process)
            case j.Killed():
                self._dead.add(record.process)
                self._ended("its consumer was killed", consumer=record.process)
                self._ended("its server was killed", server=record.process)
            case _:
                pass

    def _delivered(self, record: j.Delivered) -> None:
        said = _said(record)
        message = self._messages.get(said)
        if message is None:
            self._violated(Broken.FOREIGN, record, f"delivered to {record.consumer}")
            return
        self._look_at_order(record)
        if message.cim_id not in ("", record.cim_id):
            self._violated(Broken.CHANGED, record, f"{record.cim_id}, before {message.cim_id}")
        if message.attempt is not None:
            self._redeliveries += 1
            if reason := _unexplained(message, message.attempt, record):
                self._violated(Broken.UNEXPLAINED_DUPLICATE, record, reason)
        message.cim_id = record.cim_id
        message.attempt = _attempt(record)
        if not self._dead.isdisjoint((record.consumer, record.server)):
            message.attempt.over = "it came from a server, or to a consumer, that was dead"
        if not message.confirmed:
            self._out[said] = message

    def _look_at_order(self, record: j.Delivered) -> None:
        conversation, number = said = _said(record)
        furthest = self._furthest.get(conversation, 0)
        before = self._messages.get(Said(conversation, number - 1))
        if number < furthest:
            self._violated(Broken.OUT_OF_ORDER, record, f"delivered to {record.consumer} after {furthest}")
        elif before is not None and not before.may_be_done:
            self._violated(Broken.OUT_OF_ORDER, record, f"{said} delivered before {number - 1} was acknowledged")
        self._furthest[conversation] = max(furthest, number)

    def _resumed(self, record: j.Resumed) -> None:
        message = self._messages[_said(record)]
        attempt = message.attempt
        # What was given back while there was no stream stays given back: that is said on the new one.
        if attempt is not None and attempt.number == record.attempt and attempt.over != GIVEN_BACK:
            message.attempt = _attempt(record)

    def _acking(self, record: j.Acking) -> None:
        message = self._messages[_said(record)]
        overtaken = message.attempt is not None and message.attempt.number > record.attempt
        if message.confirmed or overtaken:
            message.late_acks[record.attempt] = Broken.ACK_TAKEN_TWICE if message.confirmed else Broken.STALE_ACK_TAKEN
        else:
            message.acks += 1

    def _answered(self, record: j.AckAnswered) -> None:
        message = self._messages[_said(record)]
        late = message.late_acks.pop(record.attempt, None)
        if late is None:
            message.acks = max(0, message.acks - 1)
        if record.outcome == "UNKNOWN":
            self._violated(Broken.ACK_UNKNOWN, record, f"attempt {record.attempt}")
        if record.outcome == "OK":
            if late is not None:
                self._violated(late, record, f"attempt {record.attempt} of {record.consumer}")
            message.confirmed = True
            self._out.pop(_said(record), None)

    def _given_back(self, record: j.Nacked) -> None:
        attempt = self._messages[_said(record)].attempt
        if attempt is not None and attempt.number == record.attempt:
            attempt.over = GIVEN_BACK

    def _ended(self, why: str, *, consumer: str = "", stream: int | None = None, server: str = "") -> None:
        for message in self._out.values():
            attempt = message.attempt
            assert attempt is not None, "it was delivered"
            of_consumer = attempt.consumer == consumer and stream in (None, attempt.stream)
            if of_consumer or attempt.server == server:
                attempt.over = attempt.over or why
                message.doubtful |= message.acks > 0
                message.acks = 0

    def _look_for_lost(self, at: float) -> None:
        for said, message in self._messages.items():
            if message.stored and not message.may_be_done:
                seen = "never delivered" if message.attempt is None else f"delivered, attempt {message.attempt.number}"
                self._violations.append(Violation(broken=Broken.LOST, said=said, at=at, detail=seen))

    def _violated(self, broken: Broken, record: _Named, detail: str) -> None:
        self._violations.append(Violation(broken=broken, said=_said(record), at=record.at, detail=detail))


def _said(record: _Named) -> Said:
    return Said(record.conversation, record.number)


def _attempt(record: _Placed) -> _Attempt:
    return _Attempt(
        number=record.attempt,
        consumer=record.consumer,
        stream=record.stream,
        server=record.server,
        deadline_at=record.deadline_at,
    )


def _unexplained(message: _Message, before: _Attempt, record: j.Delivered) -> str:
    """What is wrong with a redelivery; empty when it is as it should be."""
    again = f"attempt {record.attempt} to {record.consumer}"
    if message.confirmed:
        return f"{again} after the acknowledgement was confirmed"
    if record.attempt <= before.number:
        return f"{again} after attempt {before.number} to {before.consumer}"
    if not before.over and record.at < before.deadline_at:
        return f"{again} while {before.consumer} had attempt {before.number} for {before.deadline_at - record.at:.3f} s"
    return ""
