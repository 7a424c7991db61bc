"""Finds what names a customer outside of the conversation with them: in the quarantine, and in events of the page.

Nothing there has the customer's id in a column, so the bytes themselves are read, a few at a time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, select

from facebook_connector.store.batch import TEXT
from facebook_connector.store.database import Database
from facebook_connector.store.erasure import Customer, Elsewhere
from facebook_connector.store.schema import event, ordering_key, quarantine

AT_ONCE = 50
"""Rows that are read at the same time; a body may have many megabytes."""

_page = bindparam("the_page", type_=TEXT)

QUARANTINED = (
    select(quarantine.c.quarantine_id, quarantine.c.raw)
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
    select(event.c.event_number, event.c.raw)
    .where(event.c.key_id == _page_key, event.c.event_number > bindparam("after"))
    .order_by(event.c.event_number)
    .limit(AT_ONCE)
)


async def find_namings(database: Database, customer: Customer) -> Elsewhere:
    """Reads through the quarantine and the page's events; what comes in meanwhile is not looked at."""
    return Elsewhere(
        quarantine_ids=await _naming(database, QUARANTINED, customer),
        page_events=await _naming(database, PAGE_EVENTS, customer),
    )


async def _naming(database: Database, statement: Select[Any], customer: Customer) -> frozenset[int]:
    found: set[int] = set()
    after = 0
    while True:
        values = {"the_page": customer.page_id, "no_page": "", "after": after}
        rows = await database.read(lambda transaction: transaction.execute(statement, values).all())  # noqa: B023 - awaited at once
        found.update(number for number, raw in rows if customer.is_named_in(bytes(raw)))
        if len(rows) < AT_ONCE:
            return frozenset(found)
        after = rows[-1][0]
