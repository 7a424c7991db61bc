"""Who sends for a page: one owner at a time, told apart by an epoch that grows with each change of owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.sending.values import MessageKey, PageLease, PartState
from facebook_connector.store.batch import NUMBER, TEXT, Batch, Query
from facebook_connector.store.database import Transaction
from facebook_connector.store.outbound.changes import LockedMessages, PartChange
from facebook_connector.store.outbound.schema import (
    IS_OPEN,
    IS_SENDING,
    outbound_message,
    outbound_part,
    page_lease,
)

NOBODY = ""
"""Owner of a page that was given back."""

FOUND_SENDING = "The server that was sending stopped before it saw Facebook's answer."

OWNER = bindparam("owner", type_=TEXT)
NOW = bindparam("now_ms", type_=NUMBER)
UNTIL = bindparam("until_ms", type_=NUMBER)
ALONE = bindparam("alone", type_=Boolean())

# An ended lease is taken anew by its own server too: it may not know that it has it, if the answer was lost.
_may_be_taken: ColumnElement[bool] = or_(
    page_lease.c.owner == NOBODY, page_lease.c.until_ms <= NOW, and_(ALONE, page_lease.c.owner != OWNER)
)


def _pages_with_work() -> Any:
    """The pages that have an open message: one look into the index for each, however many messages wait."""
    pages = select(func.min(outbound_message.c.page_id).label("page_id")).where(IS_OPEN).cte("pages", recursive=True)
    following = select(func.min(outbound_message.c.page_id)).where(
        IS_OPEN, outbound_message.c.page_id > pages.c.page_id
    )
    return pages.union_all(select(following.scalar_subquery()).where(pages.c.page_id.is_not(None)))


_pages = _pages_with_work()

WITHOUT_OWNER = (
    select(_pages.c.page_id)
    .outerjoin(page_lease, page_lease.c.page_id == _pages.c.page_id)
    .where(_pages.c.page_id.is_not(None), or_(page_lease.c.page_id.is_(None), _may_be_taken))
    .order_by(_pages.c.page_id)
)

TAKE = (
    # PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it.
    insert(page_lease)
    .values(page_id=bindparam("the_page"), owner=OWNER, epoch=1, until_ms=UNTIL)
    .on_conflict_do_update(
        index_elements=["page_id"],
        set_={"owner": OWNER, "epoch": page_lease.c.epoch + 1, "until_ms": UNTIL},
        where=_may_be_taken,
    )
    .returning(page_lease.c.epoch)
)

_these = Batch(page_id=TEXT)

IN_FLIGHT = Query(
    select(outbound_part.c.page_id, outbound_part.c.cim_id, outbound_part.c.part_index).where(
        IS_SENDING, outbound_part.c.page_id.in_(select(_these.rows.c.page_id))
    ),
    _these,
)

EPOCHS = Query(
    select(page_lease.c.page_id, page_lease.c.epoch)
    .join(_these.rows, page_lease.c.page_id == _these.rows.c.page_id)
    .order_by(page_lease.c.page_id)
    .with_for_update(read=True, of=page_lease),
    _these,
)

CHANGE = (
    update(page_lease)
    .where(
        page_lease.c.page_id == bindparam("the_page"),
        page_lease.c.owner == bindparam("the_owner"),
        page_lease.c.epoch == bindparam("the_epoch"),
    )
    .values(owner=OWNER, until_ms=UNTIL)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """A server that asks for pages."""

    owner: str
    alone: bool
    """No other server can use the database: leases of others are left over from a stop."""
    now_ms: int
    until_ms: int

    def parameters(self) -> dict[str, Any]:
        """As the statements name them."""
        return {"owner": self.owner, "alone": self.alone, "now_ms": self.now_ms, "until_ms": self.until_ms}


def acquire(transaction: Transaction, claimant: Claimant) -> tuple[PageLease, ...]:
    """See `OutboundLog.acquire_pages`."""
    pages = transaction.execute(WITHOUT_OWNER, claimant.parameters()).scalars().all()
    # Another server may take a page in this moment: then it is not taken here.
    leases = tuple(lease for page_id in pages if (lease := _take(transaction, claimant, page_id)) is not None)
    if leases:
        _doubt_calls_in_flight(transaction, leases, claimant.now_ms)
    return leases


def renew(transaction: Transaction, leases: Iterable[PageLease], until_ms: int) -> tuple[PageLease, ...]:
    """See `OutboundLog.renew_pages`."""
    renewed = (replace(lease, until_ms=until_ms) for lease in _sorted(leases))
    return tuple(lease for lease in renewed if _change(transaction, lease, owner=lease.owner, until_ms=until_ms))


def release(transaction: Transaction, leases: Iterable[PageLease], now_ms: int) -> None:
    """See `OutboundLog.release_pages`."""
    for lease in _sorted(leases):
        _change(transaction, lease, owner=NOBODY, until_ms=now_ms)


def present_epochs(transaction: Transaction, page_ids: Iterable[str]) -> dict[str, int]:
    """The present epochs of the pages that anybody ever owned; no page changes its owner until the transaction ends."""
    found = EPOCHS.fetch(transaction, [(page_id,) for page_id in page_ids])
    return {page_id: epoch for page_id, epoch in found}  # noqa: C416 - rows are sequences of anything


def owned_pages(transaction: Transaction, epoch_of: Mapping[str, int]) -> frozenset[str]:
    """The pages whose present epochs these are; see `present_epochs`."""
    present = present_epochs(transaction, epoch_of)
    return frozenset(page_id for page_id, epoch in present.items() if epoch == epoch_of[page_id])


def is_owner(transaction: Transaction, page_id: str, epoch: int) -> bool:
    """Whether this is the page's present epoch; as `owned_pages`."""
    return page_id in owned_pages(transaction, {page_id: epoch})


def _take(transaction: Transaction, claimant: Claimant, page_id: str) -> PageLease | None:
    epoch = transaction.execute(TAKE, {**claimant.parameters(), "the_page": page_id}).scalar()
    if epoch is None:
        return None
    return PageLease(page_id=page_id, owner=claimant.owner, epoch=epoch, until_ms=claimant.until_ms)


def _doubt_calls_in_flight(transaction: Transaction, leases: Iterable[PageLease], now_ms: int) -> None:
    """Makes every part found SENDING uncertain.

    Looked for after the leases were taken: whoever began a part under the old epoch has committed it by then.
    """
    found = IN_FLIGHT.fetch(transaction, [(lease.page_id,) for lease in leases])
    parts = {MessageKey(page_id=page_id, cim_id=cim_id): index for page_id, cim_id, index in found}
    messages = LockedMessages(transaction, parts)
    for key, index in parts.items():
        # The old owner may have seen the answer after all.
        if messages.part(key, index).state is PartState.SENDING:
            doubt = PartChange(index=index, now_ms=now_ms, state=PartState.UNCERTAIN, detail=FOUND_SENDING)
            messages.change_part(key, doubt)
    messages.save()


def _change(transaction: Transaction, lease: PageLease, *, owner: str, until_ms: int) -> bool:
    parameters = {"the_page": lease.page_id, "the_owner": lease.owner, "the_epoch": lease.epoch}
    return transaction.execute(CHANGE, {**parameters, "owner": owner, "until_ms": until_ms}).rowcount == 1


def _sorted(leases: Iterable[PageLease]) -> list[PageLease]:
    return sorted(leases, key=lambda lease: lease.page_id)
