"""Echoes of our own sends: how they are recognised in a batch of new events.

Facebook repeats every message of a page as an event. One that carries the metadata of this installation, or whose
Messenger id belongs to a message we sent, is ours: that part was taken, whatever became of the answer to our call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from facebook_connector.delivery.values import EventRecord
from facebook_connector.sending import metadata
from facebook_connector.store.database import Transaction
from facebook_connector.store.installation import installation_id
from facebook_connector.store.log import ingest_statements as sql

EventName = tuple[str, str]
"""Page and de-duplication key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEcho:
    """The part of ours that an event proves to be taken."""

    page_id: str
    cim_id: str
    part_index: int
    mid: str
    event_time_ms: int | None


def own_echoes(transaction: Transaction, events: Iterable[EventRecord]) -> Mapping[EventName, OwnEcho]:
    """The events among these that are echoes of our own sends."""
    echoes = [event for event in events if event.echo is not None]
    if not echoes:
        return {}
    by_metadata = _by_metadata(transaction, echoes)
    rest = [event for event in echoes if _name(event) not in by_metadata]
    return {**by_metadata, **_by_mid(transaction, rest)}


def _by_metadata(transaction: Transaction, events: Iterable[EventRecord]) -> dict[EventName, OwnEcho]:
    named = [(event, part) for event in events if event.echo and (part := metadata.read(event.echo.metadata))]
    if not named:
        return {}
    ours = installation_id(transaction)
    return {_name(event): _own(event, part.cim_id, part.part) for event, part in named if part.installation == ours}


def _by_mid(transaction: Transaction, events: Iterable[EventRecord]) -> dict[EventName, OwnEcho]:
    by_mid = {(event.page_id, event.echo.mid): event for event in events if event.echo and event.echo.mid}
    if not by_mid:
        return {}
    found = sql.OWN_MIDS.fetch(transaction, by_mid)
    return {
        _name(event): _own(event, cim_id, part)
        for page_id, mid, cim_id, part in found
        for event in (by_mid[page_id, mid],)
    }


def _name(event: EventRecord) -> EventName:
    return event.page_id, event.dedupe_key


def _own(event: EventRecord, cim_id: str, part_index: int) -> OwnEcho:
    assert event.echo is not None
    return OwnEcho(
        page_id=event.page_id,
        cim_id=cim_id,
        part_index=part_index,
        mid=event.echo.mid,
        event_time_ms=event.event_time_ms,
    )
