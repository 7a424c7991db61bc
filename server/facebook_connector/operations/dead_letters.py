"""Operators look at what a subscription gave up, send it again, or discard it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from expertflow.connector.v1 import inbound_pb2
from expertflow.connector.v1.operations_pb2 import DeadLetter, DeadLetterFilter
from expertflow.connector.v1.operations_service_pb2 import (
    DiscardDeadLettersRequest,
    DiscardDeadLettersResponse,
    ListDeadLettersRequest,
    ListDeadLettersResponse,
    RedriveDeadLettersRequest,
    RedriveDeadLettersResponse,
)
from facebook_connector.channels.paging import NUMBER, filters_of, number_after, page_limit, token_after
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rules import refuse, require_request_id
from facebook_connector.delivery.endings import not_found_error
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.operations.conditions import moment_ms, require_texts
from facebook_connector.operations.renewing import Renewing
from facebook_connector.operations.subscriptions import required
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.reading.dead_letters import (
    DeadLetterChoice,
    DeadLetterRow,
    dead_letter_sizes,
    dead_letters_at,
    remove_dead_letters,
)
from facebook_connector.store.reading.heads import NO_PSID
from facebook_connector.store.reading.side_queue import redrive
from facebook_connector.store.reading.subscriptions import find_subscription
from facebook_connector.timestamps import timestamp

MAX_IDS = 1000

ANSWER_BYTES = 4 * 1024 * 1024 - 256 * 1024
"""Messages in one answer; the rest of 4 MiB is for what stands beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """The dead letters as operators see them."""

    database: Database
    requests: OperatorRequests
    renewing: Renewing
    ready: Callable[[int], None]
    """Called with the number of a subscription that has something to deliver again."""

    async def list(self, request: ListDeadLettersRequest) -> ListDeadLettersResponse:
        """Raises `ConnectorError` SUBSCRIPTION_NOT_FOUND, INVALID_FIELD or PAGE_TOKEN_INVALID."""
        limit, filters = page_limit(request.page_size), filters_of(request)
        after = number_after(request.page_token, filters, "ListDeadLetters") or 0
        _require_valid(request.filter)

        def work(transaction: Transaction) -> tuple[list[DeadLetterRow], bool]:
            row = find_subscription(transaction, request.subscription)
            if row is None:
                raise not_found_error(request.subscription)
            choice = _choice(row.subscription_id, request.filter)
            found = dead_letter_sizes(transaction, choice, after=after, limit=limit + 1)
            shown = _within_answer(found[:limit])
            return dead_letters_at(transaction, shown), len(found) > len(shown)

        rows, more = await self.database.read(work)
        return ListDeadLettersResponse(
            dead_letters=[_message(row, request.subscription) for row in rows],
            next_page_token=token_after(str(rows[-1].dead_letter_id), filters) if more else "",
        )

    async def redrive(self, request: RedriveDeadLettersRequest) -> RedriveDeadLettersResponse:
        """Raises `ConnectorError` as `discard`.

        Those to be translated anew are so in transactions of a few; a call that breaks off can be repeated.
        """
        _require_change(request.filter, request.request_id)
        if not request.retranslate:
            return await self._redrive(request)
        if (first := await self.requests.first_answer(request, RedriveDeadLettersResponse)) is not None:
            return first
        ids = await self.database.read(lambda transaction: _chosen_of(transaction, request))
        return await self._redrive(request, only=frozenset(ids), renewed=await self.renewing.renew(ids))

    async def _redrive(
        self, request: RedriveDeadLettersRequest, only: frozenset[int] | None = None, renewed: int = 0
    ) -> RedriveDeadLettersResponse:
        numbers: list[int] = []

        def work(transaction: Transaction, now_ms: int) -> RedriveDeadLettersResponse:
            subscription_id = required(transaction, request.subscription).subscription_id
            numbers[:] = [subscription_id]
            chosen = _chosen(transaction, subscription_id, request.filter)
            # Those given up since the translation began would go as they are.
            ids = [number for number in chosen if only is None or number in only]
            redrive(transaction, subscription_id, ids, now_ms)
            remove_dead_letters(transaction, ids)
            return RedriveDeadLettersResponse(redriven_count=len(ids), retranslated_count=renewed)

        audited: Audited[RedriveDeadLettersResponse] = Audited(target=request.subscription, detail=_redriven)
        answer, done = await self.requests.run(request, RedriveDeadLettersResponse, work, audited)
        if done:
            self.ready(numbers[0])
        return answer

    async def discard(self, request: DiscardDeadLettersRequest) -> DiscardDeadLettersResponse:
        """Raises `ConnectorError` SUBSCRIPTION_NOT_FOUND, DEAD_LETTER_NOT_FOUND, INVALID_FIELD or REQUEST_ID_REUSED."""
        _require_change(request.filter, request.request_id)

        def work(transaction: Transaction, _now_ms: int) -> DiscardDeadLettersResponse:
            subscription_id = required(transaction, request.subscription).subscription_id
            ids = _chosen(transaction, subscription_id, request.filter)
            remove_dead_letters(transaction, ids)
            return DiscardDeadLettersResponse(discarded_count=len(ids))

        audited: Audited[DiscardDeadLettersResponse] = Audited(
            target=request.subscription, detail=lambda answer: f"dead letters discarded: {answer.discarded_count}"
        )
        answer, _ = await self.requests.run(request, DiscardDeadLettersResponse, work, audited)
        return answer


