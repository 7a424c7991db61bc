"""Operators make, list and delete subscriptions, the named readers of the inbound log."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import cast

from expertflow.connector.v1 import inbound_pb2, operations_pb2
from expertflow.connector.v1.operations_pb2 import Subscription
from expertflow.connector.v1.operations_service_pb2 import (
    CreateSubscriptionRequest,
    CreateSubscriptionResponse,
    DeleteSubscriptionRequest,
    DeleteSubscriptionResponse,
    ListSubscriptionsRequest,
    ListSubscriptionsResponse,
)
from facebook_connector.channels.paging import page_limit, start_after, token_after
from facebook_connector.channels.requests import Audited, OperatorRequests
from facebook_connector.channels.rules import refuse, require_request_id
from facebook_connector.delivery.endings import not_found_error
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.operations.conditions import moment_ms
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.reading.readers import add_subscription, remove_subscription
from facebook_connector.store.reading.subscriptions import (
    CCM,
    SubscriptionRow,
    bits_of,
    close_gate,
    find_subscription,
    kinds_of,
    next_subscription_id,
    page_of_subscriptions,
)
from facebook_connector.timestamps import timestamp
from service_runtime.clock import Clock

NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")

DEFAULT_KINDS = frozenset(
    {inbound_pb2.EVENT_KIND_MESSAGE, inbound_pb2.EVENT_KIND_REACTION, inbound_pb2.EVENT_KIND_RECEIPT}
)

DELIVERED_KINDS = frozenset(inbound_pb2.EventKind.values()) - {
    inbound_pb2.EVENT_KIND_UNSPECIFIED,
    inbound_pb2.EVENT_KIND_ECHO,
}

AT_A_TIME = operations_pb2.START_POINT_UNSPECIFIED
"""Stands as start point of a subscription that begins at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """The subscriptions as operators see them."""

    database: Database
    requests: OperatorRequests
    clock: Clock
    deleted: Callable[[int], None]
    """Called with the number of a subscription after its deletion is committed."""

    async def create(self, request: CreateSubscriptionRequest) -> CreateSubscriptionResponse:
        """Raises `ConnectorError` INVALID_FIELD, SUBSCRIPTION_EXISTS or REQUEST_ID_REUSED."""
        wanted = _wanted(request, self.clock.now_ms())

        def work(transaction: Transaction, now_ms: int) -> CreateSubscriptionResponse:
            row = find_subscription(transaction, request.name)
            if row is None:
                row = wanted.make(transaction, now_ms)
            elif not wanted.equals(row):
                raise ConnectorError(
                    "SUBSCRIPTION_EXISTS",
                    "A subscription of this name exists, with another start or other kinds.",
                    metadata={"subscription": request.name},
                )
            return CreateSubscriptionResponse(subscription=subscription_message(row, now_ms))

        audited: Audited[CreateSubscriptionResponse] = Audited(target=request.name)
        answer, _ = await self.requests.run(request, CreateSubscriptionResponse, work, audited)
        return answer

    async def list(self, request: ListSubscriptionsRequest) -> ListSubscriptionsResponse:
        """Raises `ConnectorError` INVALID_FIELD or PAGE_TOKEN_INVALID."""
        limit = page_limit(request.page_size)
        after = start_after(request.page_token, "", "ListSubscriptions")
        rows = await self.database.read(lambda transaction: page_of_subscriptions(transaction, after, limit + 1))
        shown, now_ms = rows[:limit], self.clock.now_ms()
        return ListSubscriptionsResponse(
            subscriptions=[subscription_message(row, now_ms) for row in shown],
            next_page_token=token_after(shown[-1].name, "") if len(rows) > limit else "",
        )

    async def delete(self, request: DeleteSubscriptionRequest) -> DeleteSubscriptionResponse:
        """Raises `ConnectorError` SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_PROTECTED or REQUEST_ID_REUSED."""
        require_request_id(request.request_id)
        if request.name == CCM:
            raise ConnectorError(
                "SUBSCRIPTION_PROTECTED", f"The subscription {CCM} cannot be deleted.", metadata={"subscription": CCM}
            )
        numbers: list[int] = []

        def work(transaction: Transaction, _now_ms: int) -> DeleteSubscriptionResponse:
            row = required(transaction, request.name)
            numbers[:] = [row.subscription_id]
            return DeleteSubscriptionResponse(dropped_messages=remove_subscription(transaction, row.subscription_id))

        audited: Audited[DeleteSubscriptionResponse] = Audited(
            target=request.name, detail=lambda answer: f"messages dropped: {answer.dropped_messages}"
        )
        answer, done = await self.requests.run(request, DeleteSubscriptionResponse, work, audited)
        if done:
            self.deleted(numbers[0])
        return answer


