"""What happened in a run, written down where nobody kills: beside the customers and the reaper.

A consumer hands each record over before it does what the record says. Times are seconds of the machine's monotonic
clock, which all processes share.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from time import monotonic as now
from typing import ClassVar, NamedTuple, TypeAlias

__all__ = ["now"]


class Said(NamedTuple):
    """A customer's message: the conversation, and its number there from 1."""

    conversation: int
    number: int

    def __str__(self) -> str:
        return f"{self.conversation}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Something that happened."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted(Record):
    """A webhook leaves for a gateway."""

    post: int
    gateway: str
    conversation: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Record):
    """A webhook is answered. Only 200 promises anything; status 0: no answer came."""

    NO_ANSWER: ClassVar = 0

    post: int
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt(Record):
    """Something about one attempt to deliver a message."""

    consumer: str
    conversation: int
    number: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(_Attempt):
    """A consumer has a message in its hands."""

    stream: int
    """Number of the stream within the consumer process."""
    server: str
    cim_id: str
    deadline_at: float
    """When the lease ends unless it is extended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(_Attempt):
    """The server confirms to a consumer that came back that a lease it holds goes on, on its new stream."""

    stream: int
    server: str
    deadline_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Acking(_Attempt):
    """An acknowledgement is about to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckAnswered(_Attempt):
    """The server's answer to an acknowledgement: `OK`, `STALE` or `UNKNOWN`."""

    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nacked(_Attempt):
    """A message is about to be given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnded(Record):
    """A consumer's stream is over, or is about to be dropped by it."""

    consumer: str
    stream: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed(Record):
    """SIGKILL is about to be sent."""

    process: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Record):
    """A process is about to be started, for the first time or again; the one before is gone."""

    process: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Record):
    """A process works."""

    process: str


AnyRecord: TypeAlias = (
    Posted | Answered | Delivered | Resumed | Acking | AckAnswered | Nacked | StreamEnded | Killed | Started | Ready
)

TYPES: dict[str, type[AnyRecord]] = {kind.__name__: kind for kind in AnyRecord.__args__}


def line_of(record: AnyRecord) -> str:
    """A record as one line of JSON."""
    return json.dumps([type(record).__name__, *astuple(record)]) + "\n"


def read_line(line: str | bytes) -> AnyRecord:
    """The record that `line_of` wrote."""
    name, *values = json.loads(line)
    kind = TYPES[name]
    return kind(**dict(zip((field.name for field in fields(kind)), values, strict=True)))


class Journal:
    """All records of a run."""

    def __init__(self) -> None:
        self._records: list[AnyRecord] = []
        self._watchers: list[Callable[[AnyRecord], None]] = []

    def show(self, watch: Callable[[AnyRecord], None]) -> None:
        """From now on `watch` is shown every record as it comes."""
        self._watchers.append(watch)

    def add(self, record: AnyRecord) -> None:
        """Writes a record down; records of several processes come in any order."""
        self._records.append(record)
        for watch in self._watchers:
            watch(record)

    def __iter__(self) -> Iterator[AnyRecord]:
        """In the order of time. What a process did one after the other keeps its order."""
        return iter(sorted(self._records, key=lambda record: record.at))

    def write(self, path: Path) -> None:
        """Keeps it as lines of JSON."""
        with path.open("w") as file:
            file.writelines(map(line_of, self))
