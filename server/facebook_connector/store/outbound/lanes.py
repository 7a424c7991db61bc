"""What happens to an accepted message: SENDING before each call, what came of it, and the end.

What needs the ownership of the page locks the page's lease, shared, before the message: the lanes of a page do not wait
for one another, and a change of owner waits until what was begun is committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, exists, select

from facebook_connector.sending.failures import expired
from facebook_connector.sending.settlement import ON_ITS_WAY, may_become
from facebook_connector.sending.values import (
    Closing,
    MessageKey,
    MessageState,
    OutboundStatus,
    PageLease,
    PartBeginning,
    PartSettlement,
    PartState,
    Settled,
)
from facebook_connector.store.batch import NUMBER, TEXT, Batch, Query
from facebook_connector.store.database import Transaction
from facebook_connector.store.log.receipts import note_confirmed
from facebook_connector.store.outbound.changes import LockedMessages, PartChange
from facebook_connector.store.outbound.lane_heads import followed_messages
from facebook_connector.store.outbound.page_leases import is_owner, owned_pages, present_epochs
from facebook_connector.store.outbound.schema import IS_OPEN, IS_SENDING, outbound_message, outbound_part

UNDECIDED = frozenset({PartState.SENDING, PartState.UNCERTAIN})
"""A part in such a state may have reached the customer: its message does not just expire."""

_pages = Batch(page_id=TEXT)
_has_call_in_flight = exists().where(
    IS_SENDING,
    outbound_part.c.page_id == outbound_message.c.page_id,
    outbound_part.c.cim_id == outbound_message.c.cim_id,
)
_due: Select[Any] = (
    select(outbound_message.c.page_id, outbound_message.c.cim_id)
    .where(
        IS_OPEN,
        outbound_message.c.page_id.in_(select(_pages.rows.c.page_id)),
        outbound_message.c.expire_time_ms <= bindparam("now_ms", type_=NUMBER),
        outbound_message.c.state == MessageState.QUEUED.value,
        ~_has_call_in_flight,
    )
    .order_by(outbound_message.c.expire_time_ms)
    .limit(bindparam("row_limit", type_=NUMBER))
)
DUE = Query(_due, _pages)


def begin_parts(transaction: Transaction, beginnings: Sequence[PartBeginning]) -> list[bool]:
    """See `OutboundLog.begin_part`; for several at once."""
    epochs = present_epochs(transaction, {beginning.page_id for beginning in beginnings})
    messages = LockedMessages(transaction, map(_key, beginnings))
    begun = [
        epochs.get(beginning.page_id) == beginning.epoch and _begin(messages, beginning) for beginning in beginnings
    ]
    messages.save()
    return begun


def _begin(messages: LockedMessages, beginning: PartBeginning) -> bool:
    key = _key(beginning)
    if not messages[key].open or messages.part(key, beginning.index).state is not PartState.QUEUED:
        return False
    change = PartChange(
        index=beginning.index, now_ms=beginning.now_ms, state=PartState.SENDING, detail=beginning.detail
    )
    messages.change_part(key, change)
    return True


def settle_parts(transaction: Transaction, settlements: Sequence[PartSettlement]) -> list[Settled]:
    """See `OutboundLog.settle_part`; for several at once."""
    proofs = [settlement for settlement in settlements if settlement.state in ON_ITS_WAY]
    doubtful = {settlement.page_id for settlement in settlements if settlement.state not in ON_ITS_WAY}
    epochs = present_epochs(transaction, doubtful) if doubtful else {}
    messages = LockedMessages(transaction, map(_key, settlements))
    for settlement in settlements:
        _settle(messages, settlement, owner=epochs.get(settlement.page_id) == settlement.epoch)
    messages.save()
    if proofs:
        note_confirmed(transaction, map(_key, proofs), min(settlement.now_ms for settlement in proofs))
    followed = followed_messages(transaction, map(_key, settlements))
    return [Settled(status=messages[key], followed=key in followed) for key in map(_key, settlements)]


def _settle(messages: LockedMessages, settlement: PartSettlement, *, owner: bool) -> None:
    proof = settlement.state in ON_ITS_WAY
    key = _key(settlement)
    present = messages.part(key, settlement.index).state
    # What Facebook took is true whoever says so.
    if may_become(present, settlement.state) if proof else owner and present is settlement.settles:
        messages.change_part(key, _change(settlement))
    elif present in ON_ITS_WAY:
        # The echo overtook the answer. How the message was sent is known from the answer alone.
        messages.add_warnings(key, settlement.warnings)


def settle_unsent(transaction: Transaction, settlement: PartSettlement) -> OutboundStatus:
    """See `OutboundLog.settle_unsent`."""
    owner = is_owner(transaction, settlement.page_id, settlement.epoch)
    key = _key(settlement)
    messages = LockedMessages(transaction, (key,))
    if owner and messages[key].open and messages.part(key, settlement.index).state is PartState.QUEUED:
        messages.change_part(key, _change(settlement))
        messages.save()
    return messages[key]


def close(transaction: Transaction, closing: Closing) -> OutboundStatus:
    """See `OutboundLog.close`."""
    owner = is_owner(transaction, closing.page_id, closing.epoch)
    key = _key(closing)
    messages = LockedMessages(transaction, (key,))
    if owner and messages[key].open and not _has_part(messages[key], {PartState.SENDING}):
        messages.close(key, closing.failure, closing.now_ms)
        messages.save()
    return messages[key]


def expire_due(
    transaction: Transaction, leases: tuple[PageLease, ...], now_ms: int, limit: int
) -> tuple[OutboundStatus, ...]:
    """See `OutboundLog.expire_due`."""
    due = DUE.fetch(transaction, [(lease.page_id,) for lease in leases], now_ms=now_ms, row_limit=limit)
    if not due:
        return ()
    owned = owned_pages(transaction, {lease.page_id: lease.epoch for lease in leases})
    keys = [MessageKey(page_id=page_id, cim_id=cim_id) for page_id, cim_id in due if page_id in owned]
    messages = LockedMessages(transaction, keys)
    # What was due before the locks were held may be on its way by now.
    expiring = [key for key in messages if messages[key].open and not _has_part(messages[key], UNDECIDED)]
    for key in expiring:
        messages.close(key, expired(messages[key].expire_time_ms), now_ms)
    messages.save()
    return tuple(messages[key] for key in expiring)


def _key(what: PartBeginning | PartSettlement | Closing) -> MessageKey:
    return MessageKey(page_id=what.page_id, cim_id=what.cim_id)


def _has_part(status: OutboundStatus, states: frozenset[PartState] | set[PartState]) -> bool:
    return any(part.state in states for part in status.parts)


def _change(settlement: PartSettlement) -> PartChange:
    return PartChange(
        index=settlement.index,
        now_ms=settlement.now_ms,
        state=settlement.state,
        detail=settlement.detail,
        mid=settlement.mid,
        attempts=settlement.attempts,
        retry_at_ms=settlement.retry_at_ms,
        failure=settlement.failure,
        warnings=settlement.warnings,
    )