def _redriven(answer: RedriveDeadLettersResponse) -> str:
    anew = f", translated anew: {answer.retranslated_count}" if answer.retranslated_count else ""
    return f"dead letters redriven: {answer.redriven_count}{anew}"


def _require_change(chosen: DeadLetterFilter, request_id: str) -> None:
    require_request_id(request_id)
    if chosen == DeadLetterFilter():
        refuse([FieldViolation(field="filter", description="must have a condition, or `all` set to mean every one")])
    _require_valid(chosen)


def _require_valid(chosen: DeadLetterFilter) -> None:
    require_texts(chosen, "page_id", "psid")
    faults = []
    if len(chosen.ids) > MAX_IDS:
        faults.append(FieldViolation(field="filter.ids", description=f"has more than {MAX_IDS} entries"))
    if chosen.psid and not chosen.page_id:
        faults.append(FieldViolation(field="filter.psid", description="needs `page_id`"))
    refuse(faults)


def _choice(subscription_id: int, chosen: DeadLetterFilter) -> DeadLetterChoice:
    ids = tuple(int(one) for one in chosen.ids if NUMBER.fullmatch(one))
    return DeadLetterChoice(
        subscription_id=subscription_id,
        ids=ids if chosen.ids else None,
        page_id=chosen.page_id,
        psid=("" if chosen.psid == NO_PSID else chosen.psid) if chosen.psid else None,
        start_ms=moment_ms(chosen, "start_time"),
        end_ms=moment_ms(chosen, "end_time"),
    )


def _chosen_of(transaction: Transaction, request: RedriveDeadLettersRequest) -> list[int]:
    return _chosen(transaction, required(transaction, request.subscription).subscription_id, request.filter)


def _chosen(transaction: Transaction, subscription_id: int, chosen: DeadLetterFilter) -> list[int]:
    """Raises `ConnectorError` DEAD_LETTER_NOT_FOUND for an id that is none of the subscription's."""
    if chosen.ids:
        named = DeadLetterFilter(ids=chosen.ids)
        known = {str(number) for number, _ in dead_letter_sizes(transaction, _choice(subscription_id, named))}
        if unknown := [one for one in chosen.ids if one not in known]:
            raise ConnectorError(
                "DEAD_LETTER_NOT_FOUND",
                "The subscription has no dead letter of this id; it may have been sent again or discarded.",
                metadata={"id": unknown[0][:64]},
            )
    return [number for number, _ in dead_letter_sizes(transaction, _choice(subscription_id, chosen))]


def _within_answer(found: Sequence[tuple[int, int]]) -> list[int]:
    """The ids, up to those whose messages fill an answer; at least the first."""
    shown: list[int] = []
    total = 0
    for number, size in found:
        total += size
        if shown and total > ANSWER_BYTES:
            break
        shown.append(number)
    return shown


def _message(row: DeadLetterRow, subscription: str) -> DeadLetter:
    letter = DeadLetter(
        id=str(row.dead_letter_id),
        subscription=subscription,
        ordering_key=f"{row.page_id}/{row.psid or NO_PSID}",
        kind=cast("inbound_pb2.EventKind", row.kind),
        delivery_attempts=row.attempts,
        counted_attempts=row.failures,
        last_detail=row.last_detail,
        last_client_id=row.last_client_id,
        store_time=timestamp(row.store_time_ms),
        dead_letter_time=timestamp(row.dead_letter_time_ms),
    )
    letter.message.ParseFromString(row.message)
    if row.context:
        letter.context.ParseFromString(row.context)
    return letter
