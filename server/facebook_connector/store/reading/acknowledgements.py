"""What may happen to a claimed head: acknowledged, given back, given up, kept longer, or taken to another server.

Each function locks the cursors of its batch in sorted order, judges every token by what it then sees, and changes
those that are in force with one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.delivery.poison import Verdict, is_hopeless, judge_hopeless
from facebook_connector.delivery.values import (
    AckOutcome,
    AckToken,
    Adopted,
    AdoptRequest,
    Extension,
    Head,
    Release,
    ReleaseOutcome,
)
from facebook_connector.store.database import Transaction
from facebook_connector.store.notices import tell_of_stream
from facebook_connector.store.reading import cursor_statements as sql
from facebook_connector.store.reading.advances import Done, Step, advance, steps_after
from facebook_connector.store.reading.dead_letters import DeadLetterNote, note_dead_letters
from facebook_connector.store.reading.heads import Grant, heads_at
from facebook_connector.store.reading.subscriptions import all_subscriptions

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
    position: int
    side_place: int | None
    failures: int
    first_failure_ms: int | None

    @property
    def done(self) -> Done:
        """The head is over, by whatever way."""
        assert self.head_seq is not None
        # What came out of the side queue is beside the order: it moves nobody forwards.
        position = self.position if self.side_place is not None else self.head_seq
        return Done(self.subscription_id, self.key_id, position, self.side_place)


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

    def cursor(self, token: AckToken) -> _Claimed:
        return self._cursors[token.subscription_id, token.key_id]


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

    What is held back is not claimed, also if the hold is over: the next claim takes it.
    """
    steps = steps_after(transaction, [locked.cursor(token).done for token in done])
    advance(transaction, steps, owner=owner, until_ms=until_ms)
    claimed = [
        (token, _granted(token, locked.cursor(token).page_id, step))
        for token, step in zip(done, steps, strict=True)
        if step.head_seq is not None and step.ready_at_ms is None
    ]
    heads = heads_at(transaction, [granted for _, granted in claimed])
    return {token: head for (token, _), head in zip(claimed, heads, strict=True)}


def _granted(token: AckToken, page_id: str, step: Step) -> Grant:
    assert step.head_seq is not None
    following = AckToken(
        subscription_id=token.subscription_id,
        key_id=token.key_id,
        seq=step.head_seq,
        attempt=1,
        epoch=token.epoch + 1,
    )
    return Grant(following, page_id, step.side_origin)


def release(
    transaction: Transaction, releases: Sequence[Release], now_ms: int, *, owner: str | None, working_keys: int
) -> list[ReleaseOutcome]:
    """See `CursorStore.release`."""
    locked = _Locked(transaction, (ended.token for ended in releases), owner)
    judged = [(ended, locked.judge_once(ended.token)) for ended in releases]
    present = [ended for ended, result in judged if result == OK]
    hopeless = [ended for ended in present if ended.counted and _is_hopeless(locked.cursor(ended.token), now_ms)]
    verdict = _judge(transaction, hopeless, working_keys) if hopeless else Verdict.RETRY
    given_up = hopeless if verdict is Verdict.GIVE_UP else []
    _give_up(transaction, locked, given_up, now_ms)
    _give_back(transaction, [ended for ended in present if ended not in given_up], now_ms)
    return [
        ReleaseOutcome(result=result, verdict=verdict if ended in hopeless and result == OK else Verdict.RETRY)
        for ended, result in judged
    ]


def _is_hopeless(cursor: _Claimed, now_ms: int) -> bool:
    first_failure_ms = now_ms if cursor.first_failure_ms is None else cursor.first_failure_ms
    return is_hopeless(failures=cursor.failures + 1, first_failure_ms=first_failure_ms, now_ms=now_ms)


def _judge(transaction: Transaction, hopeless: Sequence[Release], working_keys: int) -> Verdict:
    subscription_id = hopeless[0].token.subscription_id
    failing_keys = transaction.execute(sql.FAILING, {"the_subscription": subscription_id}).scalar_one()
    return judge_hopeless(failing_keys=failing_keys, working_keys=working_keys)


def _give_up(transaction: Transaction, locked: _Locked, given_up: Sequence[Release], now_ms: int) -> None:
    """Makes heads dead letters; what follows in their conversations is ready."""
    if not given_up:
        return
    cursors = [locked.cursor(ended.token) for ended in given_up]
    steps = steps_after(transaction, [cursor.done for cursor in cursors])
    advance(transaction, [step.ready_from(now_ms) for step in steps], owner="", until_ms=now_ms)
    note_dead_letters(
        transaction,
        [
            DeadLetterNote(
                subscription_id=cursor.subscription_id,
                key_id=cursor.key_id,
                seq=ended.token.seq,
                attempts=cursor.attempt,
                failures=cursor.failures + 1,
                last_detail=ended.detail,
                last_client_id=cursor.client_id or "",
            )
            for ended, cursor in zip(given_up, cursors, strict=True)
        ],
        now_ms,
    )


def _give_back(transaction: Transaction, releases: Sequence[Release], now_ms: int) -> None:
    rows = [
        (
            release.token.subscription_id,
            release.token.key_id,
            release.ready_at_ms,
            release.counted,
            release.unsent,
        )
        for release in releases
    ]
    if rows:
        sql.RELEASE.execute(transaction, rows, now_ms=now_ms)


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
