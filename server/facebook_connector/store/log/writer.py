"""Puts planned events into their conversations: their numbers, what hangs on their messages, and who gets them.

The steps stand in the order of the locks (see `schema`), and `hand_out` comes last, once, with everything that a
transaction adds: only then it is known which of the new messages were taken back at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from facebook_connector.delivery.references import known_at_storing
from facebook_connector.delivery.values import Subscription
from facebook_connector.sending.window import ANSWER_WINDOW_MS
from facebook_connector.store.batch import Row
from facebook_connector.store.database import Transaction
from facebook_connector.store.log import ingest_statements as sql
from facebook_connector.store.log.holding import ask_for_profiles, holds_of
from facebook_connector.store.log.numbering import Conversation, NumberedEvent, PlannedEvent, conversations
from facebook_connector.store.log.thread_owners import note_owners, thread_owners
from facebook_connector.store.media.log import forget
from facebook_connector.store.reading.subscriptions import readers_of_new_events


class LogWriter:
    """Writes within one transaction. With `profiles` it asks for the profiles of the people who write."""

    def __init__(self, transaction: Transaction, now_ms: int, *, profiles: bool) -> None:
        self.transaction = transaction
        self.now_ms = now_ms
        self.wants_profiles = False
        """Whether any profile was asked for."""
        self._profiles = profiles

    def number(self, planned: Iterable[PlannedEvent]) -> list[Conversation]:
        """Locks the keys of these events and gives them their numbers."""
        keys = conversations(planned)
        sql.TAKE_NUMBERS.execute(self.transaction, [key.demand() for key in keys], now_ms=self.now_ms)
        records = [event.record for key in keys for event in key.planned]
        note_owners(self.transaction, records)
        persons = [(key.page_id, key.psid) for key in keys]
        taken = sql.NUMBERS_TAKEN.fetch(self.transaction, persons)
        row_of = {(row[0], row[1]): row for row in taken}
        owner_of = thread_owners(self.transaction, persons, records)
        if self._profiles:
            profiles = [(key, row_of[key.page_id, key.psid][-3:]) for key in keys]
            self.wants_profiles |= ask_for_profiles(self.transaction, profiles, self.now_ms)
        for key in keys:
            person = (key.page_id, key.psid)
            _, _, key_id, last_seq, last_event_number, previous_event_ms, action_ms, *_ = row_of[person]
            close_ms = None if action_ms is None else action_ms + ANSWER_WINDOW_MS
            known = known_at_storing(close_ms, owner_of.get(person))
            key.number(key_id, last_seq, last_event_number, previous_event_ms, known)
        return keys

    def add_mids(self, events: Iterable[NumberedEvent]) -> None:
        """Ties the Messenger ids of events to their messages."""
        rows = [
            (event.record.page_id, event.record.mid, part, message.cim_id, "IN")
            for event in events
            if event.record.mid
            for part, message in enumerate(event.messages)
        ]
        if rows:
            sql.ADD_MIDS.execute(self.transaction, rows, now_ms=self.now_ms)

    def add_messages(self, events: Iterable[NumberedEvent]) -> None:
        """Adds the messages of events that are stored, and asks for their media."""
        placed = [
            (event, seq, message) for event in events for seq, message in enumerate(event.messages, event.first_seq)
        ]
        if placed:
            sql.ADD_MESSAGES.execute(
                self.transaction,
                [
                    (
                        event.key_id,
                        seq,
                        event.event_number,
                        event.kind,
                        said.cim_id,
                        said.message,
                        said.context + event.known,
                    )
                    for event, seq, said in placed
                ],
            )
        media = [
            (
                wanted.media_id,
                event.record.page_id,
                said.cim_id,
                event.key_id,
                seq,
                wanted.kind,
                wanted.source_url,
                wanted.name,
            )
            for event, seq, said in placed
            if (wanted := said.media) is not None
        ]
        if media:
            sql.ADD_MEDIA.execute(self.transaction, media, now_ms=self.now_ms)

    def hand_out(self, keys: Sequence[Conversation]) -> frozenset[int]:
        """Holds back what must wait, deletes the media of what was taken back, and makes the rest ready.

        Returns the subscriptions that get something.
        """
        withdrawn = [event for key in keys for event in key.events if event.forgets]
        gone = frozenset(cim_id for event in withdrawn for cim_id in event.forgets)
        held_until: dict[tuple[int, int], int] = {}
        holds = list(holds_of(keys, gone, self.now_ms))
        if holds:
            sql.ADD_HOLDS.execute(self.transaction, holds)
        for key_id, seq, _, until_ms in holds:
            held_until[key_id, seq] = max(until_ms, held_until.get((key_id, seq), 0))
        ready: frozenset[int] = frozenset()
        for event in withdrawn:
            ready |= forget(self.transaction, event.record.page_id, event.forgets, self.now_ms)
        return ready | self._make_ready(keys, held_until)

    def _make_ready(self, keys: Iterable[Conversation], held_until: dict[tuple[int, int], int]) -> frozenset[int]:
        subscriptions = readers_of_new_events(self.transaction)
        rows: dict[tuple[int, int], Row] = {}
        for key in keys:
            for subscription in subscriptions:
                first = _first(key, subscription)
                # A key can come twice: with new events, and with messages that waited for them.
                if first is not None and (subscription.subscription_id, key.key_id) not in rows:
                    rows[subscription.subscription_id, key.key_id] = (
                        subscription.subscription_id,
                        key.key_id,
                        key.page_id,
                        key.seq_before,
                        first.first_seq,
                        first.kind,
                        held_until.get((key.key_id, first.first_seq), self.now_ms),
                    )
        if rows:
            sql.MAKE_READY.execute(self.transaction, rows.values())
        return frozenset(subscription_id for subscription_id, _ in rows)


def _first(key: Conversation, subscription: Subscription) -> NumberedEvent | None:
    """The first of the new events with messages that a subscription takes."""
    return next((event for event in key.events if event.messages and event.kind in subscription.kinds), None)
