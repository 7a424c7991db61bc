"""ConnectorService: puts its sending and its receiving half under one name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc

from expertflow.connector.v1 import connector_service_pb2 as pb
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceServicer
from facebook_connector.inbox.inbox import Inbox
from facebook_connector.operations.message_decisions import MessageDecisions
from facebook_connector.services import inbound_stream, unary_inbound
from facebook_connector.services.outbound_calls import OutboundCalls
from service_runtime.clock import Clock

Context = grpc.aio.ServicerContext[Any, Any]


class ConnectorServicer(ConnectorServiceServicer):
    """Raises `ConnectorError` and `StoreUnavailable` for the interceptor."""

    def __init__(
        self, inbox: Inbox, calls: OutboundCalls, decisions: MessageDecisions, clock: Clock, version: str
    ) -> None:
        self._inbox = inbox
        self._calls = calls
        self._decisions = decisions
        self._clock = clock
        self._version = version

    async def SendMessage(self, request: pb.SendMessageRequest, context: Context) -> pb.SendMessageResponse:
        return await self._calls.send_message(request, context)

    def SendMessages(
        self, request_iterator: AsyncIterator[pb.SendMessagesRequest], context: Context
    ) -> AsyncIterator[pb.SendMessagesResponse]:
        return self._calls.send_messages(request_iterator, context)

    async def GetMessage(self, request: pb.GetMessageRequest, context: Context) -> pb.GetMessageResponse:
        return await self._calls.get_message(request, context)

    async def RetryMessage(self, request: pb.RetryMessageRequest, context: Context) -> pb.RetryMessageResponse:
        return await self._decisions.retry(request)

    def StreamInbound(
        self, request_iterator: AsyncIterator[pb.StreamInboundRequest], context: Context
    ) -> AsyncIterator[pb.StreamInboundResponse]:
        return inbound_stream.serve(request_iterator, self._inbox, self._clock, self._version, peer=context.peer())

    async def PullInbound(self, request: pb.PullInboundRequest, context: Context) -> pb.PullInboundResponse:
        return await unary_inbound.pull(request, self._inbox, context.time_remaining())

    async def Acknowledge(self, request: pb.AcknowledgeRequest, context: Context) -> pb.AcknowledgeResponse:
        return await unary_inbound.acknowledge(request, self._inbox)

    async def ModifyAckDeadline(
        self, request: pb.ModifyAckDeadlineRequest, context: Context
    ) -> pb.ModifyAckDeadlineResponse:
        return await unary_inbound.modify(request, self._inbox)
