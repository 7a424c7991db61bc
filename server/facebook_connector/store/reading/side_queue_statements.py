"""The statements of the side queue: what operators had delivered again, beside the order of the conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, delete, select, tuple_

from facebook_connector.store.batch import NUMBER, Batch, Query, Statement
from facebook_connector.store.reading.cursor_statements import HELD_UNTIL
from facebook_connector.store.schema import message, side_queue

_after = Batch(subscription_id=NUMBER, key_id=NUMBER, place=NUMBER)


def _same_key(rows: Any) -> Any:
    return and_(side_queue.c.subscription_id == rows.c.subscription_id, side_queue.c.key_id == rows.c.key_id)


_next_place = (
    select(side_queue.c.place)
    .where(_same_key(_after.rows), side_queue.c.place > _after.rows.c.place)
    .order_by(side_queue.c.place)
    .limit(1)
    .correlate(_after.rows)
    .scalar_subquery()
)

NEXT_AT_SIDE = Query(
    select(
        _after.rows.c.subscription_id,
        _after.rows.c.key_id,
        side_queue.c.seq,
        message.c.kind,
        HELD_UNTIL,
        side_queue.c.place,
        side_queue.c.origin,
    )
    .select_from(_after.rows)
    .join(side_queue, _same_key(_after.rows) & (side_queue.c.place == _next_place))
    .join(message, (message.c.key_id == side_queue.c.key_id) & (message.c.seq == side_queue.c.seq)),
    _after,
)
"""The first entry of the side queue after a place, for each cursor; no row where there is none."""

REMOVE = Statement(
    _after,
    delete(side_queue).where(
        tuple_(side_queue.c.subscription_id, side_queue.c.key_id, side_queue.c.place).in_(select(*_after.rows.c))
    ),
)
"""Takes entries out that are done with."""
