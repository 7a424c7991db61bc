"""The calls of OperationsService, as the commands need them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from connector_cli.connecting import connected
from connector_client import ConnectorClient
from expertflow.connector.v1 import operations_service_pb2 as messages
from expertflow.connector.v1.operations_pb2 import DeadLetterFilter, Subscription
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceStub
from expertflow.connector.v1.outbound_pb2 import OutboundMessage

if TYPE_CHECKING:
    # Known to type checkers only.
    from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceAsyncStub

T = TypeVar("T")

MANY_S = 60.0
"""A call may concern everything that is kept."""

EVERYTHING_S = 600.0
"""A call may read all bytes of the quarantine."""


class OperationCalls:
    """What operators can do on a server. Every call raises `ConnectorError`."""

    def __init__(self, client: ConnectorClient) -> None:
        self._connection = client.connection
        self._stub: OperationsServiceAsyncStub = OperationsServiceStub(client.connection.channel)

    async def create_subscription(self, request: messages.CreateSubscriptionRequest) -> Subscription:
        """The new subscription, or an equal one that was there."""
        request.request_id = _name()
        return (await self._connection.call(self._stub.CreateSubscription, request, timeout=MANY_S)).subscription

    async def subscriptions(self) -> messages.ListSubscriptionsResponse:
        """All of them, in one answer."""
        everything = messages.ListSubscriptionsResponse()
        request = messages.ListSubscriptionsRequest(page_size=1000)
        while True:
            part = await self._connection.call(self._stub.ListSubscriptions, request)
            everything.subscriptions.extend(part.subscriptions)
            if not part.next_page_token:
                return everything
            request.page_token = part.next_page_token

    async def delete_subscription(self, name: str) -> messages.DeleteSubscriptionResponse:
        """Says how many messages it left undone."""
        request = messages.DeleteSubscriptionRequest(name=name, request_id=_name())
        return await self._connection.call(self._stub.DeleteSubscription, request, timeout=MANY_S)

    async def dead_letters(
        self, subscription: str, chosen: DeadLetterFilter, limit: int
    ) -> messages.ListDeadLettersResponse:
        """The oldest of those chosen, in one answer; its `next_page_token` says whether there are more."""
        everything = messages.ListDeadLettersResponse()
        request = messages.ListDeadLettersRequest(subscription=subscription, filter=chosen)
        while len(everything.dead_letters) < limit:
            request.page_size = min(limit - len(everything.dead_letters), 1000)
            part = await self._connection.call(self._stub.ListDeadLetters, request)
            everything.dead_letters.extend(part.dead_letters)
            everything.next_page_token = request.page_token = part.next_page_token
            if not part.next_page_token:
                break
        return everything

    async def redrive(self, request: messages.RedriveDeadLettersRequest) -> messages.RedriveDeadLettersResponse:
        """Says how many are delivered again."""
        request.request_id = _name()
        return await self._connection.call(self._stub.RedriveDeadLetters, request, timeout=MANY_S)

    async def discard(self, request: messages.DiscardDeadLettersRequest) -> messages.DiscardDeadLettersResponse:
        """Says how many are gone."""
        request.request_id = _name()
        return await self._connection.call(self._stub.DiscardDeadLetters, request, timeout=MANY_S)

    async def replay(self, request: messages.ReplayInboundRequest) -> messages.ReplayInboundResponse:
        """Says how many are delivered again."""
        request.request_id = _name()
        return await self._connection.call(self._stub.ReplayInbound, request, timeout=MANY_S)

    async def quarantine(self, request: messages.ListQuarantineRequest, limit: int) -> messages.ListQuarantineResponse:
        """The oldest of those chosen, in one answer; its `next_page_token` says whether there are more."""
        everything = messages.ListQuarantineResponse()
        while len(everything.entries) < limit:
            request.page_size = min(limit - len(everything.entries), 1000)
            part = await self._connection.call(self._stub.ListQuarantine, request)
            everything.entries.extend(part.entries)
            everything.next_page_token = request.page_token = part.next_page_token
            if not part.next_page_token:
                break
        return everything

    async def retranslate(self, request: messages.RetranslateRequest) -> messages.RetranslateResponse:
        """Says what became of the entries."""
        request.request_id = _name()
        return await self._connection.call(self._stub.Retranslate, request, timeout=EVERYTHING_S)

    async def cancel_messages(self, request: messages.CancelMessagesRequest) -> messages.CancelMessagesResponse:
        """Says how many messages to customers are given up."""
        request.request_id = _name()
        return await self._connection.call(self._stub.CancelMessages, request, timeout=MANY_S)

    async def resolve_message(self, request: messages.ResolveMessageRequest) -> OutboundMessage:
        """The message after the decision."""
        request.request_id = _name()
        return (await self._connection.call(self._stub.ResolveMessage, request)).message

    async def erase(self, page_id: str, psid: str) -> messages.EraseCustomerResponse:
        """Says how much of a customer was erased."""
        request = messages.EraseCustomerRequest(page_id=page_id, psid=psid, request_id=_name())
        return await self._connection.call(self._stub.EraseCustomer, request, timeout=EVERYTHING_S)

    async def statistics(self, subscription: str) -> messages.GetStatisticsResponse:
        """The figures of now."""
        request = messages.GetStatisticsRequest(subscription=subscription)
        return await self._connection.call(self._stub.GetStatistics, request, timeout=MANY_S)

    async def audit_events(
        self, request: messages.ListAuditEventsRequest, limit: int
    ) -> messages.ListAuditEventsResponse:
        """The newest of those chosen, in one answer; its `next_page_token` says whether there are more."""
        everything = messages.ListAuditEventsResponse()
        while len(everything.audit_events) < limit:
            request.page_size = min(limit - len(everything.audit_events), 1000)
            part = await self._connection.call(self._stub.ListAuditEvents, request)
            everything.audit_events.extend(part.audit_events)
            everything.next_page_token = request.page_token = part.next_page_token
            if not part.next_page_token:
                break
        return everything


def ask(command: str, work: Callable[[OperationCalls], Awaitable[T]]) -> T:
    """Connects, and does the work of a command there."""

    async def asked() -> T:
        async with connected(command) as client:
            return await work(OperationCalls(client))

    return asyncio.run(asked())


def _name() -> str:
    """Names a call, so that a repeat by the client's retries does nothing twice."""
    return str(uuid.uuid4())
