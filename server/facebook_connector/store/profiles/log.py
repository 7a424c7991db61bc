"""The log of profiles: which are to be asked for, who is asking, and what Facebook said.

A lookup is claimed by one server at a time, so that nobody is asked about twice at once; only the claim that is in
force may say how it ended. What waited for it goes out in the same transaction.
"""

from __future__ import annotations

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.log.holds import PROFILE, end_holds
from facebook_connector.store.notices import Topic, tell
from facebook_connector.store.profiles import statements as sql
from facebook_connector.store.profiles.values import Lookup, LookupEnd
from facebook_connector.store.reading.subscriptions import all_subscriptions


class ProfileLog:
    """Every method is one transaction, committed when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, owner: str, *, now_ms: int, until_ms: int, limit: int) -> list[Lookup]:
        """Claims what is to be asked for now; it comes back at `until_ms`."""
        return await self._database.write(lambda transaction: claim(transaction, owner, now_ms, until_ms, limit))

    async def is_due(self, *, now_ms: int) -> bool:
        """Whether there is something to claim (a read)."""
        found = sql.NEWEST_DUE, {"now_ms": now_ms}
        return await self._database.read(lambda transaction: transaction.execute(*found).first() is not None)

    async def end_earlier_claims(self, owner: str, *, now_ms: int) -> None:
        """Makes due now whatever others than `owner` have claimed: for a server that is alone on its database."""
        values = {"the_owner": owner, "now_ms": now_ms}
        await self._database.write(lambda transaction: transaction.execute(sql.END_EARLIER_CLAIMS, values))

    async def settle(self, lookup: Lookup, end: LookupEnd, *, now_ms: int) -> frozenset[int] | None:
        """Ends a claim and lets go what waited for it; the subscriptions that can deliver something now.

        None: the claim is not in force any more, or the person was forgotten; nothing was changed.
        """
        return await self._database.write(lambda transaction: settle(transaction, lookup, end, now_ms))

    async def tell_of_holds_over(self) -> None:
        """Tells the other servers that a hold has ended by itself, while whoever asked still waits for an answer."""

        def work(transaction: Transaction) -> None:
            ids = [subscription.subscription_id for subscription in all_subscriptions(transaction)]
            tell(transaction, Topic.READY, ids)

        if not self._database.exclusive:
            await self._database.write(work)

    async def forget_expired(self, *, now_ms: int, limit: int) -> int:
        """Deletes profiles that nobody asked for in a long time, at most so many; returns how many."""
        values = {"now_ms": now_ms, "most": limit}
        return await self._database.write(lambda transaction: transaction.execute(sql.FORGET_EXPIRED, values).rowcount)


def claim(transaction: Transaction, owner: str, now_ms: int, until_ms: int, limit: int) -> list[Lookup]:
    """See `ProfileLog.claim`."""
    rows = sql.DUE.fetch(transaction, now_ms=now_ms, most=limit)
    if rows:
        sql.CLAIM.execute(transaction, [(row[0], row[1]) for row in rows], the_owner=owner, until_ms=until_ms)
    return [
        Lookup(page_id=row[0], psid=row[1], hold_until_ms=row[2], attempts=row[3], owner=owner, until_ms=until_ms)
        for row in rows
    ]


def settle(transaction: Transaction, lookup: Lookup, end: LookupEnd, now_ms: int) -> frozenset[int] | None:
    """See `ProfileLog.settle`."""
    # The key first, as an ingest does: what that stores either knows of this end, or is found by it.
    key_id = transaction.execute(sql.LOCK_KEY, _person(lookup)).scalar_one_or_none()
    if not transaction.execute(sql.SETTLE, _settled(lookup, end)).rowcount:
        return None
    if key_id is None or lookup.hold_until_ms is None:
        return frozenset()
    ready = end_holds(transaction, key_id, PROFILE, now_ms)
    tell(transaction, Topic.READY, ready)
    return ready


def _person(lookup: Lookup) -> dict[str, str]:
    return {"the_page": lookup.page_id, "the_psid": lookup.psid}


def _settled(lookup: Lookup, end: LookupEnd) -> dict[str, str | int | None]:
    return {
        **_person(lookup),
        "the_owner": lookup.owner,
        "until_ms": lookup.until_ms,
        "first": end.names.first if end.names else None,
        "last": end.names.last if end.names else None,
        "fresh_ms": end.fresh_until_ms,
        "retry_ms": end.retry_ms,
        "failed": 0 if end.retry_ms is None else lookup.attempts + 1,
    }
