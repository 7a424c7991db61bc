"""Settles what waits for a message: it has come, or will not be waited for any longer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from facebook_connector.delivery.references import about, of_same_app, takes_back
from facebook_connector.delivery.values import EventRecord, MessageRecord
from facebook_connector.store.database import Transaction
from facebook_connector.store.log import reference_statements as sql
from facebook_connector.store.log.echoes import OwnEcho
from facebook_connector.store.log.numbering import Addition
from facebook_connector.store.log.references import Mid, cim_ids, highest_edits, read_media

Place = tuple[int, int]
"""A key and an event number."""


class WaitingEvent(NamedTuple):
    """An event that waits, with what is stored of it."""

    key_id: int
    event_number: int
    page_id: str
    psid: str
    wait_mid: str
    due_ms: int
    is_echo: bool
    edit_number: int | None
    kind: int
    mid: str
    dedupe_key: str
    event_time_ms: int
    translator_version: int

    @property
    def place(self) -> Place:
        return self.key_id, self.event_number

    @property
    def target(self) -> Mid:
        return self.page_id, self.wait_mid


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What became of events that waited."""

    additions: tuple[Addition, ...] = ()
    own: tuple[OwnEcho, ...] = ()
    own_keys: tuple[int, ...] = ()
    """The keys of `own`."""


def release(transaction: Transaction, rows: Iterable[Sequence[object]], now_ms: int) -> Released:
    """Settles those of the events that can be settled; their keys are locked. The others go on waiting."""
    waiting = sorted(WaitingEvent._make(row) for row in rows)
    ids = cim_ids(transaction, {event.target for event in waiting if not event.is_echo})
    parts = _own_parts(transaction, {event.target for event in waiting if event.is_echo})
    settled = [
        event
        for event in waiting
        if event.due_ms <= now_ms or (event.target in parts if event.is_echo else event.target in ids)
    ]
    if not settled:
        return Released()
    held = _held(transaction, [event.place for event in settled])
    highest = highest_edits(transaction, {event.target for event in settled if event.edit_number is not None})
    sql.END_WAITING.execute(transaction, [event.place for event in settled])
    own = {event.place: _own(event, *parts[event.target]) for event in settled if event.target in parts}
    return Released(
        additions=tuple(
            replace(
                _addition(event, _messages(event, held[event.place], ids), now_ms),
                forgets=_taken_back(event, held[event.place], ids),
            )
            for event in settled
            if event.place not in own and not _is_outdated(event, highest)
        ),
        own=tuple(own.values()),
        own_keys=tuple(key_id for key_id, _ in own),
    )


def _is_outdated(event: WaitingEvent, highest: dict[Mid, int]) -> bool:
    """Whether a higher edit of the same message has come meanwhile."""
    return event.edit_number is not None and event.edit_number < highest.get(event.target, 0)


def _messages(
    event: WaitingEvent, held: Sequence[MessageRecord], ids: dict[Mid, list[str]]
) -> tuple[MessageRecord, ...]:
    if event.is_echo:
        return tuple(map(of_same_app, held))
    return about(held[0], ids.get(event.target, ()), page_id=event.page_id, dedupe_key=event.dedupe_key)


def _taken_back(event: WaitingEvent, held: Sequence[MessageRecord], ids: dict[Mid, list[str]]) -> tuple[str, ...]:
    return tuple(ids.get(event.target, ())) if not event.is_echo and takes_back(held[0]) else ()


def _own_parts(transaction: Transaction, mids: Collection[Mid]) -> dict[Mid, tuple[str, int]]:
    """The messages of ours, and their parts, behind Messenger ids."""
    found = sql.CIM_IDS.fetch(transaction, mids) if mids else []
    return {(page_id, mid): (cim_id, part) for page_id, mid, part, cim_id, direction in found if direction == "OUT"}


def _held(transaction: Transaction, places: Iterable[Place]) -> dict[Place, list[MessageRecord]]:
    found: dict[Place, list[MessageRecord]] = {}
    for row in sorted(map(tuple, sql.HELD.fetch(transaction, places)), key=lambda row: row[:3]):
        record = MessageRecord(cim_id=row[3], message=row[4], context=row[5], media=read_media(row[6]))
        found.setdefault((row[0], row[1]), []).append(record)
    return found


def _own(event: WaitingEvent, cim_id: str, part_index: int) -> OwnEcho:
    return OwnEcho(
        page_id=event.page_id,
        cim_id=cim_id,
        part_index=part_index,
        mid=event.mid,
        event_time_ms=event.event_time_ms,
    )


def _addition(event: WaitingEvent, messages: tuple[MessageRecord, ...], now_ms: int) -> Addition:
    foreign = event.kind == inbound_pb2.EVENT_KIND_ECHO
    record = EventRecord(
        page_id=event.page_id,
        psid=event.psid,
        kind=event.kind,
        dedupe_key=event.dedupe_key,
        mid=event.mid,
        event_time_ms=event.event_time_ms,
        opens_window=False,
        messages=messages,
        raw=b"",
        source=inbound_event_pb2.INGEST_SOURCE_LIVE,
        translator_version=event.translator_version,
    )
    return Addition(
        record=record,
        kind=inbound_pb2.EVENT_KIND_FOREIGN_ECHO if foreign else event.kind,
        messages=messages,
        time_ms=min(event.event_time_ms, now_ms),
        opens_window=False,
        event_number=event.event_number,
    )
