"""From claimed places in the inbound log to the messages delivered there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from facebook_connector.delivery.profiles import Names, with_names
from facebook_connector.delivery.values import AckToken, Head
from facebook_connector.store.database import Transaction
from facebook_connector.store.reading import cursor_statements as sql

NO_PSID = "-"
"""Stands in an ordering key for the PSID of the page's own events."""

Place = tuple[int, int]
"""A key and a sequence number."""


class Grant(NamedTuple):
    """A claim that is granted."""

    token: AckToken
    page_id: str
    side_origin: int | None
    """The origin of a head out of the side queue; None for one in its order."""


def heads_at(transaction: Transaction, claims: Sequence[Grant]) -> list[Head]:
    """The heads of claims, in their order."""
    places = {(claim.token.key_id, claim.token.seq) for claim in claims}
    rows = {(row[0], row[1]): row for row in sql.HEADS.fetch(transaction, places)} if places else {}
    return [_head(claim, rows[claim.token.key_id, claim.token.seq]) for claim in claims]


def sizes_at(transaction: Transaction, places: Collection[Place]) -> dict[Place, int]:
    """The bytes of messages, as `Head.size` will count them but for the names of their authors."""
    return {(key_id, seq): size for key_id, seq, size in sql.HEAD_SIZES.fetch(transaction, places)}


def _head(claim: Grant, row: Sequence[Any]) -> Head:
    _, _, kind, cim_id, message, context, tenant_id, origin, store_time_ms, late, psid, first, last = row
    return Head(
        token=claim.token,
        page_id=claim.page_id,
        ordering_key=f"{claim.page_id}/{psid or NO_PSID}",
        kind=kind,
        origin=claim.side_origin or origin,
        tenant_id=tenant_id,
        cim_id=cim_id,
        message=with_names(message, Names(first=first or "", last=last or "")),
        context=context,
        store_time_ms=store_time_ms,
        late=bool(late),
    )
