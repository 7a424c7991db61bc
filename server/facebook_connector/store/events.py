"""The writing side of the inbound log: one transaction that stores a batch of events, or nothing of it.

Everything that hangs on an event is decided here, under the locks that make it lasting: whether it is new, its number
in its conversation, whether it is the echo of our own send, and who gets it. Translation and delivery happen elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2, ingest_service_pb2
from facebook_connector.delivery.references import known_at_storing
from facebook_connector.delivery.values import (
    EventRecord,
    IngestOutcome,
    IngestReport,
    QuarantineRecord,
    Subscription,
)
from facebook_connector.sending.window import ANSWER_WINDOW_MS
from facebook_connector.store import ingest_statements as sql
from facebook_connector.store import reference_statements as references
from facebook_connector.store.batch import Row
from facebook_connector.store.confirmations import confirm_parts
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.echoes import EventName, OwnEcho, own_echoes
from facebook_connector.store.errors import Contended
from facebook_connector.store.holding import ask_for_profiles, holds_of
from facebook_connector.store.media import forget
from facebook_connector.store.notices import Topic, tell, tell_of
from facebook_connector.store.numbering import Addition, Conversation, NumberedEvent, conversations
from facebook_connector.store.receipts import cover, forget_parked, note_receipts, receipt_checks
from facebook_connector.store.references import note_waiting, plan
from facebook_connector.store.release import Released, release
from facebook_connector.store.subscriptions import readers_of_new_events
from facebook_connector.store.thread_owners import note_owners, thread_owners

AT_ONCE = 500
"""How many waiting events are settled in one transaction."""

UNKNOWN_PAGE = "UNKNOWN_PAGE"
NO_CHANNEL = "The page has no channel."

STORED = IngestOutcome(outcome=ingest_service_pb2.INGEST_OUTCOME_STORED)
DUPLICATE = IngestOutcome(outcome=ingest_service_pb2.INGEST_OUTCOME_DUPLICATE)

ORIGIN_OF_SOURCE: dict[int, int] = {
    inbound_event_pb2.INGEST_SOURCE_LIVE: inbound_pb2.DELIVERY_ORIGIN_LIVE,
    inbound_event_pb2.INGEST_SOURCE_BACKFILL: inbound_pb2.DELIVERY_ORIGIN_BACKFILL,
}


class EventStore:
    """Appends to the inbound log. With `profiles` it also asks for the profiles of the people who write."""

    def __init__(self, database: Database, *, profiles: bool = False) -> None:
        self._database = database
        self._profiles = profiles

    async def ingest(self, items: Sequence[EventRecord | QuarantineRecord], now_ms: int) -> IngestReport:
        """Stores all items in one transaction, or none; returns after the commit.

        Order within a conversation is the order of `items`. An event that is stored already, or stands earlier in
        `items`, is a DUPLICATE and changes nothing. An event of a page without a channel is quarantined as
        UNKNOWN_PAGE. The echo of our own send confirms that part and is not delivered.
        Raises `RowRefused` when the database refuses a value of one of the items: split the batch to find it.
        """
        batch = tuple(items)
        return await self._database.write(
            lambda transaction: ingest(transaction, batch, now_ms, profiles=self._profiles)
        )

    async def settle_due(self, now_ms: int) -> frozenset[int]:
        """Settles what has waited long enough, or whose message has come; returns the subscriptions that get something.

        Call it every second. Several servers may: each event is settled once.
        """
        return await self._database.write(
            lambda transaction: _Ingest(transaction, now_ms, profiles=self._profiles).settle_due()
        )


def ingest(
    transaction: Transaction, items: Sequence[EventRecord | QuarantineRecord], now_ms: int, *, profiles: bool = False
) -> IngestReport:
    """See `EventStore.ingest`."""
    return _Ingest(transaction, now_ms, profiles=profiles).store(items)


class _Ingest:
    """One batch under way in its transaction. The order of the steps is the order of the locks; see `schema`."""

    def __init__(self, transaction: Transaction, now_ms: int, *, profiles: bool) -> None:
        self._transaction = transaction
        self._now_ms = now_ms
        self._profiles = profiles
        self._wants_profiles = False
        self._held_until: dict[tuple[int, int], int] = {}
        """By key and sequence number."""

    def store(self, items: Sequence[EventRecord | QuarantineRecord]) -> IngestReport:
        tenants = self._tenants(items)
        outcomes, fresh, refused = self._sort(items, tenants)
        ready = self._append(fresh, tenants) if fresh else frozenset()
        if refused:
            self._quarantine(refused)
        wants_media = any(message.media for event in fresh for message in event.messages)
        tell(self._transaction, Topic.READY, ready)
        if wants_media:
            tell_of(self._transaction, Topic.MEDIA)
        return IngestReport(
            outcomes=tuple(outcomes),
            ready_subscriptions=ready,
            wants_media=wants_media,
            wants_profiles=self._wants_profiles,
        )

    def _tenants(self, items: Iterable[EventRecord | QuarantineRecord]) -> dict[str, str]:
        pages = {(item.page_id,) for item in items if isinstance(item, EventRecord)}
        return dict(map(tuple, sql.TENANTS.fetch(self._transaction, pages))) if pages else {}

    def _sort(
        self, items: Iterable[EventRecord | QuarantineRecord], tenants: dict[str, str]
    ) -> tuple[list[IngestOutcome], list[EventRecord], list[tuple[QuarantineRecord, int]]]:
        """What becomes of each item, the events that are new, and what goes to the quarantine."""
        outcomes: list[IngestOutcome] = []
        fresh: list[EventRecord] = []
        refused: list[tuple[QuarantineRecord, int]] = []
        seen = self._seen(item for item in items if isinstance(item, EventRecord) and item.page_id in tenants)
        for item in items:
            if isinstance(item, QuarantineRecord):
                outcomes.append(_quarantined(item.reason))
                refused.append((item, 0))
            elif item.page_id not in tenants:
                outcomes.append(_quarantined(UNKNOWN_PAGE))
                refused.append((_without_channel(item), item.translator_version))
            elif (item.page_id, item.dedupe_key) in seen:
                outcomes.append(DUPLICATE)
            else:
                seen.add((item.page_id, item.dedupe_key))
                outcomes.append(STORED)
                fresh.append(item)
        return outcomes, fresh, refused

    def _seen(self, events: Iterable[EventRecord]) -> set[tuple[str, str]]:
        keys = {(event.page_id, event.dedupe_key) for event in events}
        return {(page_id, key) for page_id, key in sql.SEEN.fetch(self._transaction, keys)} if keys else set()

    def _append(self, fresh: Sequence[EventRecord], tenants: dict[str, str]) -> frozenset[int]:
        """Stores new events; returns the subscriptions that get something."""
        remembered = sql.REMEMBER.execute(
            self._transaction, [(event.page_id, event.dedupe_key) for event in fresh], now_ms=self._now_ms
        )
        if remembered != len(fresh):
            raise Contended
        own = own_echoes(self._transaction, fresh)
        keys = self._take_numbers(conversations(plan(self._transaction, fresh, own, self._now_ms)))
        events = [numbered for key in keys for numbered in key.events]
        confirm_parts(self._transaction, own.values(), self._now_ms)
        self._add_mids(events)
        self._add_events(events, tenants)
        self._add_messages(events)
        self._add_media(events)
        self._hold_back(keys)
        note_waiting(self._transaction, ((event.key_id, event.event_number, event) for event in events))
        keys = [*keys, *self._follow_up(events, own)]
        return self._forget(keys) | self._make_ready(keys)

    def _follow_up(self, events: Sequence[NumberedEvent], own: Mapping[EventName, OwnEcho]) -> Sequence[Conversation]:
        """What new events give to other events: their targets, and what receipts cover."""
        note_receipts(self._transaction, events, self._now_ms)
        arrived = {(e.record.page_id, e.record.psid, e.record.mid) for e in events if e.record.mid and e.messages}
        rows = references.WAITING_FOR.fetch(self._transaction, arrived) if arrived else []
        confirmed = {e.key_id for e in events if (e.record.page_id, e.record.dedupe_key) in own}
        receipts = {e.key_id for e in events if e.record.refs is not None and e.record.refs.is_receipt}
        return self._settle(rows, confirmed | receipts)

    def settle_due(self) -> frozenset[int]:
        """See `EventStore.settle_due`."""
        due = references.DUE.fetch(self._transaction, now_ms=self._now_ms, row_limit=AT_ONCE)
        checks = receipt_checks(self._transaction)
        forget_parked(self._transaction, self._now_ms)
        persons = {(row[2], row[3]) for row in due} | set(checks.values())
        if not persons:
            return frozenset()
        # Locks the keys, so that nobody else settles the same.
        nothing = [(*person, 0, 0, None, None) for person in persons]
        sql.TAKE_NUMBERS.execute(self._transaction, nothing, now_ms=self._now_ms)
        rows = references.STILL_WAITING.fetch(self._transaction, [(row[0], row[1]) for row in due]) if due else []
        keys = self._settle(rows, checks)
        ready = self._forget(keys) | self._make_ready(keys)
        tell(self._transaction, Topic.READY, ready)
        return ready

    def _settle(self, waiting: Iterable[Sequence[object]], keys: Collection[int]) -> Sequence[Conversation]:
        """Settles waiting events and applies the receipts of conversations; the keys of all are locked."""
        released = release(self._transaction, waiting, self._now_ms) if waiting else Released()
        if released.own:
            confirm_parts(self._transaction, released.own, self._now_ms)
            keys = {*keys, *released.own_keys}
        covered = cover(self._transaction, keys, self._now_ms) if keys else ()
        return self._attach([*released.additions, *covered])

    def _attach(self, additions: Sequence[Addition]) -> Sequence[Conversation]:
        """Gives messages to events that are stored."""
        if not additions:
            return ()
        keys = self._take_numbers(conversations(additions))
        events = [numbered for key in keys for numbered in key.events]
        settled = {(event.key_id, event.event_number): (event.kind, event.late) for event in events}
        references.SETTLE_EVENTS.execute(self._transaction, [(*place, *what) for place, what in settled.items()])
        self._add_mids(events)
        self._add_messages(events)
        self._add_media(events)
        self._hold_back(keys)
        return keys

    def _forget(self, keys: Iterable[Conversation]) -> frozenset[int]:
        """Deletes the media of messages that were taken back; returns the subscriptions that need not wait for them."""
        ready: frozenset[int] = frozenset()
        for event in (event for key in keys for event in key.events if event.forgets):
            ready |= forget(self._transaction, event.record.page_id, event.forgets, self._now_ms)
        return ready

    def _take_numbers(self, keys: Sequence[Conversation]) -> Sequence[Conversation]:
        sql.TAKE_NUMBERS.execute(self._transaction, [key.demand() for key in keys], now_ms=self._now_ms)
        note_owners(self._transaction, [event.record for key in keys for event in key.planned])
        persons = [(key.page_id, key.psid) for key in keys]
        taken = sql.NUMBERS_TAKEN.fetch(self._transaction, persons)
        row_of = {(row[0], row[1]): row for row in taken}
        owner_of = thread_owners(self._transaction, persons)
        if self._profiles:
            profiles = [(key, row_of[key.page_id, key.psid][-3:]) for key in keys]
            self._wants_profiles |= ask_for_profiles(self._transaction, profiles, self._now_ms)
        for key in keys:
            person = (key.page_id, key.psid)
            _, _, key_id, last_seq, last_event_number, previous_event_ms, action_ms, *_ = row_of[person]
            close_ms = None if action_ms is None else action_ms + ANSWER_WINDOW_MS
            known = known_at_storing(close_ms, owner_of.get(person))
            key.number(key_id, last_seq, last_event_number, previous_event_ms, known)
        return keys

    def _add_mids(self, events: Iterable[NumberedEvent]) -> None:
        rows = [
            (event.record.page_id, event.record.mid, part, message.cim_id, "IN")
            for event in events
            if event.record.mid
            for part, message in enumerate(event.messages)
        ]
        if rows:
            sql.ADD_MIDS.execute(self._transaction, rows, now_ms=self._now_ms)

    def _add_events(self, events: Iterable[NumberedEvent], tenants: dict[str, str]) -> None:
        rows = [
            (
                event.key_id,
                event.event_number,
                tenants[event.record.page_id],
                event.record.dedupe_key,
                event.kind,
                event.record.mid,
                event.time_ms,
                event.opens_window,
                event.late,
                ORIGIN_OF_SOURCE[event.record.source],
                event.record.translator_version,
                event.record.raw,
                event.record.entry_list,
            )
            for event in events
        ]
        sql.ADD_EVENTS.execute(self._transaction, rows, now_ms=self._now_ms)

    def _add_messages(self, events: Iterable[NumberedEvent]) -> None:
        rows = [
            (event.key_id, seq, event.event_number, event.kind, message.cim_id, message.message, message.context)
            for event in events
            for seq, message in enumerate(event.messages, event.first_seq)
        ]
        if rows:
            sql.ADD_MESSAGES.execute(self._transaction, rows)

    def _add_media(self, events: Iterable[NumberedEvent]) -> None:
        rows = []
        for event in events:
            for seq, message in enumerate(event.messages, event.first_seq):
                if (wanted := message.media) is not None:
                    place = (event.record.page_id, message.cim_id, event.key_id, seq)
                    rows.append((wanted.media_id, *place, wanted.kind, wanted.source_url, wanted.name))
        if rows:
            sql.ADD_MEDIA.execute(self._transaction, rows, now_ms=self._now_ms)

    def _hold_back(self, keys: Iterable[Conversation]) -> None:
        holds = list(holds_of(keys, self._now_ms))
        if holds:
            sql.ADD_HOLDS.execute(self._transaction, holds)
        for key_id, seq, _, until_ms in holds:
            self._held_until[key_id, seq] = max(until_ms, self._held_until.get((key_id, seq), 0))

    def _make_ready(self, keys: Iterable[Conversation]) -> frozenset[int]:
        subscriptions = readers_of_new_events(self._transaction)
        rows: dict[tuple[int, int], Row] = {}
        for key in keys:
            for row in self._first_of_each(key, subscriptions):
                # A key can come twice: with new events, and with messages that waited for them.
                rows.setdefault((row[0], row[1]), row)
        if rows:
            sql.MAKE_READY.execute(self._transaction, rows.values())
        return frozenset(subscription_id for subscription_id, _ in rows)

    def _first_of_each(
        self, key: Conversation, subscriptions: Iterable[Subscription]
    ) -> Iterable[tuple[int, int, str, int, int, int, int]]:
        """For each subscription that takes new messages of the key: the row that makes the first of them ready."""
        for subscription in subscriptions:
            for event in key.events:
                if event.messages and event.kind in subscription.kinds:
                    yield (
                        subscription.subscription_id,
                        key.key_id,
                        key.page_id,
                        key.seq_before,
                        event.first_seq,
                        event.kind,
                        self._held_until.get((key.key_id, event.first_seq), self._now_ms),
                    )
                    break

    def _quarantine(self, refused: Iterable[tuple[QuarantineRecord, int]]) -> None:
        # One row per content: a statement may not touch a row twice.
        entries: dict[tuple[str, str, bytes], list[tuple[QuarantineRecord, int]]] = {}
        for record, version in refused:
            name = (_storable(record.reason), _storable(record.page_id), sha256(record.raw).digest())
            entries.setdefault(name, []).append((record, version))
        rows = [
            (
                reason,
                page_id,
                digest,
                _storable(same[0][0].detail),
                same[0][1],
                len(same),
                same[0][0].raw,
                same[0][0].entry_list,
            )
            for (reason, page_id, digest), same in entries.items()
        ]
        sql.QUARANTINE.execute(self._transaction, rows, now_ms=self._now_ms)


def _storable(text: str) -> str:
    """The text without NUL, which PostgreSQL refuses: there is no other place for what the quarantine refuses."""
    return text.replace("\x00", "\ufffd")


def _quarantined(reason: str) -> IngestOutcome:
    return IngestOutcome(outcome=ingest_service_pb2.INGEST_OUTCOME_QUARANTINED, quarantine_reason=reason)


def _without_channel(event: EventRecord) -> QuarantineRecord:
    return QuarantineRecord(
        reason=UNKNOWN_PAGE, detail=NO_CHANNEL, page_id=event.page_id, raw=event.raw, entry_list=event.entry_list
    )
