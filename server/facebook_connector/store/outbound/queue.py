"""The outbound queue as the outbox sees it; every method is one transaction.

Acceptance is in `acceptance`, what happens to a message then in `lanes`, who sends for a page in `page_leases`.
"""

from __future__ import annotations

from facebook_connector.sending.offers import Acceptance, Offer
from facebook_connector.sending.reconciliation import Claims
from facebook_connector.sending.values import (
    Closing,
    Lane,
    LaneHead,
    MessageKey,
    OutboundDetails,
    OutboundStatus,
    PageLease,
    PartBeginning,
    PartSettlement,
    Settled,
)
from facebook_connector.store.database import Database
from facebook_connector.store.log.thread_owners import owner_of
from facebook_connector.store.outbound import acceptance, lane_heads, lanes, page_leases
from facebook_connector.store.outbound import status as outbound_status


class OutboundStore:
    """Implements `sending.ports.OutboundLog`, which says what each method promises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_mid(self, page_id: str, cim_id: str) -> str:
        key = MessageKey(page_id=page_id, cim_id=cim_id)
        return await self._database.read(lambda transaction: lane_heads.find_mid(transaction, key))

    async def accept(self, offer: Offer) -> Acceptance:
        return await self._database.write_each(acceptance.accept, offer)

    async def get(self, cim_id: str, page_id: str = "") -> tuple[OutboundDetails, ...]:
        return await self._database.read(lambda transaction: outbound_status.find_details(transaction, cim_id, page_id))

    async def statuses(self, keys: tuple[MessageKey, ...]) -> tuple[OutboundStatus, ...]:
        return await self._database.read(lambda transaction: outbound_status.find_statuses(transaction, keys))

    async def acquire_pages(self, owner: str, now_ms: int, until_ms: int) -> tuple[PageLease, ...]:
        claimant = page_leases.Claimant(owner=owner, alone=self._database.exclusive, now_ms=now_ms, until_ms=until_ms)
        return await self._database.write(lambda transaction: page_leases.acquire(transaction, claimant))

    async def renew_pages(self, leases: tuple[PageLease, ...], now_ms: int, until_ms: int) -> tuple[PageLease, ...]:
        del now_ms  # A lease that ended but was not taken is still its owner's.
        return await self._database.write(lambda transaction: page_leases.renew(transaction, leases, until_ms))

    async def release_pages(self, leases: tuple[PageLease, ...], now_ms: int) -> None:
        await self._database.write(lambda transaction: page_leases.release(transaction, leases, now_ms))

    async def open_lanes(self, page_ids: tuple[str, ...]) -> tuple[Lane, ...]:
        return await self._database.read(lambda transaction: lane_heads.open_lanes(transaction, page_ids))

    async def uncertain_lanes(self, page_ids: tuple[str, ...]) -> tuple[Lane, ...]:
        return await self._database.read(lambda transaction: lane_heads.uncertain_lanes(transaction, page_ids))

    async def lane_head(self, lane: Lane) -> LaneHead | None:
        return await self._database.read(lambda transaction: lane_heads.lane_head(transaction, lane))

    async def begin_part(self, beginning: PartBeginning) -> bool:
        return await self._database.write_each(lanes.begin_parts, beginning)

    async def settle_part(self, settlement: PartSettlement) -> Settled:
        return await self._database.write_each(lanes.settle_parts, settlement)

    async def thread_owner(self, lane: Lane) -> str:
        owner = await self._database.read(lambda transaction: owner_of(transaction, lane.page_id, lane.psid))
        return "" if owner is None else owner.app_id

    async def claims(self, page_id: str, cim_id: str, index: int, mids: tuple[str, ...]) -> Claims:
        key = MessageKey(page_id=page_id, cim_id=cim_id)
        return await self._database.read(lambda transaction: lane_heads.claims(transaction, key, index, mids))

    async def settle_unsent(self, settlement: PartSettlement) -> OutboundStatus:
        return await self._database.write(lambda transaction: lanes.settle_unsent(transaction, settlement))

    async def close(self, closing: Closing) -> OutboundStatus:
        return await self._database.write(lambda transaction: lanes.close(transaction, closing))

    async def expire_due(self, leases: tuple[PageLease, ...], now_ms: int, limit: int) -> tuple[OutboundStatus, ...]:
        return await self._database.write(lambda transaction: lanes.expire_due(transaction, leases, now_ms, limit))
