"""What new events give to others that are stored already: their targets, and what receipts cover.

The same is done each second for what has waited long enough. Either way the keys are locked, so everything is settled
once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from facebook_connector.delivery.notifications import NotificationSender
from facebook_connector.store.log import ingest_statements, reference_statements
from facebook_connector.store.log.echoes import EventName, OwnEcho
from facebook_connector.store.log.numbering import Addition, Conversation, NumberedEvent
from facebook_connector.store.log.receipts import cover, forget_parked, note_receipts, receipt_checks
from facebook_connector.store.log.release import Released, release
from facebook_connector.store.log.writer import LogWriter
from facebook_connector.store.notices import Topic, tell
from facebook_connector.store.outbound.confirmations import confirm_parts

AT_ONCE = 500
"""How many waiting events are settled in one transaction."""


class FollowUp:
    """Settles within the transaction of a writer; notifications go out under the name of `sender`."""

    def __init__(self, writer: LogWriter, sender: NotificationSender) -> None:
        self._writer = writer
        self._sender = sender
        self._transaction = writer.transaction
        self._now_ms = writer.now_ms

    def after(self, events: Sequence[NumberedEvent], own: Mapping[EventName, OwnEcho]) -> list[Conversation]:
        """Settles what these new events make possible; `own` are the echoes of our own sends among them."""
        note_receipts(self._transaction, events, self._now_ms)
        arrived = {(e.record.page_id, e.record.psid, e.record.mid) for e in events if e.record.mid and e.messages}
        rows = reference_statements.WAITING_FOR.fetch(self._transaction, arrived) if arrived else []
        confirmed = {e.key_id for e in events if (e.record.page_id, e.record.dedupe_key) in own}
        receipts = {e.key_id for e in events if e.record.refs is not None and e.record.refs.is_receipt}
        return self._settle(rows, confirmed | receipts)

    def due(self) -> frozenset[int]:
        """Settles what has waited long enough, or need not wait any more; the subscriptions that get something."""
        due = reference_statements.DUE.fetch(self._transaction, now_ms=self._now_ms, row_limit=AT_ONCE)
        checks = receipt_checks(self._transaction)
        forget_parked(self._transaction, self._now_ms)
        persons = {(row[2], row[3]) for row in due} | set(checks.values())
        if not persons:
            return frozenset()
        # Locks the keys, so that nobody else settles the same.
        nothing = [(*person, 0, 0, None, None) for person in persons]
        ingest_statements.TAKE_NUMBERS.execute(self._transaction, nothing, now_ms=self._now_ms)
        places = [(row[0], row[1]) for row in due]
        rows = reference_statements.STILL_WAITING.fetch(self._transaction, places) if places else []
        ready = self._writer.hand_out(self._settle(rows, checks))
        tell(self._transaction, Topic.READY, ready)
        return ready

    def _settle(self, waiting: Iterable[Sequence[object]], keys: Collection[int]) -> list[Conversation]:
        """Settles waiting events and applies the receipts of conversations; the keys of all are locked."""
        released = release(self._transaction, waiting, self._now_ms) if waiting else Released()
        if released.own:
            confirm_parts(self._transaction, released.own, self._now_ms)
            keys = {*keys, *released.own_keys}
        covered = cover(self._transaction, keys, self._sender, self._now_ms) if keys else ()
        return self._attach([*released.additions, *covered])

    def _attach(self, additions: Sequence[Addition]) -> list[Conversation]:
        """Gives messages to events that are stored."""
        if not additions:
            return []
        keys = self._writer.number(additions)
        events = [numbered for key in keys for numbered in key.events]
        settled = {(event.key_id, event.event_number): (event.kind, event.late) for event in events}
        rows = [(*place, *what) for place, what in settled.items()]
        reference_statements.SETTLE_EVENTS.execute(self._transaction, rows)
        self._writer.add_mids(events)
        self._writer.add_messages(events)
        return keys
