"""`OperationsService`: operators run the installation. What each call does is in `operations`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc

from expertflow.connector.v1 import operations_service_pb2 as pb
from expertflow.connector.v1.operations_service_pb2_grpc import OperationsServiceServicer
from facebook_connector.operations.audit_trail import AuditTrail
from facebook_connector.operations.dead_letters import DeadLetters
from facebook_connector.operations.erasure import Erasure
from facebook_connector.operations.figures import Figures
from facebook_connector.operations.message_decisions import MessageDecisions
from facebook_connector.operations.quarantine import Quarantine
from facebook_connector.operations.replay import Replays
from facebook_connector.operations.subscriptions import Subscriptions

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """What operators can do, by topic."""

    audit: AuditTrail
    subscriptions: Subscriptions
    quarantine: Quarantine
    dead_letters: DeadLetters
    replays: Replays
    erasure: Erasure
    decisions: MessageDecisions


class OperationsServicer(OperationsServiceServicer):
    """Serves `OperationsService`."""

    def __init__(self, operations: Operations, figures: Figures) -> None:
        self._operations = operations
        self._figures = figures

    async def CreateSubscription(
        self, request: pb.CreateSubscriptionRequest, context: Context
    ) -> pb.CreateSubscriptionResponse:
        """See the proto."""
        return await self._operations.subscriptions.create(request)

    async def ListSubscriptions(
        self, request: pb.ListSubscriptionsRequest, context: Context
    ) -> pb.ListSubscriptionsResponse:
        """See the proto."""
        return await self._operations.subscriptions.list(request)

    async def DeleteSubscription(
        self, request: pb.DeleteSubscriptionRequest, context: Context
    ) -> pb.DeleteSubscriptionResponse:
        """See the proto."""
        return await self._operations.subscriptions.delete(request)

    async def ListQuarantine(self, request: pb.ListQuarantineRequest, context: Context) -> pb.ListQuarantineResponse:
        """See the proto."""
        return await self._operations.quarantine.list(request)

    async def Retranslate(self, request: pb.RetranslateRequest, context: Context) -> pb.RetranslateResponse:
        """See the proto."""
        return await self._operations.quarantine.retranslate(request)

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Context) -> pb.ListDeadLettersResponse:
        """See the proto."""
        return await self._operations.dead_letters.list(request)

    async def RedriveDeadLetters(
        self, request: pb.RedriveDeadLettersRequest, context: Context
    ) -> pb.RedriveDeadLettersResponse:
        """See the proto."""
        return await self._operations.dead_letters.redrive(request)

    async def DiscardDeadLetters(
        self, request: pb.DiscardDeadLettersRequest, context: Context
    ) -> pb.DiscardDeadLettersResponse:
        """See the proto."""
        return await self._operations.dead_letters.discard(request)

    async def ReplayInbound(self, request: pb.ReplayInboundRequest, context: Context) -> pb.ReplayInboundResponse:
        """See the proto."""
        return await self._operations.replays.replay(request)

    async def CancelMessages(self, request: pb.CancelMessagesRequest, context: Context) -> pb.CancelMessagesResponse:
        """See the proto."""
        return await self._operations.decisions.cancel(request)

    async def ResolveMessage(self, request: pb.ResolveMessageRequest, context: Context) -> pb.ResolveMessageResponse:
        """See the proto."""
        return await self._operations.decisions.resolve(request)

    async def EraseCustomer(self, request: pb.EraseCustomerRequest, context: Context) -> pb.EraseCustomerResponse:
        """See the proto."""
        return await self._operations.erasure.erase(request)

    async def GetStatistics(self, request: pb.GetStatisticsRequest, context: Context) -> pb.GetStatisticsResponse:
        """See the proto."""
        return await self._figures.get(request)

    async def ListAuditEvents(self, request: pb.ListAuditEventsRequest, context: Context) -> pb.ListAuditEventsResponse:
        """See the proto."""
        return await self._operations.audit.list(request)
