"""Operators' calls that must not be done twice: the first answer per request id, kept for a day.

The answer is stored in the transaction of the change itself, so that either both are there or neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from facebook_connector.store.database import Transaction
from facebook_connector.store.errors import Contended, StoreError
from facebook_connector.store.schema import request

KEPT_MS = 24 * 60 * 60 * 1000
"""How long a repeat gets the first answer."""


class RequestIdReused(StoreError):  # noqa: N818 - names a state
    """The request id was used for a call with other content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRequest:
    """Names one call: its method, the id its caller gave it, and a fingerprint of its content."""

    method: str
    request_id: str
    """Empty: the call has no name, and a repeat of it is a call of its own."""
    fingerprint: bytes
    """A hash of the content; never the content, which may hold secrets."""
    now_ms: int


FORGET = delete(request).where(request.c.create_time_ms <= bindparam("before_ms"))
# PostgreSQL's `insert` because of ON CONFLICT, which SQLite spells the same way and compiles from it.
TAKE_NAME = insert_or_skip(request).on_conflict_do_nothing()
FIND = select(request.c.fingerprint, request.c.answer).where(
    request.c.method == bindparam("the_method"), request.c.request_id == bindparam("the_id")
)
ANSWER = (
    update(request)
    .where(request.c.method == bindparam("the_method"), request.c.request_id == bindparam("the_id"))
    .values(answer=bindparam("the_answer"))
)


def once(transaction: Transaction, asked: OperatorRequest, work: Callable[[Transaction], bytes]) -> bytes:
    """The answer of `work`, or of the same call's first time; raises `RequestIdReused`."""
    if not asked.request_id:
        return work(transaction)
    transaction.execute(FORGET, {"before_ms": asked.now_ms - KEPT_MS})
    name = {"the_method": asked.method, "the_id": asked.request_id}
    # The name is taken before the work: of two equal calls at once the second waits here for the first one's answer.
    if transaction.execute(TAKE_NAME, _row(asked)).rowcount == 0:
        return _first_answer(transaction, asked, name)
    answer = work(transaction)
    transaction.execute(ANSWER, {**name, "the_answer": answer})
    return answer


def _first_answer(transaction: Transaction, asked: OperatorRequest, name: dict[str, str]) -> bytes:
    known = transaction.execute(FIND, name).first()
    if known is None:
        # Another server, whose clock is ahead of ours, has just forgotten it.
        raise Contended
    if known.fingerprint != asked.fingerprint:
        raise RequestIdReused(f"{asked.method} was called with this request id and other content")
    answer: bytes = known.answer
    return answer


def _row(asked: OperatorRequest) -> dict[str, object]:
    return {
        "method": asked.method,
        "request_id": asked.request_id,
        "fingerprint": asked.fingerprint,
        "answer": b"",
        "create_time_ms": asked.now_ms,
    }
