"""Ends the messages that still wait for a page whose channel is deleted."""

from __future__ import annotations

from sqlalchemy import select

from facebook_connector.sending.values import Failure, MessageKey, MessageState
from facebook_connector.store.batch import TEXT, Batch, Query
from facebook_connector.store.database import Transaction
from facebook_connector.store.outbound.changes import LockedMessages
from facebook_connector.store.outbound.lanes import UNDECIDED
from facebook_connector.store.outbound.schema import IS_OPEN, outbound_message

_pages = Batch(page_id=TEXT)

QUEUED = Query(
    select(outbound_message.c.page_id, outbound_message.c.cim_id).where(
        IS_OPEN,
        outbound_message.c.page_id.in_(select(_pages.rows.c.page_id)),
        outbound_message.c.state == MessageState.QUEUED.value,
    ),
    _pages,
)


def fail_waiting(transaction: Transaction, page_id: str, failure: Failure, now_ms: int) -> int:
    """Fails every open message of the page, and returns how many.

    Left to their lanes are those with a part that is on its way to Facebook, or may have been.
    """
    found = QUEUED.fetch(transaction, [(page_id,)])
    messages = LockedMessages(transaction, [MessageKey(page_id=page, cim_id=cim_id) for page, cim_id in found])
    # What waited before the locks were held may be on its way by now.
    waiting = [key for key in messages if messages[key].open and not _may_be_out(messages, key)]
    for key in waiting:
        messages.close(key, failure, now_ms)
    messages.save()
    return len(waiting)


def _may_be_out(messages: LockedMessages, key: MessageKey) -> bool:
    return any(part.state in UNDECIDED for part in messages[key].parts)
