"""Finds the messages that new events are about, and decides which events wait for theirs.

A message is known by its Messenger id once it is stored, or stands earlier in the batch. What is about an unknown one
waits: it is stored, has its event number and counts for the window, but gets no sequence number yet. It gets one when
its target is stored or its time is over, in whichever transaction that is; see `release`.

So the order of a conversation is what it always is, the order in which numbers are taken under the key's lock. Nothing
is inserted between numbers, nothing that follows waits, and what comes later than its time is marked late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from facebook_connector.delivery.references import about, offers, quoting, takes_back
from facebook_connector.delivery.values import EventRecord, MediaRecord, MessageRecord, RefsRecord
from facebook_connector.store.database import Transaction
from facebook_connector.store.log import reference_statements as sql
from facebook_connector.store.log.echoes import EventName, OwnEcho
from facebook_connector.store.log.numbering import PlannedEvent, Wait

WAIT_MS = 30_000
"""How long an event waits for the message it is about, and an echo for the answer to a send in flight."""

NOTHING = RefsRecord()

Mid = tuple[str, str]
"""Page and Messenger id."""


@dataclass(slots=True)
class _Known:
    """What the database and the batch so far say about the references of the batch."""

    cim_ids: dict[Mid, list[str]] = field(default_factory=dict)
    edits: dict[Mid, int] = field(default_factory=dict)
    app_ids: dict[str, str] = field(default_factory=dict)
    buttons: dict[tuple[str, str], list[tuple[str, bytes]]] = field(default_factory=dict)
    """By page and PSID: the messages sent lately, newest first."""

    def add(self, event: EventRecord, messages: Sequence[MessageRecord]) -> None:
        if event.mid and messages:
            self.cim_ids.setdefault((event.page_id, event.mid), [message.cim_id for message in messages])

    def button(self, event: EventRecord, payload: str) -> str | None:
        sent = self.buttons.get((event.page_id, event.psid), ()) if payload else ()
        return next((cim_id for cim_id, message in sent if offers(message, payload)), None)


def plan(
    transaction: Transaction, events: Sequence[EventRecord], own: Mapping[EventName, OwnEcho], now_ms: int
) -> list[PlannedEvent]:
    """The new events as they will be stored, in their order, with their references resolved or waiting."""
    known = _look_up(transaction, [event for event in events if (event.page_id, event.dedupe_key) not in own], now_ms)
    # Nobody but a later event of the batch asks for an earlier one.
    refer = any(event.refs is not None for event in events)
    planned = []
    for event in events:
        is_own = (event.page_id, event.dedupe_key) in own
        one = _planned(event, now_ms, is_own=is_own)
        if not is_own:
            one = _resolved(one, known, now_ms)
        if refer:
            known.add(event, one.messages)
        planned.append(one)
    return planned


def cim_ids(transaction: Transaction, mids: Collection[Mid]) -> dict[Mid, list[str]]:
    """The CIM ids behind Messenger ids, each once, in the order of their parts."""
    found: dict[Mid, list[str]] = {}
    for page_id, mid, _, cim_id, _ in sorted(map(tuple, sql.CIM_IDS.fetch(transaction, mids) if mids else ())):
        ids = found.setdefault((page_id, mid), [])
        if cim_id not in ids:
            ids.append(cim_id)
    return found


def highest_edits(transaction: Transaction, mids: Collection[Mid]) -> dict[Mid, int]:
    """The highest number of an edit of each of these messages."""
    return {(row[0], row[1]): row[2] for row in sql.HIGHEST_EDITS.fetch(transaction, mids)} if mids else {}


def note_waiting(transaction: Transaction, events: Iterable[tuple[int, int, PlannedEvent]]) -> None:
    """Keeps what the events that wait will be delivered as; each with its key and event number."""
    waiting = [(key_id, number, event, event.wait) for key_id, number, event in events if event.wait is not None]
    if not waiting:
        return
    sql.ADD_WAITING.execute(
        transaction,
        [
            (
                key_id,
                number,
                event.record.page_id,
                event.record.psid,
                wait.mid,
                wait.due_ms,
                wait.is_echo,
                event.record.refs.edit_number if event.record.refs else None,
            )
            for key_id, number, event, wait in waiting
        ],
    )
    held = [
        (key_id, number, part, message.cim_id, message.message, message.context, _media_text(message.media))
        for key_id, number, _, wait in waiting
        for part, message in enumerate(wait.messages)
    ]
    if held:
        sql.ADD_HELD.execute(transaction, held)


def read_media(text: str | None) -> MediaRecord | None:
    """The medium of a message that waited."""
    if text is None:
        return None
    media_id, kind, source_url, name = orjson.loads(text)
    return MediaRecord(media_id=media_id, kind=kind, source_url=source_url, name=name)


def _media_text(media: MediaRecord | None) -> str | None:
    if media is None:
        return None
    return orjson.dumps([media.media_id, media.kind, media.source_url, media.name]).decode()


def _look_up(transaction: Transaction, events: Iterable[EventRecord], now_ms: int) -> _Known:
    known = _Known()
    events = list(events)
    with_refs = [(event, event.refs) for event in events if event.refs is not None]
    if with_refs:
        mids = {(event.page_id, mid) for event, refs in with_refs for mid in (refs.reply_to_mid, refs.target_mid)}
        known.cim_ids = cim_ids(transaction, {mid for mid in mids if mid[1]})
        known.edits = _raise_edits(transaction, with_refs, now_ms)
        known.buttons = _sent_lately(transaction, {(e.page_id, e.psid) for e, refs in with_refs if refs.payload})
    pages = {(event.page_id,) for event in events if event.echo is not None and event.echo.app_id}
    if pages:
        known.app_ids = dict(map(tuple, sql.APP_IDS.fetch(transaction, pages)))
    return known


def _raise_edits(
    transaction: Transaction, events: Iterable[tuple[EventRecord, RefsRecord]], now_ms: int
) -> dict[Mid, int]:
    numbers: dict[Mid, int] = {}
    for event, refs in events:
        if refs.target_mid and refs.edit_number is not None:
            mid = (event.page_id, refs.target_mid)
            numbers[mid] = max(numbers.get(mid, 0), refs.edit_number)
    if not numbers:
        return {}
    sql.RAISE_EDITS.execute(transaction, [(*mid, number) for mid, number in numbers.items()], now_ms=now_ms)
    return highest_edits(transaction, numbers)


def _sent_lately(
    transaction: Transaction, persons: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[tuple[str, bytes]]]:
    found: dict[tuple[str, str], list[tuple[str, bytes]]] = {}
    rows = sql.SENT_LATELY.fetch(transaction, persons) if persons else []
    for page_id, psid, _, cim_id, message in sorted(map(tuple, rows), key=lambda row: row[2], reverse=True):
        found.setdefault((page_id, psid), []).append((cim_id, message))
    return found


def _planned(event: EventRecord, now_ms: int, *, is_own: bool) -> PlannedEvent:
    """What is stored of an event: of our own echo no message; a foreign one is a kind of its own."""
    foreign = event.kind == inbound_pb2.EVENT_KIND_ECHO and not is_own
    return PlannedEvent(
        record=event,
        kind=inbound_pb2.EVENT_KIND_FOREIGN_ECHO if foreign else event.kind,
        messages=() if is_own else event.messages,
        # A time ahead of our clock would make everything after it late, and keep a window open too long.
        time_ms=now_ms if event.event_time_ms is None else min(event.event_time_ms, now_ms),
        opens_window=event.opens_window and event.source == inbound_event_pb2.INGEST_SOURCE_LIVE,
    )


def _resolved(planned: PlannedEvent, known: _Known, now_ms: int) -> PlannedEvent:
    event, refs = planned.record, planned.record.refs or NOTHING
    if not planned.messages:
        return planned
    if refs.target_mid:
        return _targeted(planned, known, refs, now_ms)
    messages = _quoting(event, refs, known)
    if messages is not planned.messages:
        planned = replace(planned, messages=messages)
    echo = event.echo
    if echo is not None and echo.mid and echo.app_id and echo.app_id == known.app_ids.get(event.page_id):
        return _waiting(planned, echo.mid, now_ms, is_echo=True)
    return planned


def _targeted(planned: PlannedEvent, known: _Known, refs: RefsRecord, now_ms: int) -> PlannedEvent:
    event, target = planned.record, (planned.record.page_id, refs.target_mid)
    if refs.edit_number is not None and refs.edit_number < known.edits.get(target, 0):
        return replace(planned, messages=())
    ids = known.cim_ids.get(target)
    if ids is None:
        return _waiting(planned, refs.target_mid, now_ms, is_echo=False)
    (record,) = planned.messages[:1]
    messages = about(record, ids, page_id=event.page_id, dedupe_key=event.dedupe_key)
    return replace(planned, messages=messages, forgets=tuple(ids) if takes_back(record) else ())


def _quoting(event: EventRecord, refs: RefsRecord, known: _Known) -> tuple[MessageRecord, ...]:
    if not (refs.reply_to_mid or refs.payload):
        return event.messages
    first, *others = event.messages
    named = known.cim_ids.get((event.page_id, refs.reply_to_mid))
    quoted = named[0] if named else known.button(event, refs.payload)
    if quoted is None and not refs.reply_to_mid:
        return event.messages
    return (quoting(first, quoted, by_mid=bool(named)), *others)


def _waiting(planned: PlannedEvent, mid: str, now_ms: int, *, is_echo: bool) -> PlannedEvent:
    wait = Wait(mid=mid, due_ms=now_ms + WAIT_MS, messages=planned.messages, is_echo=is_echo)
    # Until it is settled an echo may still be our own.
    return replace(planned, kind=planned.record.kind, messages=(), wait=wait)
