"""Numbers for new events: which conversation each belongs to, its place there, and whether it comes late.

Pure but for the last numbers taken, which come from the locked rows of the ordering keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from facebook_connector.delivery.values import EventRecord, MessageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why an event has no messages yet, and which it will have."""

    mid: str
    """The Messenger id that it waits for."""
    due_ms: int
    """It waits no longer than until then."""
    messages: tuple[MessageRecord, ...]
    is_echo: bool
    """It may be the echo of a send of ours that is in flight; else it is about a message not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """A new event as it will be stored, still without its numbers."""

    record: EventRecord
    kind: int
    messages: tuple[MessageRecord, ...]
    time_ms: int
    """Facebook's time, or ours; never ahead of ours."""
    opens_window: bool
    wait: Wait | None = None
    """Set when its messages come later; it has none then."""
    forgets: tuple[str, ...] = ()
    """CIM ids of messages that their author took back: what is kept of their media is deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition(PlannedEvent):
    """Messages for an event that is stored already: it waited, or it is a receipt."""

    event_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedEvent(PlannedEvent):
    """A new event with its place in its conversation."""

    key_id: int
    event_number: int
    first_seq: int
    """The number of its first message; without messages, of the next one to come."""
    late: bool
    known: bytes
    """What is known of the conversation, to be appended to the contexts of its messages."""


@dataclass(slots=True, kw_only=True)
class Conversation:
    """The new events of one ordering key."""

    page_id: str
    psid: str
    planned: list[PlannedEvent] = field(default_factory=list)
    key_id: int = 0
    seq_before: int = 0
    """The last sequence number before these events."""
    events: list[NumberedEvent] = field(default_factory=list)
    waits_until_ms: int | None = None
    """Until when what the person says is held back for their names."""

    def demand(self) -> tuple[str, str, int, int, int | None, int | None]:
        """What to take from the key's row: numbers for messages and events; and how far its clocks move."""
        # Only what is delivered can come late, and only what is delivered can make another event late.
        said = [event.time_ms for event in self.planned if event.messages]
        opening = [event.time_ms for event in self.planned if event.opens_window]
        return (
            self.page_id,
            self.psid,
            self._new_messages(),
            self._new_events(),
            max(said, default=None),
            max(opening, default=None),
        )

    def number(
        self, key_id: int, last_seq: int, last_event_number: int, newest_ms: int | None, known: bytes = b""
    ) -> None:
        """Gives the events their numbers, of which these are the last, taken for all of them together.

        `newest_ms` is the newest event time stored before them; see `NumberedEvent.known`.
        """
        self.key_id = key_id
        self.seq_before = last_seq - self._new_messages()
        next_number, seq = last_event_number - self._new_events() + 1, self.seq_before
        for event in self.planned:
            if isinstance(event, Addition):
                number = event.event_number
            else:
                number, next_number = next_number, next_number + 1
            late = bool(event.messages) and newest_ms is not None and event.time_ms < newest_ms
            self.events.append(self._numbered(event, event_number=number, first_seq=seq + 1, late=late, known=known))
            seq += len(event.messages)
            if event.messages:
                newest_ms = event.time_ms if newest_ms is None else max(newest_ms, event.time_ms)

    def _numbered(
        self, event: PlannedEvent, *, event_number: int, first_seq: int, late: bool, known: bytes
    ) -> NumberedEvent:
        return NumberedEvent(
            record=event.record,
            kind=event.kind,
            messages=event.messages,
            time_ms=event.time_ms,
            opens_window=event.opens_window,
            wait=event.wait,
            forgets=event.forgets,
            key_id=self.key_id,
            event_number=event_number,
            first_seq=first_seq,
            late=late,
            known=known,
        )

    def _new_messages(self) -> int:
        return sum([len(event.messages) for event in self.planned])

    def _new_events(self) -> int:
        return sum([not isinstance(event, Addition) for event in self.planned])


def conversations(events: Iterable[PlannedEvent]) -> list[Conversation]:
    """The events by ordering key, in their order within each."""
    by_key: dict[tuple[str, str], Conversation] = {}
    for event in events:
        name = (event.record.page_id, event.record.psid)
        if name not in by_key:
            by_key[name] = Conversation(page_id=event.record.page_id, psid=event.record.psid)
        by_key[name].planned.append(event)
    return list(by_key.values())
