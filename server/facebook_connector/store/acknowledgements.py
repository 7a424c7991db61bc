"""What may happen to a claimed head: acknowledged, given back, kept longer, or taken along to another server.

Each function locks the cursors of its batch in sorted order, judges every token by what it then sees, and changes
those that are in force with one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.values import AckOutcome, AckToken, Adopted, AdoptRequest, Extension, Head, Release
from facebook_connector.store import cursor_statements as sql
from facebook_connector.store.database import Transaction
from facebook_connector.store.heads import heads_at
from facebook_connector.store.notices import tell_of_stream
from facebook_connector.store.subscriptions import all_subscriptions

OK = inbound_pb2.ACK_OUTCOME_OK
STALE = inbound_pb2.ACK_OUTCOME_STALE
UNKNOWN = inbound_pb2.ACK_OUTCOME_UNKNOWN


class _Claimed(NamedTuple):
    """A locked cursor."""

    subscription_id: int
    key_id: int
    page_id: str
    head_seq: int | None
    attempt: int
    epoch: int
    client_id: str | None
    owner: str | None


class _Locked:
    """The locked cursors of some tokens, and the judgement on each token.

    With an `owner` only his claims are present. A claim that another server has adopted keeps its epoch, because the
    client goes on with its ack ids; so it is by the owner that the server which had it before is kept off.
    """

    def __init__(self, transaction: Transaction, tokens: Iterable[AckToken], owner: str | None = None) -> None:
        self._owner = owner
        keys = {(token.subscription_id, token.key_id) for token in tokens}
        rows = map(_Claimed._make, sql.LOCK.fetch(transaction, keys) if keys else ())
        self._cursors = {(row.subscription_id, row.key_id): row for row in rows}
        self._ended: set[tuple[int, int]] = set()

    def judge(self, token: AckToken) -> int:
        """OK if the token names the present claim of its cursor."""
        cursor = self._cursors.get((token.subscription_id, token.key_id))
        if cursor is None:
            return UNKNOWN
        present = cursor.client_id is not None and cursor.epoch == token.epoch and cursor.head_seq == token.seq
        return OK if present and self._owner in (None, cursor.owner) else STALE

    def judge_once(self, token: AckToken) -> int:
        """As `judge`, for what ends the claim: a second token of the same cursor is stale."""
        place = (token.subscription_id, token.key_id)
        result = STALE if place in self._ended else self.judge(token)
        if result == OK:
            self._ended.add(place)
        return result

    def page_id(self, token: AckToken) -> str:
        return self._cursors[token.subscription_id, token.key_id].page_id


def acknowledge(transaction: Transaction, tokens: Sequence[AckToken], *, owner: str, until_ms: int) -> list[AckOutcome]:
    """See `CursorStore.acknowledge`."""
    locked = _Locked(transaction, tokens)
    results = [locked.judge_once(token) for token in tokens]
    done = [token for token, result in zip(tokens, results, strict=True) if result == OK]
    heads = _advance(transaction, locked, done, owner=owner, until_ms=until_ms) if done else {}
    return [
        AckOutcome(token=token, result=result, next_head=heads.get(token) if result == OK else None)
        for token, result in zip(tokens, results, strict=True)
    ]


def _advance(
    transaction: Transaction, locked: _Locked, done: Sequence[AckToken], *, owner: str, until_ms: int
) -> dict[AckToken, Head]:
    """Moves cursors past acknowledged messages and claims what follows.

    What follows is looked for in a statement of its own after the locks are held: a message that was committed while
    this transaction waited for a lock is seen, and one that is not committed yet finds the cursor without head.
    What is held back is not claimed, also if the hold is over: the next claim takes it.
    """
    after = [(token.subscription_id, token.key_id, token.seq) for token in done]
    found = {(row[0], row[1]): (row[2], row[3], row[4]) for row in sql.NEXT.fetch(transaction, after)}
    steps = [(*row, *found.get((row[0], row[1]), (None, None, None))) for row in after]
    sql.ADVANCE.execute(transaction, steps, the_owner=owner, until_ms=until_ms)
    following = {name: seq for name, (seq, _, held_until_ms) in found.items() if held_until_ms is None}
    claims = {
        token: AckToken(
            subscription_id=token.subscription_id,
            key_id=token.key_id,
            seq=following[token.subscription_id, token.key_id],
            attempt=1,
            epoch=token.epoch + 1,
        )
        for token in done
        if (token.subscription_id, token.key_id) in following
    }
    heads = heads_at(transaction, [(claimed, locked.page_id(token)) for token, claimed in claims.items()])
    return dict(zip(claims, heads, strict=True))


def release(transaction: Transaction, releases: Sequence[Release], now_ms: int, owner: str | None = None) -> list[int]:
    """See `CursorStore.release`."""
    locked = _Locked(transaction, (ended.token for ended in releases), owner)
    results = [locked.judge_once(release.token) for release in releases]
    rows = [
        (
            release.token.subscription_id,
            release.token.key_id,
            release.ready_at_ms,
            release.counted,
            release.unsent,
        )
        for release, result in zip(releases, results, strict=True)
        if result == OK
    ]
    if rows:
        sql.RELEASE.execute(transaction, rows, now_ms=now_ms)
    return results


def extend(transaction: Transaction, extensions: Sequence[Extension], owner: str | None = None) -> list[int]:
    """See `CursorStore.extend`."""
    locked = _Locked(transaction, (extension.token for extension in extensions), owner)
    results = [locked.judge(extension.token) for extension in extensions]
    # Of several for one cursor the last counts.
    until = {
        (extension.token.subscription_id, extension.token.key_id): extension.until_ms
        for extension, result in zip(extensions, results, strict=True)
        if result == OK
    }
    if until:
        sql.EXTEND.execute(transaction, [(*place, until_ms) for place, until_ms in until.items()])
    return results


def adopt(transaction: Transaction, request: AdoptRequest) -> Adopted:
    """See `CursorStore.adopt`."""
    claimed = sql.LOCK_OF_CLIENT.fetch(
        transaction, the_subscription=request.subscription_id, the_client=request.client_id
    )
    epoch_of: dict[int, int] = dict(map(tuple, claimed))
    results: list[int] = [OK if epoch_of.get(token.key_id) == token.epoch else STALE for token in request.held]
    kept = {token.key_id for token, result in zip(request.held, results, strict=True) if result == OK}
    if kept:
        sql.ADOPT.execute(
            transaction,
            [(request.subscription_id, key_id) for key_id in kept],
            the_owner=request.owner,
            until_ms=request.until_ms,
        )
    ended = [
        (request.subscription_id, key_id, request.now_ms, False, False) for key_id in epoch_of if key_id not in kept
    ]
    if ended:
        sql.RELEASE.execute(transaction, ended, now_ms=request.now_ms)
    generation = tell_of_stream(transaction, request.subscription_id, request.client_id)
    return Adopted(results=tuple(results), generation=generation)


def end_earlier_claims(transaction: Transaction, owner: str, now_ms: int) -> int:
    """See `CursorStore.end_earlier_claims`."""
    return sum(
        transaction.execute(
            sql.END_EARLIER_CLAIMS,
            {"the_subscription": subscription.subscription_id, "the_owner": owner, "now_ms": now_ms},
        ).rowcount
        for subscription in all_subscriptions(transaction)
    )
