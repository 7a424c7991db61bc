"""What new messages wait for before they may be delivered, and how long; see `holds` for how that ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from facebook_connector.delivery.profiles import HOLD_MS, NEEDS, KnownProfile, Need, is_to_be_asked, waits_until
from facebook_connector.store.database import Transaction
from facebook_connector.store.log.holds import MEDIA, PROFILE
from facebook_connector.store.log.numbering import Conversation
from facebook_connector.store.profiles import statements as profile_statements

MEDIA_HOLD_MS: Final = 28_000
"""How long a message waits for the bytes of its medium. It goes out within 30 s, and who delivers it may look for what
became ready no more often than every second."""

Hold = tuple[int, int, str, int]
"""Key, sequence number, cause, and until when."""


def holds_of(keys: Iterable[Conversation], gone: Collection[str], now_ms: int) -> Iterator[Hold]:
    """What keeps the new messages of conversations back; nobody waits for the media of those that are `gone`."""
    for key in keys:
        for event in key.events:
            for seq, message in enumerate(event.messages, event.first_seq):
                if message.media is not None and message.cim_id not in gone:
                    yield key.key_id, seq, MEDIA, now_ms + MEDIA_HOLD_MS
        if key.waits_until_ms is not None:
            for seq in _first_said(key):
                yield key.key_id, seq, PROFILE, key.waits_until_ms


def _first_said(key: Conversation) -> Iterable[int]:
    """The first message of each kind that waits for a profile; a subscription gets all others of the kind behind it."""
    first: dict[int, int] = {}
    for event in key.events:
        if event.messages and NEEDS.get(event.kind) is Need.WAIT:
            first.setdefault(event.kind, event.first_seq)
    return first.values()


def ask_for_profiles(transaction: Transaction, keys: Iterable[tuple[Conversation, Sequence[Any]]], now_ms: int) -> bool:
    """Asks for the profiles that new events want, and notes how long those wait; whether anything is asked for.

    The keys are locked, and come with where their profiles stand: fresh until, held until, next try.
    """
    persons = []
    for key, row in keys:
        if not key.psid:
            continue
        profile = _known(row)
        key.waits_until_ms = waits_until(profile, now_ms)
        if is_to_be_asked(profile, (event.kind for event in key.planned if event.messages), now_ms):
            persons.append((key.page_id, key.psid))
    if persons:
        until_ms = now_ms + HOLD_MS
        profile_statements.ASK.execute(transaction, persons, now_ms=now_ms, hold_until_ms=until_ms)
    return bool(persons)


def _known(row: Sequence[Any]) -> KnownProfile | None:
    fresh_until_ms, hold_until_ms, next_try_ms = row
    if fresh_until_ms is None:
        return None
    return KnownProfile(asked=next_try_ms is not None, hold_until_ms=hold_until_ms, fresh_until_ms=fresh_until_ms)
