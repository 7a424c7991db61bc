"""Operators' calls that change something: each is noted in the audit log, and a repeat of a named one does nothing.

A call is named by its `request_id`; its repeat returns the first answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from facebook_connector.actors import current_actor
from facebook_connector.channels.seal import Keyring
from facebook_connector.errors import ConnectorError
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.keeping.audit import AuditNote, note
from facebook_connector.store.requests import OperatorRequest, RequestIdReused, once
from service_runtime.clock import Clock

A = TypeVar("A", bound=Message)

SCOPE = "operator"
"""All calls share one space of names: an id used for one method cannot be used for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited(Generic[A]):
    """What the audit log says of a call besides its name, its caller and its `request_id`."""

    target: str
    """What it is done to: a page id, a subscription's name, a message id; may be empty."""
    detail: Callable[[A], str] = lambda _answer: ""
    """The particulars, from the answer; without secrets and without content of customers."""


class _FirstTime(Exception):  # noqa: N818 - no error: it leaves a transaction that found nothing
    pass


class OperatorRequests:
    """Runs operators' calls at most once per `request_id`, for 24 hours."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def run(
        self, request: Message, answer: type[A], work: Callable[[Transaction, int], A], audited: Audited[A]
    ) -> tuple[A, bool]:
        """The answer of `work`, or that of the same call before; and whether `work` was done now.

        `work` gets an open transaction and the time; what it changes, its answer and the audit event are committed
        together. Raises `ConnectorError` REQUEST_ID_REUSED, and what `work` raises.
        """
        noting = self.noting(request, audited.target)

        def noted(transaction: Transaction, now_ms: int) -> A:
            done = work(transaction, now_ms)
            noting(transaction, audited.detail(done))
            return done

        try:
            return await self._attempt(request, answer, noted)
        except (RowRefused, ConnectorError):
            # The same call may have been made twice at once: then the other one, committed between this one's look
            # for an answer and its work, is what refused the work.
            first = await self.first_answer(request, answer)
            if first is not None:
                return first, False
            return await self._attempt(request, answer, noted)

    async def keep(self, request: Message, answer: A) -> A:
        """Keeps the answer of work that was done, and noted, in transactions before; returns the answer that counts.

        Of two equal calls at once it is the first one's. Raises `ConnectorError` REQUEST_ID_REUSED.
        """
        kept, _ = await self._attempt(request, type(answer), lambda _transaction, _now_ms: answer)
        return kept

    def noting(self, request: Message, target: str) -> Callable[[Transaction, str], None]:
        """Notes this call in a transaction, with the particulars. To be made on the event loop: it knows the caller."""
        actor, now_ms = current_actor(), self._clock.now_ms()
        return lambda transaction, detail: note(transaction, _note(request, actor, now_ms, target, detail))

    async def first_answer(self, request: Message, answer: type[A]) -> A | None:
        """The answer of the same call before, for work that does not fit into a transaction; None: the first time."""

        def not_yet(_transaction: Transaction, _now_ms: int) -> A:
            raise _FirstTime

        try:
            kept, _ = await self._attempt(request, answer, not_yet)
        except _FirstTime:
            return None
        return kept

    async def _attempt(
        self, request: Message, answer: type[A], work: Callable[[Transaction, int], A]
    ) -> tuple[A, bool]:
        asked = self._asked(request)
        done = False

        def remembered(transaction: Transaction) -> bytes:
            nonlocal done
            done = True
            return work(transaction, asked.now_ms).SerializeToString()

        def whole(transaction: Transaction) -> bytes:
            nonlocal done
            done = False  # the store may run it again
            return once(transaction, asked, remembered)

        try:
            kept = await self._database.write(whole)
        except RequestIdReused as error:
            raise _reused(request, asked.request_id) from error
        return answer.FromString(kept), done

    def _asked(self, request: Message) -> OperatorRequest:
        named: Any = type(request).FromString(request.SerializeToString())
        request_id: str = named.request_id
        named.ClearField("request_id")
        content = f"{request.DESCRIPTOR.full_name}\n".encode() + named.SerializeToString(deterministic=True)
        return OperatorRequest(
            method=SCOPE,
            request_id=request_id,
            # Keyed, because the content may hold secrets.
            fingerprint=self._keyring.fingerprint(content),
            now_ms=self._clock.now_ms(),
        )


def _note(request: Any, actor: str, now_ms: int, target: str, detail: str) -> AuditNote:
    return AuditNote(
        event_time_ms=now_ms,
        actor=actor,
        action=_method(request),
        target=target,
        detail=detail,
        request_id=request.request_id,
    )


def _method(request: Message) -> str:
    return request.DESCRIPTOR.name.removesuffix("Request")


def _reused(request: Message, request_id: str) -> ConnectorError:
    return ConnectorError(
        "REQUEST_ID_REUSED",
        "This request id was used within the last 24 hours for a call with other content.",
        metadata={"method": _method(request), "request_id": request_id},
    )
