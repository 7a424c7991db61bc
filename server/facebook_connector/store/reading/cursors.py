"""The reading side of the inbound log: who has read how far in each conversation, and who may deliver what comes next.

A *cursor* is the place of one subscription in one ordering key; its *head* is the next message to deliver. A *claim*
gives a head to one client until a time. Every claim has a new *epoch*, and only what comes under the present epoch
counts. While a claim lasts nothing else of its key is delivered, which keeps the conversation in order.
"""

from __future__ import annotations

from collections.abc import Sequence

from facebook_connector.delivery.values import (
    AckOutcome,
    AckToken,
    Adopted,
    AdoptRequest,
    ClaimRequest,
    Extension,
    Granted,
    Release,
    ReleaseOutcome,
    Subscription,
)
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.keeping.audit import AuditNote, note
from facebook_connector.store.reading.acknowledgements import acknowledge, adopt, end_earlier_claims, extend, release
from facebook_connector.store.reading.claims import claim
from facebook_connector.store.reading.subscriptions import all_subscriptions, note_pause


class CursorStore:
    """Claims, acknowledges and gives back heads. Every method is one transaction, committed when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last_pages: dict[int, str] = {}
        """By subscription, the page that the last claim ended with."""

    async def subscriptions(self) -> list[Subscription]:
        """All subscriptions, by name."""
        return await self._database.read(all_subscriptions)

    async def subscription(self, name: str) -> Subscription | None:
        """The subscription of this name, if there is one."""
        return next((found for found in await self.subscriptions() if found.name == name), None)

    async def exists(self, subscription_id: int) -> bool:
        """Whether the subscription has not been deleted."""
        return any(found.subscription_id == subscription_id for found in await self.subscriptions())

    async def note_pause(
        self, subscription_id: int, until_ms: int | None, reason: str, noted: AuditNote | None
    ) -> None:
        """Keeps that the subscription pauses until then, or goes on, and tells the audit log `noted`."""

        def work(transaction: Transaction) -> None:
            note_pause(transaction, subscription_id, until_ms, reason)
            if noted is not None:
                note(transaction, noted)

        await self._database.write(work)

    async def claim(self, request: ClaimRequest) -> Granted:
        """Claims heads for a client: epoch and attempt grow by one, and the heads are ready again at `until_ms`.

        Pages take turns; within a page the longest waiting key comes first.
        """
        last_page = self._last_pages.get(request.subscription_id, "")
        granted = await self._database.write(lambda transaction: claim(transaction, request, last_page))
        if granted.heads:
            self._last_pages[request.subscription_id] = granted.heads[-1].page_id
        return granted

    async def acknowledge(self, tokens: Sequence[AckToken], *, owner: str, until_ms: int) -> list[AckOutcome]:
        """Moves cursors past delivered heads; one outcome per token, in their order.

        Each OK also claims the key's next head until `until_ms`, for `owner` and the same client, with attempt 1.
        """
        held = tuple(tokens)
        return await self._database.write(
            lambda transaction: acknowledge(transaction, held, owner=owner, until_ms=until_ms)
        )

    async def release(
        self, releases: Sequence[Release], *, now_ms: int, owner: str | None = None, working_keys: int = 0
    ) -> list[ReleaseOutcome]:
        """Gives heads of one subscription back, in the order of `releases`. They are stale from then on.

        A counted release adds a failure to the head; `now_ms` is the time of the first one. A head that is hopeless by
        the rules of `poison` becomes a dead letter and its key goes on, or it is spared. With `owner` a claim that
        another server has adopted meanwhile is STALE; None: whoever has it.
        """
        ended = tuple(releases)
        return await self._database.write(
            lambda transaction: release(transaction, ended, now_ms, owner=owner, working_keys=working_keys)
        )

    async def extend(self, extensions: Sequence[Extension], *, owner: str | None = None) -> list[int]:
        """Moves the ends of claims; `AckOutcome` numbers in the order of `extensions`. `owner` as for `release`."""
        moved = tuple(extensions)
        return await self._database.write(lambda transaction: extend(transaction, moved, owner))

    async def adopt(self, request: AdoptRequest) -> Adopted:
        """Moves what a client holds to its new server, and tells the others that it has a stream here now.

        Held claims go on under their epoch, also when their time was over but nobody else had the head since. Every
        other claim of the client id in this subscription ends and its head is ready at once.
        """
        return await self._database.write(lambda transaction: adopt(transaction, request))

    async def end_earlier_claims(self, owner: str, *, now_ms: int) -> int:
        """Makes ready now whatever owners other than `owner` have claimed, in all subscriptions; returns how many.

        For the start of a server that is alone on its database. The claims stand until somebody else takes the heads,
        so that a client that comes back with what it holds can go on with it.
        """
        return await self._database.write(lambda transaction: end_earlier_claims(transaction, owner, now_ms))
