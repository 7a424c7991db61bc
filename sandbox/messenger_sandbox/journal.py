"""The journal: everything the sandbox sent and received, in order; the oracle of the tests.

Append-only, in memory and, if wanted, one JSON line per entry in a file that is flushed line by line, so that it can be
read while others are being killed. It holds message texts and links to media on purpose; it never holds a token, a
secret or the signature of a body: writers hand over named facts, not requests.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Self

import orjson

from messenger_sandbox.clock import Clock

if TYPE_CHECKING:
    from pathlib import Path


class EntryKind(StrEnum):
    PERSON_ACTED = "person_acted"
    """A person wrote, tapped, reacted or read: `event` (the kind) and `item` (as the webhook carries it)."""
    WEBHOOK_POSTED = "webhook_posted"
    """One attempt to post a body: `attempt`, `status` (null without an answer), `failure`, `events`, `bytes`."""
    WEBHOOK_WITHHELD = "webhook_withheld"
    """An event nobody gets: `reason` is `not_subscribed`, `no_callback` or the name of a fault."""
    WEBHOOK_DROPPED = "webhook_dropped"
    """A body that was given up: `attempts`, `events`."""
    PAGE_UNSUBSCRIBED = "page_unsubscribed"
    """Facebook took the page's subscription away after an hour of failures."""
    HANDSHAKE = "handshake"
    """A GET verification of the callback: `verified`, `status`."""
    SEND_TAKEN = "send_taken"
    """A message the customer sees from now on: `text` or another content, `metadata`, `reply_to`, `quick_replies`.

    `media` lists what came with it: `type`, `name`, `mime_type`, `size_bytes`, `sha256` of the bytes, `attachment_id`.
    """
    ACTION_TAKEN = "action_taken"
    """A sender action the customer sees: `action` and, for reactions, `target_mid`, `reaction`."""
    SEND_ANSWERED = "send_answered"
    """What the caller of the Send API was told: `status`, `code`, `subcode`, `message_id`, `trace_id`, `fault`."""
    GRAPH_ANSWERED = "graph_answered"
    """Any other Graph call: `method`, `edge`, `status`, `code`, `subcode`, `trace_id`."""
    MEDIA_UPLOADED = "media_uploaded"
    """A file arrived whole, by URL or with a call: the keys of `media` above."""
    PAGE_EVENT = "page_event"
    """Something happened to the page or its threads that no person did: `event` (the kind) and `item`."""
    MEDIA_SERVED = "media_served"
    """Somebody fetched media: `asset`, `status` (null if none was sent), `sent_bytes`, `complete`, `has_credential`."""
    THREAD_CONTROL = "thread_control"
    """A thread changes hands, or an app asks for it: `how`, `app_id` (null: it is idle now)."""
    CLOCK_ADVANCED = "clock_advanced"
    FAULT_SCRIPTED = "fault_scripted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the journal. `seq` starts at 1 and rises by 1, also over a restart with the same file."""

    seq: int
    at_ms: int
    kind: EntryKind
    page_id: str | None = None
    psid: str | None = None
    mid: str | None = None
    details: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "at_ms": self.at_ms,
            "kind": self.kind.value,
            "page_id": self.page_id,
            "psid": self.psid,
            "mid": self.mid,
            "details": dict(self.details),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(**{**value, "kind": EntryKind(value["kind"]), "details": MappingProxyType(value["details"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Chooses entries; None chooses all. `after` is a sequence number, exclusive."""

    after: int = 0
    kind: EntryKind | None = None
    page_id: str | None = None
    psid: str | None = None

    def chooses(self, entry: Entry) -> bool:
        return (
            entry.seq > self.after
            and self.kind in {None, entry.kind}
            and self.page_id in {None, entry.page_id}
            and self.psid in {None, entry.psid}
        )


ALL = Filter()


class Journal:
    """Written by the sandbox only; read by anyone, at any time."""

    def __init__(self, clock: Clock, file: Path | None = None, *, kept: int | None = None) -> None:
        """`kept` bounds the entries in memory to the newest so many; None keeps all. The file always has all."""
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._last_seq = _last_seq(file) if file is not None else 0
        self._file: IO[bytes] | None = file.open("ab", buffering=0) if file is not None else None
        self._grown = asyncio.Event()

    def record(
        self,
        kind: EntryKind,
        *,
        page_id: str | None = None,
        psid: str | None = None,
        mid: str | None = None,
        **details: Any,
    ) -> Entry:
        """Appends an entry; the details must be JSON values and hold nothing secret."""
        self._last_seq += 1
        entry = Entry(
            seq=self._last_seq,
            at_ms=self._clock(),
            kind=kind,
            page_id=page_id,
            psid=psid,
            mid=mid,
            details=MappingProxyType(details),
        )
        self._entries.append(entry)
        if self._file is not None:
            self._file.write(orjson.dumps(entry.as_json()) + b"\n")
        self._grown.set()
        return entry

    def entries(self, chosen: Filter = ALL) -> tuple[Entry, ...]:
        fresh = min(len(self._entries), max(0, self._last_seq - chosen.after))
        newest_first = islice(reversed(self._entries), fresh)
        return tuple(entry for entry in newest_first if chosen.chooses(entry))[::-1]

    @property
    def last_seq(self) -> int:
        return self._last_seq

    def seen_by(self, psid: str) -> tuple[str, ...]:
        """What this customer saw from the page, in order: texts as they are, other content as `[image]` and so on."""
        return seen_by(self._entries, psid)

    async def wait_for(self, matches: Callable[[Entry], bool], *, after: int = 0, timeout_s: float = 10) -> Entry:
        """Returns the first entry after `after` that matches, now or to come; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                self._grown.clear()
                fresh = self.entries(Filter(after=after))
                found = next((entry for entry in fresh if matches(entry)), None)
                if found is not None:
                    return found
                after = max(after, self.last_seq)
                await self._grown.wait()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def seen_by(entries: Iterable[Entry], psid: str) -> tuple[str, ...]:
    """As `Journal.seen_by`, over entries from anywhere, for instance from `read_journal`."""
    taken = (entry for entry in entries if entry.kind is EntryKind.SEND_TAKEN and entry.psid == psid)
    return tuple(entry.details.get("text") or f"[{entry.details['content']}]" for entry in taken)


def read_journal(file: Path) -> tuple[Entry, ...]:
    """Reads a journal file, also while it is being written; a torn last line is left out."""
    lines = file.read_bytes().split(b"\n")[:-1]
    return tuple(Entry.from_json(orjson.loads(line)) for line in lines if line)


def _last_seq(file: Path) -> int:
    """Finds the last number of an existing file, and cuts off a line that a kill left torn."""
    if not file.exists():
        return 0
    whole = file.read_bytes().rfind(b"\n") + 1
    os.truncate(file, whole)
    return max((entry.seq for entry in read_journal(file)), default=0)
