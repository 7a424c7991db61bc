"""Changes of outbound messages: read under their locks, changed by one rule, and written together with their history.

Whoever changes a message, be it an answer, an echo, a take-over or the end of its time, does it here. So what comes
together leaves one truth, in whichever order it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from facebook_connector.sending.settlement import message_outcome
from facebook_connector.sending.values import (
    Failure,
    MessageKey,
    MessageState,
    OutboundStatus,
    PartState,
    PartStatus,
    SendWarning,
)
from facebook_connector.store.batch import Row
from facebook_connector.store.database import Transaction
from facebook_connector.store.errors import StoreError
from facebook_connector.store.log.ingest_statements import ADD_MIDS
from facebook_connector.store.outbound import statements as sql
from facebook_connector.store.outbound.rows import failure_text, warnings_text
from facebook_connector.store.outbound.status import locked_statuses

OUT = "OUT"
"""`mid.direction` of what we sent."""

GIVEN_UP = frozenset({MessageState.FAILED, MessageState.UNCERTAIN})
"""States in which a closed message has a failure."""

_Past: TypeAlias = tuple[str, str, int | None, int, str, str]
"""A row of the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChange:
    """A change of one part, already found to be allowed to whoever asks for it."""

    index: int
    now_ms: int
    state: PartState
    detail: str
    """For the history."""
    mid: str = ""
    """Empty: as before."""
    attempts: int | None = None
    """None: as before."""
    retry_at_ms: int = 0
    failure: Failure | None = None
    """Set with FAILED."""
    warnings: tuple[SendWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlace:
    """A place at the end of a lane, taken under the ordering key's row lock."""

    lane_position: int
    expire_time_ms: int


class LockedMessages:
    """Messages under their row locks, as they are and as they become. Nothing is written before `save`."""

    def __init__(self, transaction: Transaction, keys: Iterable[MessageKey]) -> None:
        self._transaction = transaction
        self._before = {_key_of(status): status for status in locked_statuses(transaction, set(keys))}
        self._now = dict(self._before)
        self._changes: list[tuple[MessageKey, PartChange]] = []
        self._past: list[_Past] = []
        self._places: dict[MessageKey, LanePlace] = {}

    def __iter__(self) -> Iterator[MessageKey]:
        return iter(self._now)

    def __getitem__(self, key: MessageKey) -> OutboundStatus:
        """The message as it stands with the changes made so far. Raises `StoreError` if there is none."""
        try:
            return self._now[key]
        except KeyError:
            raise StoreError(f"page {key.page_id} has no message of this id that can change") from None

    def part(self, key: MessageKey, index: int) -> PartStatus:
        """One part of a message. Raises `StoreError` if there is none."""
        for part in self[key].parts:
            if part.index == index:
                return part
        raise StoreError(f"a message of page {key.page_id} has no part {index}")

    def change_part(self, key: MessageKey, change: PartChange) -> None:
        """Changes a part, and the message to what its parts make it then."""
        self._now[key] = _after(self[key], change)
        self._changes.append((key, change))
        self._past.append((key.page_id, key.cim_id, change.index, change.now_ms, change.state.value, change.detail))

    def add_warnings(self, key: MessageKey, warnings: Sequence[SendWarning]) -> None:
        """Adds those that the message does not have yet."""
        self._now[key] = replace(self[key], warnings=_merged(self[key].warnings, warnings))

    def close(self, key: MessageKey, failure: Failure, now_ms: int) -> None:
        """Ends an open message: UNCERTAIN for good if a part is, else FAILED."""
        state = message_outcome([part.state for part in self[key].parts], was_open=False).state
        self._now[key] = replace(self[key], state=state, open=False, failure=failure, update_time_ms=now_ms)
        self._past.append((key.page_id, key.cim_id, None, now_ms, state.value, failure.detail))

    def reopen(self, key: MessageKey, place: LanePlace, now_ms: int, detail: str) -> None:
        """Queues a message again; it may have ended. What of it was sent stays sent."""
        state = message_outcome([part.state for part in self[key].parts], was_open=True).state
        self._now[key] = replace(
            self[key],
            state=state,
            open=True,
            failure=None,
            expire_time_ms=place.expire_time_ms,
            update_time_ms=now_ms,
        )
        self._places[key] = place
        self._past.append((key.page_id, key.cim_id, None, now_ms, state.value, detail))

    def save(self) -> None:
        """Writes all changes. Of what was given up the contact centre will be notified."""
        # Of several changes of a part the last: a statement changes each row once.
        parts = {(key, change.index): self._part_row(key, change) for key, change in self._changes}
        messages = [
            _message_row(status)
            for key, status in self._now.items()
            if key not in self._places and _differs(status, self._before[key])
        ]
        mids = [(key.page_id, change.mid, change.index, key.cim_id, OUT) for key, change in self._changes if change.mid]
        if parts:
            sql.CHANGE_PARTS.execute(self._transaction, parts.values())
        if messages:
            sql.CHANGE_MESSAGES.execute(self._transaction, messages)
        if self._places:
            reopened = [_reopened_row(self._now[key], place) for key, place in self._places.items()]
            sql.REOPEN_MESSAGES.execute(self._transaction, reopened)
        if self._past:
            sql.ADD_HISTORY.execute(self._transaction, self._past)
        note_given_up(self._transaction, (status for key, status in self._now.items() if self._before[key].open))
        if mids:
            ADD_MIDS.execute(self._transaction, mids, now_ms=max(change.now_ms for _, change in self._changes))

    def _part_row(self, key: MessageKey, change: PartChange) -> Row:
        mid = self.part(key, change.index).mid
        place = (key.page_id, key.cim_id, change.index)
        return (*place, change.state.value, change.now_ms, mid, change.attempts, change.retry_at_ms)


def note_given_up(transaction: Transaction, statuses: Iterable[OutboundStatus]) -> None:
    """Asks for a notification of each that has ended without success; to be called as it ends."""
    news = [
        (status.page_id, status.cim_id, status.update_time_ms, status.failure.reason, status.failure.detail)
        for status in statuses
        if not status.open and status.failure is not None
    ]
    if news:
        sql.ADD_NEWS.execute(transaction, news)


def _key_of(status: OutboundStatus) -> MessageKey:
    """What names the message."""
    return MessageKey(page_id=status.page_id, cim_id=status.cim_id)


def _after(status: OutboundStatus, change: PartChange) -> OutboundStatus:
    """The message after a change of one of its parts."""
    parts = tuple(_changed(part, change) if part.index == change.index else part for part in status.parts)
    outcome = message_outcome([part.state for part in parts], was_open=status.open)
    same = (outcome.state, outcome.open) == (status.state, status.open)
    return replace(
        status,
        state=outcome.state,
        open=outcome.open,
        update_time_ms=status.update_time_ms if same else change.now_ms,
        parts=parts,
        warnings=_merged(status.warnings, change.warnings),
        # A proof that the part was taken clears the failure, unless the message has failed all the same.
        failure=(change.failure or status.failure) if outcome.state in GIVEN_UP else None,
    )


def _changed(part: PartStatus, change: PartChange) -> PartStatus:
    return replace(part, state=change.state, update_time_ms=change.now_ms, mid=change.mid or part.mid)


def _merged(known: Sequence[SendWarning], added: Sequence[SendWarning]) -> tuple[SendWarning, ...]:
    return tuple(dict.fromkeys((*known, *added)))


def _differs(status: OutboundStatus, before: OutboundStatus) -> bool:
    return replace(status, parts=()) != replace(before, parts=())


def _message_row(status: OutboundStatus) -> Row:
    return (
        status.page_id,
        status.cim_id,
        status.state.value,
        status.update_time_ms,
        # Kept only where the message was still open.
        None if status.open else status.update_time_ms,
        warnings_text(status.warnings),
        None if status.failure is None else status.failure.reason,
        failure_text(status.failure),
    )


def _reopened_row(status: OutboundStatus, place: LanePlace) -> Row:
    return (
        status.page_id,
        status.cim_id,
        status.state.value,
        status.update_time_ms,
        place.lane_position,
        place.expire_time_ms,
        warnings_text(status.warnings),
    )
