"""Fills the side queue of a subscription: what operators have delivered again comes before what waits.

A message that was delivered already and is not done with keeps its place at the head of its conversation, even before
these: its attempts are counted there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, cast, func, insert, literal, null, select, true, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.store.batch import NUMBER, TEXT, Batch, Statement
from facebook_connector.store.database import Transaction
from facebook_connector.store.notices import Topic, tell
from facebook_connector.store.reading.cursor_statements import HELD_UNTIL, KINDS, SUBSCRIPTION, bit_of
from facebook_connector.store.schema import cursor, dead_letter, event, message, ordering_key, side_queue

NOW = bindparam("now_ms", type_=NUMBER)
ORIGIN = bindparam("the_origin", type_=NUMBER)

_zero = cast(literal(0), BigInteger)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayChoice:
    """Which stored messages are replayed; all that is set must hold."""

    start_ms: int
    """Stored at or after."""
    end_ms: int
    """Stored before."""
    kinds: int
    page_id: str = ""
    psid: str | None = None


def _append(chosen: Select[Any]) -> Any:
    """Adds chosen messages, key and number, behind what the side queue has of their conversations."""
    rows = chosen.subquery("chosen")
    last = (
        select(func.coalesce(func.max(side_queue.c.place), 0))
        .where(side_queue.c.subscription_id == SUBSCRIPTION, side_queue.c.key_id == rows.c.key_id)
        .correlate(rows)
        .scalar_subquery()
    )
    number = func.row_number().over(partition_by=rows.c.key_id, order_by=rows.c.seq)
    return insert(side_queue).from_select(
        ["subscription_id", "key_id", "place", "seq", "origin", "create_time_ms"],
        select(SUBSCRIPTION, rows.c.key_id, last + number, rows.c.seq, ORIGIN, NOW),
    )


_letters = Batch(dead_letter_id=NUMBER)

REDRIVE = Statement(
    _letters,
    _append(
        select(dead_letter.c.key_id, dead_letter.c.seq).where(
            dead_letter.c.dead_letter_id.in_(select(_letters.rows.c.dead_letter_id))
        )
    ),
)

_replayed = (
    select(message.c.key_id, message.c.seq)
    .join(event, (event.c.key_id == message.c.key_id) & (event.c.event_number == message.c.event_number))
    .where(
        event.c.store_time_ms >= bindparam("start_ms", type_=NUMBER),
        event.c.store_time_ms < bindparam("end_ms", type_=NUMBER),
        bit_of(message.c.kind).op("&")(KINDS) != 0,
    )
)
_keys = select(ordering_key.c.key_id).where(ordering_key.c.page_id == bindparam("the_page", type_=TEXT))

REPLAY = _append(_replayed)
REPLAY_PAGE = _append(_replayed.where(event.c.key_id.in_(_keys)))
REPLAY_CUSTOMER = _append(
    _replayed.where(event.c.key_id.in_(_keys.where(ordering_key.c.psid == bindparam("the_psid", type_=TEXT))))
)

_waiting_keys = select(side_queue.c.key_id).where(side_queue.c.subscription_id == SUBSCRIPTION).distinct()

ADD_CURSORS = (
    insert_or_skip(cursor)
    .from_select(
        ["subscription_id", "key_id", "page_id", "position", "attempt", "failures", "epoch"],
        select(
            SUBSCRIPTION, ordering_key.c.key_id, ordering_key.c.page_id, ordering_key.c.last_seq, _zero, _zero, _zero
        )
        .where(ordering_key.c.key_id.in_(_waiting_keys), true())
        .order_by(ordering_key.c.key_id),
    )
    .on_conflict_do_nothing()
)
"""For conversations of which the subscription had nothing to read so far: it begins behind what they hold."""

_locked = (
    select(cursor.c.key_id)
    .where(cursor.c.subscription_id == SUBSCRIPTION, cursor.c.key_id.in_(_waiting_keys))
    .order_by(cursor.c.key_id)
    .with_for_update()
    .subquery("locked")
)
LOCK_CURSORS = select(func.count()).select_from(_locked)

_first = (
    select(side_queue.c.key_id, func.min(side_queue.c.place).label("place"))
    .where(side_queue.c.subscription_id == SUBSCRIPTION)
    .group_by(side_queue.c.key_id)
    .subquery("first")
)
_head = (
    select(
        side_queue.c.key_id,
        side_queue.c.seq,
        side_queue.c.place,
        side_queue.c.origin,
        message.c.kind,
        func.coalesce(HELD_UNTIL, NOW).label("ready_at_ms"),
    )
    .select_from(_first)
    .join(
        side_queue,
        (side_queue.c.subscription_id == SUBSCRIPTION)
        & (side_queue.c.key_id == _first.c.key_id)
        & (side_queue.c.place == _first.c.place),
    )
    .join(message, (message.c.key_id == side_queue.c.key_id) & (message.c.seq == side_queue.c.seq))
    .subquery("head")
)

BRING_FORWARD = (
    update(cursor)
    .where(
        cursor.c.subscription_id == SUBSCRIPTION,
        cursor.c.key_id == _head.c.key_id,
        cursor.c.client_id.is_(null()),
        cursor.c.attempt == 0,
        cursor.c.side_place.is_(null()),
    )
    .values(
        head_seq=_head.c.seq,
        head_kind=_head.c.kind,
        ready_at_ms=_head.c.ready_at_ms,
        side_place=_head.c.place,
        side_origin=_head.c.origin,
    )
)
"""Makes the first entry the head where nothing is under way. Elsewhere it follows what is, once that is done with."""


def redrive(transaction: Transaction, subscription_id: int, dead_letter_ids: Iterable[int], now_ms: int) -> None:
    """Adds dead letters to the side queue. The subscription is locked; the dead letters are left to the caller."""
    REDRIVE.execute(
        transaction,
        [(number,) for number in dead_letter_ids],
        the_subscription=subscription_id,
        the_origin=inbound_pb2.DELIVERY_ORIGIN_REDRIVE,
        now_ms=now_ms,
    )
    _bring_forward(transaction, subscription_id, now_ms)


def replay(transaction: Transaction, subscription_id: int, choice: ReplayChoice, now_ms: int) -> int:
    """Adds stored messages to the side queue; returns how many. The subscription is locked."""
    statement = REPLAY if not choice.page_id else REPLAY_PAGE if choice.psid is None else REPLAY_CUSTOMER
    parameters: dict[str, Any] = {
        "the_subscription": subscription_id,
        "the_origin": inbound_pb2.DELIVERY_ORIGIN_REPLAY,
        "now_ms": now_ms,
        "start_ms": choice.start_ms,
        "end_ms": choice.end_ms,
        "kinds": choice.kinds,
    }
    if choice.page_id:
        parameters["the_page"] = choice.page_id
    if choice.psid is not None:
        parameters["the_psid"] = choice.psid
    added: int = transaction.execute(statement, parameters).rowcount
    if added:
        _bring_forward(transaction, subscription_id, now_ms)
    return added


def _bring_forward(transaction: Transaction, subscription_id: int, now_ms: int) -> None:
    named = {"the_subscription": subscription_id}
    transaction.execute(ADD_CURSORS, named)
    transaction.execute(LOCK_CURSORS, named)
    transaction.execute(BRING_FORWARD, {**named, "now_ms": now_ms})
    tell(transaction, Topic.READY, [subscription_id])
