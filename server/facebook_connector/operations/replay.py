"""Operators have stored messages delivered again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from expertflow.connector.v1.operations_service_pb2 import ReplayInboundRequest, ReplayInboundResponse
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rules import refuse, require_request_id
from facebook_connector.errors import FieldViolation
from facebook_connector.operations.conditions import moment_ms, require_texts
from facebook_connector.operations.subscriptions import kind_faults, required
from facebook_connector.store.database import Transaction
from facebook_connector.store.reading.heads import NO_PSID
from facebook_connector.store.reading.side_queue import ReplayChoice, replay
from facebook_connector.store.reading.subscriptions import bits_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Replays:
    """Delivers again what is kept."""

    requests: OperatorRequests
    ready: Callable[[int], None]
    """Called with the number of a subscription that has something to deliver again."""

    async def replay(self, request: ReplayInboundRequest) -> ReplayInboundResponse:
        """Raises `ConnectorError` SUBSCRIPTION_NOT_FOUND, INVALID_FIELD or REQUEST_ID_REUSED."""
        start_ms, end_ms = _period(request)
        numbers: list[int] = []

        def work(transaction: Transaction, now_ms: int) -> ReplayInboundResponse:
            row = required(transaction, request.subscription)
            numbers[:] = [row.subscription_id]
            choice = ReplayChoice(
                start_ms=start_ms,
                end_ms=now_ms + 1 if end_ms is None else end_ms,
                kinds=bits_of(set(request.kinds)) or row.kinds,
                page_id=request.page_id,
                psid=("" if request.psid == NO_PSID else request.psid) if request.psid else None,
            )
            return ReplayInboundResponse(replayed_count=replay(transaction, row.subscription_id, choice, now_ms))

        audited: Audited[ReplayInboundResponse] = Audited(
            target=request.subscription, detail=lambda answer: f"messages replayed: {answer.replayed_count}"
        )
        answer, done = await self.requests.run(request, ReplayInboundResponse, work, audited)
        if done:
            self.ready(numbers[0])
        return answer


def _period(request: ReplayInboundRequest) -> tuple[int, int | None]:
    """Checks the request; the times it names."""
    require_request_id(request.request_id)
    require_texts(request, "page_id", "psid")
    start_ms, end_ms = moment_ms(request, "start_time"), moment_ms(request, "end_time")
    faults = kind_faults(request.kinds)
    if start_ms is None:
        faults.append(FieldViolation(field="start_time", description="must be set"))
    elif end_ms is not None and end_ms <= start_ms:
        faults.append(FieldViolation(field="end_time", description="must be after `start_time`"))
    if request.psid and not request.page_id:
        faults.append(FieldViolation(field="psid", description="needs `page_id`"))
    refuse(faults)
    return start_ms or 0, end_ms
