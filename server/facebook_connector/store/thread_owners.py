"""Who controls a conversation, as far as events tell.

Source: https://developers.facebook.com/docs/messenger-platform/handover-protocol
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from expertflow.connector.v1.messenger_context_pb2 import ThreadOwner
from facebook_connector.delivery.values import EventRecord
from facebook_connector.store import reference_statements as sql
from facebook_connector.store.database import Transaction

Person = tuple[str, str]
"""Page and PSID."""


def note_owners(transaction: Transaction, events: Iterable[EventRecord]) -> None:
    """Keeps the newest that these events say about the owners of their conversations; the keys are locked.

    An event without a time says nothing: it could be older than what is known.
    """
    named: dict[Person, tuple[int, str]] = {}
    others: dict[Person, int] = {}
    for event in events:
        owner, time_ms = (event.refs.owner if event.refs else None), event.event_time_ms
        if owner is None or time_ms is None:
            continue
        person = (event.page_id, event.psid)
        if owner.app_id is None:
            others[person] = max(time_ms, others.get(person, 0))
        elif time_ms >= named.get(person, (0, ""))[0]:
            named[person] = (time_ms, owner.app_id)
    if named:
        sql.SET_OWNERS.execute(transaction, [(*person, app_id, ms) for person, (ms, app_id) in named.items()])
    if others:
        _forget_own(transaction, others)


def thread_owners(transaction: Transaction, persons: Collection[Person]) -> dict[Person, ThreadOwner]:
    """The owners of conversations; those unknown are left out."""
    found: dict[Person, ThreadOwner] = {}
    for page_id, psid, app_id, observe_time_ms, own_app_id in sql.OWNERS.fetch(transaction, persons):
        owner = ThreadOwner(app_id=app_id, owned_by_this_app=bool(app_id) and app_id == own_app_id)
        owner.observe_time.FromMilliseconds(observe_time_ms)
        found[page_id, psid] = owner
    return found


def _forget_own(transaction: Transaction, others: dict[Person, int]) -> None:
    """An item on standby says that another app is the owner: then we no longer are."""
    own = dict(map(tuple, sql.APP_IDS.fetch(transaction, {(page_id,) for page_id, _ in others})))
    rows = [(page_id, psid, own.get(page_id, ""), ms) for (page_id, psid), ms in others.items()]
    sql.FORGET_OWN.execute(transaction, rows)
