"""Finds what concerns a customer outside of the conversation with them.

Those are quarantined webhooks and events of the page that name them, and files that were sent to them alone.

Nothing there has the customer's id in a column, so the bytes themselves are read, a few at a time.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Select, bindparam, select, tuple_

from facebook_connector.store.batch import TEXT
from facebook_connector.store.database import Database
from facebook_connector.store.keeping.erasure import Customer, Elsewhere
from facebook_connector.store.outbound.schema import outbound_message
from facebook_connector.store.schema import event, message, ordering_key, quarantine

AT_ONCE = 50
"""Rows that are read at the same time; a body may have many megabytes."""

_page = bindparam("the_page", type_=TEXT)

# Each gives where to read on, what is found by that, and the bytes to look into.
QUARANTINED = (
    select(quarantine.c.quarantine_id, quarantine.c.quarantine_id, quarantine.c.raw)
    # What could not be taken apart belongs to no page.
    .where(quarantine.c.page_id.in_([_page, bindparam("no_page")]), quarantine.c.quarantine_id > bindparam("after"))
    .order_by(quarantine.c.quarantine_id)
    .limit(AT_ONCE)
)
_page_key = (
    select(ordering_key.c.key_id)
    .where(ordering_key.c.page_id == _page, ordering_key.c.psid == bindparam("no_page"))
    .scalar_subquery()
)
PAGE_EVENTS = (
    select(event.c.event_number, event.c.event_number, event.c.raw)
    .where(event.c.key_id == _page_key, event.c.event_number > bindparam("after"))
    .order_by(event.c.event_number)
    .limit(AT_ONCE)
)
# The raw bytes of an event go before what a dead letter or a replay still needs of it.
PAGE_MESSAGES = (
    select(message.c.seq, message.c.event_number, message.c.message, message.c.context)
    .where(message.c.key_id == _page_key, message.c.seq > bindparam("after"))
    .order_by(message.c.seq)
    .limit(AT_ONCE)
)


FILE = re.compile(rb"/media/([A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])")
"""The link of a kept medium, in a message."""

_place = (outbound_message.c.page_id, outbound_message.c.cim_id)
_psid = bindparam("the_psid", type_=TEXT)
_own_key = (
    select(ordering_key.c.key_id).where(ordering_key.c.page_id == _page, ordering_key.c.psid == _psid).scalar_subquery()
)
SENT_TO = select(outbound_message.c.message).where(outbound_message.c.key_id == _own_key)
SENT = (
    select(*_place, outbound_message.c.message, (outbound_message.c.key_id == _own_key).label("is_own"))
    .where(tuple_(*_place) > tuple_(bindparam("after_page"), bindparam("after_id")))
    .order_by(*_place)
    .limit(AT_ONCE)
)


async def find_namings(database: Database, customer: Customer) -> Elsewhere:
    """Reads through the quarantine and the page's events; what comes in meanwhile is not looked at."""
    return Elsewhere(
        quarantine_ids=await _naming(database, QUARANTINED, customer),
        page_events=await _naming(database, PAGE_EVENTS, customer) | await _naming(database, PAGE_MESSAGES, customer),
        files=await _own_files(database, customer),
    )


async def _own_files(database: Database, customer: Customer) -> frozenset[str]:
    """The files that were sent to the customer and to nobody else."""
    named = {"the_page": customer.page_id, "the_psid": customer.psid}
    sent = await database.read(lambda transaction: transaction.execute(SENT_TO, named).scalars().all())
    files = {name for message in sent for name in _files(message)}
    place = {"after_page": "", "after_id": ""}
    while files:
        values = {**named, **place}
        rows = await database.read(lambda transaction: transaction.execute(SENT, values).all())  # noqa: B023 - awaited at once
        files -= {name for row in rows if not row.is_own for name in _files(row.message)}
        if len(rows) < AT_ONCE:
            break
        place = {"after_page": rows[-1].page_id, "after_id": rows[-1].cim_id}
    return frozenset(files)


def _files(message: bytes) -> set[str]:
    return {name.decode() for name in FILE.findall(message)}


async def _naming(database: Database, statement: Select[Any], customer: Customer) -> frozenset[int]:
    found: set[int] = set()
    after = 0
    while True:
        values = {"the_page": customer.page_id, "no_page": "", "after": after}
        rows = await database.read(lambda transaction: transaction.execute(statement, values).all())  # noqa: B023 - awaited at once
        found.update(number for _, number, *held in rows if any(customer.is_named_in(bytes(raw)) for raw in held))
        if len(rows) < AT_ONCE:
            return frozenset(found)
        after = rows[-1][0]
