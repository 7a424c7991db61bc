"""The writing side of the inbound log: one transaction that stores a batch of events, or nothing of it.

Everything that hangs on an event is decided here, under the locks that make it lasting: whether it is new, its number
in its conversation, whether it is the echo of our own send, and who gets it. Translation and delivery happen elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2, ingest_service_pb2
from facebook_connector.delivery.notifications import DEFAULT_SENDER, NotificationSender
from facebook_connector.delivery.values import (
    DEFAULT_TENANT,
    EventRecord,
    IngestOutcome,
    IngestReport,
    QuarantineRecord,
)
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import Contended
from facebook_connector.store.log import ingest_statements as sql
from facebook_connector.store.log.echoes import own_echoes
from facebook_connector.store.log.follow_up import FollowUp
from facebook_connector.store.log.numbering import NumberedEvent
from facebook_connector.store.log.references import note_waiting, plan
from facebook_connector.store.log.writer import LogWriter
from facebook_connector.store.notices import Topic, tell, tell_of
from facebook_connector.store.outbound.confirmations import confirm_parts
from facebook_connector.store.outbound.news import has_news, take_news

UNKNOWN_PAGE = "UNKNOWN_PAGE"
NO_CHANNEL = "The page has no channel."

STORED = IngestOutcome(outcome=ingest_service_pb2.INGEST_OUTCOME_STORED)
DUPLICATE = IngestOutcome(outcome=ingest_service_pb2.INGEST_OUTCOME_DUPLICATE)

ORIGIN_OF_SOURCE: dict[int, int] = {
    inbound_event_pb2.INGEST_SOURCE_LIVE: inbound_pb2.DELIVERY_ORIGIN_LIVE,
    inbound_event_pb2.INGEST_SOURCE_BACKFILL: inbound_pb2.DELIVERY_ORIGIN_BACKFILL,
}


class EventStore:
    """Appends to the inbound log.

    With `profiles` it also asks for the profiles of the people who write. Delivery notifications go out under the name
    of `sender`, which is to be that of customers' messages.
    """

    def __init__(
        self, database: Database, *, profiles: bool = False, sender: NotificationSender = DEFAULT_SENDER
    ) -> None:
        self._database = database
        self._profiles = profiles
        self._sender = sender

    async def ingest(self, items: Sequence[EventRecord | QuarantineRecord], now_ms: int) -> IngestReport:
        """Stores all items in one transaction, or none; returns after the commit.

        Order within a conversation is the order of `items`. An event that is stored already, or stands earlier in
        `items`, is a DUPLICATE and changes nothing. An event of a page without a channel is quarantined as
        UNKNOWN_PAGE. The echo of our own send confirms that part and is not delivered.
        Raises `RowRefused` when the database refuses a value of one of the items: split the batch to find it.
        """
        batch = tuple(items)
        return await self._database.write(
            lambda transaction: ingest(transaction, batch, now_ms, profiles=self._profiles, sender=self._sender)
        )

    async def settle_due(self, now_ms: int) -> frozenset[int]:
        """Settles what has waited long enough, or whose message has come; returns the subscriptions that get something.

        Call it every second. Several servers may: each event is settled once.
        """

        def work(transaction: Transaction) -> frozenset[int]:
            writer = LogWriter(transaction, now_ms, profiles=self._profiles)
            return FollowUp(writer, self._sender).due()

        return await self._database.write(work)

    async def tell_given_up(self, now_ms: int) -> frozenset[int]:
        """Notifies of messages to customers that were given up; returns the subscriptions that get something.

        Call it every second. Several servers may: each notification is made once.
        """

        def work(transaction: Transaction) -> frozenset[int]:
            writer = LogWriter(transaction, now_ms, profiles=False)
            return _Ingest(writer, FollowUp(writer, self._sender)).add(take_news(transaction, self._sender))

        return await self._database.write(work) if await self._database.read(has_news) else frozenset()


def ingest(
    transaction: Transaction,
    items: Sequence[EventRecord | QuarantineRecord],
    now_ms: int,
    *,
    profiles: bool = False,
    sender: NotificationSender = DEFAULT_SENDER,
) -> IngestReport:
    """See `EventStore.ingest`."""
    writer = LogWriter(transaction, now_ms, profiles=profiles)
    return _Ingest(writer, FollowUp(writer, sender)).store(items)


class _Ingest:
    """One batch under way in its transaction. The order of the steps is the order of the locks; see `schema`."""

    def __init__(self, writer: LogWriter, follow_up: FollowUp) -> None:
        self._writer = writer
        self._follow_up = follow_up
        self._transaction = writer.transaction
        self._now_ms = writer.now_ms

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
            wants_profiles=self._writer.wants_profiles,
        )

    def add(self, events: Sequence[EventRecord]) -> frozenset[int]:
        """Stores events of our own, all of them new; returns the subscriptions that get something."""
        if not events:
            return frozenset()
        # Also a channel that is gone had messages that failed for it.
        tenants = {event.page_id: DEFAULT_TENANT for event in events} | self._tenants(events)
        ready = self._append(events, tenants)
        tell(self._transaction, Topic.READY, ready)
        return ready

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
        keys = self._writer.number(plan(self._transaction, fresh, own, self._now_ms))
        events = [numbered for key in keys for numbered in key.events]
        confirm_parts(self._transaction, own.values(), self._now_ms)
        self._writer.add_mids(events)
        self._add_events(events, tenants)
        self._writer.add_messages(events)
        note_waiting(self._transaction, ((event.key_id, event.event_number, event) for event in events))
        return self._writer.hand_out([*keys, *self._follow_up.after(events, own)])

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
