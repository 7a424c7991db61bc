"""The named readers of the inbound log, as rows and as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from facebook_connector.delivery.values import Subscription
from facebook_connector.store.batch import NUMBER, TEXT, Query
from facebook_connector.store.database import Transaction
from facebook_connector.store.schema import installation, subscription

ALL_KINDS = (1 << 62) - 1

CCM: Final = "ccm"
"""The subscription that always is."""

ALL_SUBSCRIPTIONS = Query(select(subscription.c.subscription_id, subscription.c.name, subscription.c.kinds))

# Who makes or deletes a subscription locks this row for himself, who stores events shares it: so a new subscription
# sees every event that was stored without it. On SQLite there is one writer anyway.
_gate = select(subscription.c.subscription_id).where(subscription.c.name == CCM)
SHARE_GATE = Query(_gate.with_for_update(read=True, key_share=True))
CLOSE_GATE = _gate.with_for_update()
STAND = select(subscription.c.subscription_id).order_by(subscription.c.subscription_id).with_for_update(read=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow:
    """A subscription as it is kept."""

    subscription_id: int
    name: str
    kinds: int
    """Bits; see `kinds_of`."""
    create_time_ms: int
    start_point: int
    """`expertflow.connector.v1.StartPoint`; 0: at `start_time_ms`."""
    start_time_ms: int | None
    paused_until_ms: int | None = None
    """The end of the last pause, which may be over."""
    pause_reason: str | None = None


COLUMNS = tuple(item.name for item in fields(SubscriptionRow))

NAME = bindparam("the_name", type_=TEXT)
SUBSCRIPTION = bindparam("the_subscription", type_=NUMBER)
ROWS = select(*(subscription.c[name] for name in COLUMNS))
BY_NAME = ROWS.where(subscription.c.name == NAME)
# Beside the ingest, but one after the other: calls that fill the side queue of a subscription or empty it.
BY_NAME_LOCKED = BY_NAME.with_for_update(key_share=True)
PAGE_OF_SUBSCRIPTIONS = (
    ROWS.where(subscription.c.name > bindparam("after")).order_by(subscription.c.name).limit(bindparam("row_limit"))
)
NEXT_NUMBER = update(installation).values(last_subscription_id=installation.c.last_subscription_id + 1)
NUMBER_TAKEN = select(installation.c.last_subscription_id)
ADD = insert(subscription)
REMOVE = delete(subscription).where(subscription.c.subscription_id == SUBSCRIPTION)
PAUSE = (
    update(subscription)
    .where(subscription.c.subscription_id == SUBSCRIPTION)
    .values(paused_until_ms=bindparam("until_ms"), pause_reason=bindparam("reason"))
)


def all_subscriptions(transaction: Transaction) -> list[Subscription]:
    """Every subscription, by name; there are few."""
    found = [
        Subscription(subscription_id=subscription_id, name=name, kinds=kinds_of(kinds))
        for subscription_id, name, kinds in ALL_SUBSCRIPTIONS.fetch(transaction)
    ]
    return sorted(found, key=attrgetter("name"))


def readers_of_new_events(transaction: Transaction) -> list[Subscription]:
    """Every subscription; until this transaction ends no other comes into being."""
    SHARE_GATE.fetch(transaction)
    return all_subscriptions(transaction)


def standing_subscriptions(transaction: Transaction) -> list[Subscription]:
    """Every subscription; until this transaction ends none comes, none goes, and no side queue gets anything."""
    transaction.execute(STAND)
    return all_subscriptions(transaction)


def close_gate(transaction: Transaction) -> None:
    """Waits for every transaction that stores events, and lets none begin until this one ends."""
    transaction.execute(CLOSE_GATE)


def find_subscription(transaction: Transaction, name: str, *, locked: bool = False) -> SubscriptionRow | None:
    """The subscription of this name; `locked` keeps others from its side queue and dead letters."""
    if "\0" in name:
        return None  # PostgreSQL would not even compare it
    found = transaction.execute(BY_NAME_LOCKED if locked else BY_NAME, {"the_name": name}).first()
    return None if found is None else _row(found)


def page_of_subscriptions(transaction: Transaction, after: str, limit: int) -> list[SubscriptionRow]:
    """At most `limit` subscriptions with a name beyond `after`, by name."""
    return [_row(row) for row in transaction.execute(PAGE_OF_SUBSCRIPTIONS, {"after": after, "row_limit": limit})]


def next_subscription_id(transaction: Transaction) -> int:
    """A number that no subscription ever had."""
    transaction.execute(NEXT_NUMBER)
    number: int = transaction.execute(NUMBER_TAKEN).scalar_one()
    return number


def note_pause(transaction: Transaction, subscription_id: int, until_ms: int | None, reason: str) -> None:
    """Keeps for operators that the subscription pauses, or that it goes on."""
    pause = {"the_subscription": subscription_id, "until_ms": until_ms, "reason": reason or None}
    transaction.execute(PAUSE, pause)


def bits_of(kinds: Iterable[int]) -> int:
    """`EventKind` numbers as one number with a bit for each."""
    return sum(1 << kind for kind in kinds)


def kinds_of(bits: int) -> frozenset[int]:
    """The inverse of `bits_of`."""
    return frozenset(kind for kind in range(bits.bit_length()) if bits >> kind & 1)


def _row(row: Any) -> SubscriptionRow:
    return SubscriptionRow(**row._mapping)  # noqa: SLF001 - public