def required(transaction: Transaction, name: str) -> SubscriptionRow:
    """The subscription, for this transaction alone. Raises `ConnectorError` SUBSCRIPTION_NOT_FOUND."""
    row = find_subscription(transaction, name, locked=True)
    if row is None:
        raise not_found_error(name)
    return row


def kind_faults(kinds: Collection[int]) -> list[FieldViolation]:
    """What is wrong with kinds that an operator names."""
    if set(kinds) <= DELIVERED_KINDS:
        return []
    return [FieldViolation(field="kinds", description="names a kind that is not delivered, or that does not exist")]


def subscription_message(row: SubscriptionRow, now_ms: int) -> Subscription:
    """The subscription as the API tells of it."""
    message = Subscription(
        name=row.name,
        kinds=[cast("inbound_pb2.EventKind", kind) for kind in sorted(kinds_of(row.kinds))],
        state=operations_pb2.SUBSCRIPTION_STATE_ACTIVE,
        create_time=timestamp(row.create_time_ms),
    )
    if row.paused_until_ms is not None and row.paused_until_ms > now_ms:
        message.state = operations_pb2.SUBSCRIPTION_STATE_PAUSED
        message.state_reason = row.pause_reason or ""
        message.resume_time.CopyFrom(timestamp(row.paused_until_ms))
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What an operator asks for."""

    name: str
    kinds: int
    start_point: int
    start_time_ms: int | None

    def equals(self, row: SubscriptionRow) -> bool:
        present = (row.kinds, row.start_point, row.start_time_ms)
        return present == (self.kinds, self.start_point, self.start_time_ms)

    def make(self, transaction: Transaction, now_ms: int) -> SubscriptionRow:
        close_gate(transaction)
        row = SubscriptionRow(
            subscription_id=next_subscription_id(transaction),
            name=self.name,
            kinds=self.kinds,
            create_time_ms=now_ms,
            start_point=self.start_point,
            start_time_ms=self.start_time_ms,
        )
        earliest = 0 if self.start_point == operations_pb2.START_POINT_EARLIEST else None
        add_subscription(transaction, row, since_ms=self.start_time_ms if earliest is None else earliest)
        return row


def _wanted(request: CreateSubscriptionRequest, now_ms: int) -> _Wanted:
    require_request_id(request.request_id)
    start_ms = moment_ms(request, "start_time")
    faults = kind_faults(request.kinds)
    if not NAME.fullmatch(request.name):
        rule = "must be 1 to 64 of a-z 0-9 . _ - and begin with a letter"
        faults.append(FieldViolation(field="name", description=rule))
    if start_ms is not None and start_ms > now_ms:
        faults.append(FieldViolation(field="start_time", description="lies in the future"))
    if request.start_point not in operations_pb2.StartPoint.values():
        faults.append(FieldViolation(field="start_point", description="is unknown"))
    refuse(faults)
    point = AT_A_TIME if start_ms is not None else request.start_point or operations_pb2.START_POINT_NOW
    return _Wanted(
        name=request.name,
        kinds=bits_of(frozenset(request.kinds) or DEFAULT_KINDS),
        start_point=point,
        start_time_ms=start_ms,
    )
