"""Who controls a conversation, as far as events tell.

Source: https://developers.facebook.com/docs/messenger-platform/handover-protocol
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.messenger_context_pb2 import ThreadOwner
from facebook_connector.delivery.values import EventRecord
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.log import reference_statements as sql

Person = tuple[str, str]
"""Page and PSID."""

DIRECT = "messaging"
"""The list of a webhook's entry in which the owner of a conversation gets its events."""

SAID = frozenset({inbound_pb2.EVENT_KIND_MESSAGE, inbound_pb2.EVENT_KIND_REACTION})


class ThreadOwnerStore:
    """The owners of conversations, one at a time: as last observed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, page_id: str, psid: str) -> ThreadOwner | None:
        """The owner; None: unknown."""
        return await self._database.read(lambda transaction: owner_of(transaction, page_id, psid))

    async def set(self, page_id: str, psid: str, owner: ThreadOwner) -> None:
        """Keeps an owner, unless another was observed later."""
        await self._database.write(lambda transaction: observed(transaction, page_id, psid, owner))


def owner_of(transaction: Transaction, page_id: str, psid: str) -> ThreadOwner | None:
    """The owner of a conversation; None: unknown."""
    return thread_owners(transaction, [(page_id, psid)], ()).get((page_id, psid))


def observed(transaction: Transaction, page_id: str, psid: str, owner: ThreadOwner) -> None:
    """Keeps an owner that Facebook told, unless another was observed later."""
    observe_time_ms = owner.observe_time.ToMilliseconds()
    sql.SET_OWNERS.execute(transaction, [(page_id, psid, owner.app_id, observe_time_ms)])


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


def thread_owners(
    transaction: Transaction, persons: Collection[Person], events: Iterable[EventRecord]
) -> dict[Person, ThreadOwner]:
    """The owners of conversations; those unknown are left out.

    Control ends without a word, after a day. But Facebook hands what a customer says to the owner, and to others on
    standby only: what these events brought to us directly shows that the other app which was known has let go.
    """
    owners = sql.OWNERS.fetch(transaction, persons)
    heard_ms = _heard_directly(events) if owners else {}
    found: dict[Person, ThreadOwner] = {}
    left: list[tuple[str, str, str, int]] = []
    for page_id, psid, app_id, observe_time_ms, own_app_id in owners:
        is_ours = bool(app_id) and app_id == own_app_id
        if app_id and not is_ours and heard_ms.get((page_id, psid), 0) > observe_time_ms:
            left.append((page_id, psid, app_id, observe_time_ms))
            continue
        owner = ThreadOwner(app_id=app_id, owned_by_this_app=is_ours)
        owner.observe_time.FromMilliseconds(observe_time_ms)
        found[page_id, psid] = owner
    if left:
        sql.FORGET_OWNERS.execute(transaction, left)
    return found


def _heard_directly(events: Iterable[EventRecord]) -> dict[Person, int]:
    """When customers last said something to this app itself."""
    heard: dict[Person, int] = {}
    for event in events:
        if event.entry_list == DIRECT and event.kind in SAID and event.event_time_ms is not None:
            person = (event.page_id, event.psid)
            heard[person] = max(event.event_time_ms, heard.get(person, 0))
    return heard


def _forget_own(transaction: Transaction, others: dict[Person, int]) -> None:
    """An item on standby says that another app is the owner: then we no longer are."""
    own = dict(map(tuple, sql.APP_IDS.fetch(transaction, {(page_id,) for page_id, _ in others})))
    rows = [(page_id, psid, own.get(page_id, ""), ms) for (page_id, psid), ms in others.items()]
    sql.FORGET_OWNERS.execute(transaction, rows)
