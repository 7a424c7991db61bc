"""What comes next for a cursor whose head is done with: the side queue first, then the conversation's order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from facebook_connector.store.database import Transaction
from facebook_connector.store.reading import cursor_statements as sql
from facebook_connector.store.reading import side_queue_statements as side

Name = tuple[int, int]
"""A cursor: its subscription and its key."""


class Done(NamedTuple):
    """A locked cursor whose head is over."""

    subscription_id: int
    key_id: int
    position: int
    """Up to where the conversation is done with, the head included if it stood there."""
    side_place: int | None
    """The head's place in the side queue, if it came from there."""


class Step(NamedTuple):
    """Where a cursor goes: the row of `cursor_statements.ADVANCE`."""

    subscription_id: int
    key_id: int
    position: int
    head_seq: int | None
    head_kind: int | None
    ready_at_ms: int | None
    """When the head, unclaimed, is ready; None: it is claimed, or there is none."""
    side_place: int | None
    side_origin: int | None

    def ready_from(self, now_ms: int) -> Step:
        """The same without a claim: the head is ready for whoever asks."""
        free = self.head_seq is not None and self.ready_at_ms is None
        return self._replace(ready_at_ms=now_ms) if free else self


def steps_after(transaction: Transaction, done: Sequence[Done]) -> list[Step]:
    """The next step of each cursor, in their order. What came out of the side queue leaves it.

    The next message is looked for in statements of their own after the locks are held: what was committed while this
    transaction waited for a lock is seen, and a message that is not committed yet finds the cursor without head.
    """
    taken = [(cursor.subscription_id, cursor.key_id, cursor.side_place) for cursor in done if cursor.side_place]
    if taken:
        side.REMOVE.execute(transaction, taken)
    after = [(cursor.subscription_id, cursor.key_id, cursor.side_place or 0) for cursor in done]
    found: dict[Name, tuple[int | None, ...]] = {
        (row[0], row[1]): tuple(row[2:]) for row in side.NEXT_AT_SIDE.fetch(transaction, after)
    }
    rest = [cursor[:3] for cursor in done if cursor[:2] not in found]
    if rest:
        found |= {(row[0], row[1]): (*row[2:], None, None) for row in sql.NEXT.fetch(transaction, rest)}
    return [Step(*cursor[:3], *found.get(cursor[:2], (None,) * 5)) for cursor in done]


def advance(transaction: Transaction, steps: Sequence[Step], *, owner: str, until_ms: int) -> None:
    """Takes the steps; heads without a time are claimed by `owner`, and the clients that had the keys, until then."""
    sql.ADVANCE.execute(transaction, map(tuple, steps), the_owner=owner, until_ms=until_ms)
