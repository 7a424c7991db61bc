"""Delivery and read receipts: which messages of ours they cover, and the notifications that tell it.

A receipt moves the *mark* of its conversation, the highest watermark, and parks the Messenger ids it names. What a mark
or a parked id covers changes its state, under its row lock and only forward: that makes one notification per message
and status, whichever receipt comes first and however often. A part that is confirmed after its receipt leaves a *check*
for the next `settle_due`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from facebook_connector.delivery.notifications import NotificationSender, Reached, notification
from facebook_connector.delivery.values import EventRecord
from facebook_connector.sending.settlement import may_become
from facebook_connector.sending.values import MessageKey, MessageState, PartState
from facebook_connector.store.database import Transaction
from facebook_connector.store.log import receipt_statements as sql
from facebook_connector.store.log.numbering import Addition, NumberedEvent
from facebook_connector.store.outbound.changes import LockedMessages, PartChange

PARKED_MS = 600_000
"""How long a receipt waits for what it covers to be confirmed."""

COVERED = {"DELIVERED": "Facebook says it was delivered", "READ": "Facebook says it was read"}

NEWS = frozenset({MessageState.DELIVERED, MessageState.READ})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Covered:
    """A part that a receipt covers."""

    key_id: int
    lane_position: int
    message: MessageKey
    index: int
    status: str
    event_number: int


def note_receipts(transaction: Transaction, events: Iterable[NumberedEvent], now_ms: int) -> None:
    """Keeps what the receipts among these events say; their keys are locked."""
    marks: dict[tuple[int, str], tuple[int, int]] = {}
    parked: dict[tuple[int, str], tuple[str, int]] = {}
    for event in events:
        refs = event.record.refs
        if refs is None:
            continue
        for status, watermark_ms in (("DELIVERED", refs.delivered_ms), ("READ", refs.read_ms)):
            place = (event.key_id, status)
            if watermark_ms is not None and watermark_ms > marks.get(place, (-1, 0))[0]:
                marks[place] = (watermark_ms, event.event_number)
        for mid in refs.delivered_mids:
            parked.setdefault((event.key_id, mid), (event.record.page_id, event.event_number))
    if marks:
        sql.RAISE_MARKS.execute(transaction, [(*place, *mark) for place, mark in marks.items()], now_ms=now_ms)
    if parked:
        rows = [(*place, *what, now_ms + PARKED_MS) for place, what in parked.items()]
        sql.PARK.execute(transaction, rows)


def cover(
    transaction: Transaction, key_ids: Collection[int], sender: NotificationSender, now_ms: int
) -> tuple[Addition, ...]:
    """Applies marks and parked ids to the messages of conversations; returns the notifications to be delivered."""
    covered = _covered(transaction, key_ids, now_ms)
    if not covered:
        return ()
    messages = LockedMessages(transaction, {part.message for part in covered})
    present = set(messages)
    before = {key: messages[key].state for key in present}
    for part in covered:
        # Looked at again under the lock: something else may have moved it meanwhile.
        if part.message in present and may_become(
            messages.part(part.message, part.index).state, PartState(part.status)
        ):
            messages.change_part(part.message, _change(part, now_ms))
    messages.save()
    changed = {
        part.message: part
        for part in covered
        if part.message in present
        and messages[part.message].state in NEWS
        and messages[part.message].state != before[part.message]
    }
    return _additions(transaction, messages, list(changed.values()), sender, now_ms)


def note_confirmed(transaction: Transaction, keys: Iterable[MessageKey], now_ms: int) -> None:
    """Asks for a check where an earlier receipt may cover what of these messages was just confirmed."""
    rows = {(key.page_id, key.cim_id) for key in keys}
    sql.NOTE_CONFIRMED.execute(transaction, rows, since_ms=now_ms - PARKED_MS)


def receipt_checks(transaction: Transaction) -> dict[int, tuple[str, str]]:
    """The conversations to be checked, with page and PSID; they are asked for no longer."""
    found = sql.CHECKS.fetch(transaction)
    if found:
        sql.END_CHECKS.execute(transaction, [(row[0],) for row in found])
    return {key_id: (page_id, psid) for _, key_id, page_id, psid in found}


def forget_parked(transaction: Transaction, now_ms: int) -> None:
    """Gives up Messenger ids that nobody knew in time: another app's messages."""
    transaction.execute(sql.FORGET_PARKED, {"now_ms": now_ms})


def _covered(transaction: Transaction, key_ids: Collection[int], now_ms: int) -> list[_Covered]:
    """What is covered, in the order of sending; of each part the best news only."""
    keys = [(key_id,) for key_id in key_ids]
    by_mid = sql.COVERED_BY_MID.fetch(transaction, keys)
    if by_mid:
        sql.UNPARK.execute(transaction, {(row[0], row[7]) for row in by_mid})
    by_mark = sql.COVERED_BY_MARK.fetch(transaction, keys, since_ms=now_ms - PARKED_MS)
    found: dict[tuple[int, int, str, str, int], tuple[str, int]] = {}
    for key_id, position, page_id, cim_id, index, status, event_number, *_ in sorted(
        map(tuple, [*(row[:7] for row in by_mid), *by_mark]), key=lambda row: row[5]
    ):
        found[key_id, position, page_id, cim_id, index] = (status, event_number)
    return [
        _Covered(
            key_id=place[0],
            lane_position=place[1],
            message=MessageKey(page_id=place[2], cim_id=place[3]),
            index=place[4],
            status=status,
            event_number=event_number,
        )
        for place, (status, event_number) in sorted(found.items())
    ]


def _change(part: _Covered, now_ms: int) -> PartChange:
    return PartChange(index=part.index, now_ms=now_ms, state=PartState(part.status), detail=COVERED[part.status])


def _additions(
    transaction: Transaction,
    messages: LockedMessages,
    changed: Collection[_Covered],
    sender: NotificationSender,
    now_ms: int,
) -> tuple[Addition, ...]:
    """One event's notifications together, in the order of sending."""
    places = {(part.key_id, part.event_number) for part in changed}
    rows = {(row[0], row[1]): row for row in sql.EVENTS.fetch(transaction, places)} if places else {}
    additions: dict[tuple[int, int], list[_Covered]] = {}
    for part in sorted(changed, key=lambda part: (part.key_id, part.event_number, part.lane_position)):
        additions.setdefault((part.key_id, part.event_number), []).append(part)
    return tuple(_addition(messages, parts, rows[place], sender, now_ms) for place, parts in additions.items())


def _addition(
    messages: LockedMessages, parts: Iterable[_Covered], row: Sequence[Any], sender: NotificationSender, now_ms: int
) -> Addition:
    _, event_number, page_id, psid, dedupe_key, event_time_ms, translator_version = row
    told = tuple(
        notification(
            Reached(
                page_id=page_id,
                psid=psid,
                cim_id=part.message.cim_id,
                status=messages[part.message].state.value,
                time_ms=event_time_ms,
            ),
            sender,
        )
        for part in parts
    )
    record = EventRecord(
        page_id=page_id,
        psid=psid,
        kind=inbound_pb2.EVENT_KIND_RECEIPT,
        dedupe_key=dedupe_key,
        mid="",
        event_time_ms=event_time_ms,
        opens_window=False,
        messages=told,
        raw=b"",
        source=inbound_event_pb2.INGEST_SOURCE_LIVE,
        translator_version=translator_version,
    )
    return Addition(
        record=record,
        kind=inbound_pb2.EVENT_KIND_RECEIPT,
        messages=told,
        time_ms=min(event_time_ms, now_ms),
        opens_window=False,
        event_number=event_number,
    )
