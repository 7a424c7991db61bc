"""The named readers of the inbound log, as rows and as values."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from facebook_connector.delivery.values import Subscription
from facebook_connector.store.database import Transaction
from facebook_connector.store.schema import subscription

ALL_KINDS = (1 << 62) - 1

ALL_SUBSCRIPTIONS = select(subscription.c.subscription_id, subscription.c.name, subscription.c.kinds).order_by(
    subscription.c.name
)


def all_subscriptions(transaction: Transaction) -> list[Subscription]:
    """Every subscription, by name; there are few."""
    return [
        Subscription(subscription_id=row.subscription_id, name=row.name, kinds=kinds_of(row.kinds))
        for row in transaction.execute(ALL_SUBSCRIPTIONS)
    ]


def bits_of(kinds: Iterable[int]) -> int:
    """`EventKind` numbers as one number with a bit for each."""
    return sum(1 << kind for kind in kinds)


def kinds_of(bits: int) -> frozenset[int]:
    """The inverse of `bits_of`."""
    return frozenset(kind for kind in range(bits.bit_length()) if bits >> kind & 1)
