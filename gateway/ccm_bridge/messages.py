"""`POST /cim-messages`: what CCM sends to customers, typing and seen marks; answered once it is kept durably.

A message that cannot be sent for what stands in it is taken all the same: CCM looks at no answer's body, so it is told
by a DELIVERYNOTIFICATION, as of every other failure.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from ccm_bridge import telemetry
from ccm_bridge.answers import PAGE_FIELD, RETRY_AFTER_S, Refusal, json_path, refusal
from ccm_bridge.calls import Admission, RefusedError, json_response, refused_with, tenant_of, unreadable
from ccm_bridge.configuration.learning import Learned
from ccm_bridge.from_ccm import MAYBE_NOT_FOR_CUSTOMERS, check_address, is_for_customer
from ccm_bridge.turns import Turns
from cim_messenger.cim_json import CimJsonError, decode
from connector_client import ConnectorClient, ConnectorError, SendState
from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1.connector_service_pb2 import SendMessageResponse
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

CALL_TIMEOUT_S: Final = 8.0
"""Typing and the like are done before the server answers, which takes up to 5 s; all else is stored at once."""

Learn: TypeAlias = Callable[[str, str], Awaitable[Learned]]
"""Sets up the channel of a page that has none, in the name of a tenant, from the settings that CCM holds."""

OFF_LOOP_BYTES: Final = 256 * 1024
"""A body so long is read beside the event loop, which would stand still meanwhile."""

OVERTAKING: Final = Refusal(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    reason="OVERLOADED",
    detail="an earlier message of this conversation is not stored yet",
    retry_after_s=RETRY_AFTER_S,
)

NOT_TOLD: Final = Refusal(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    reason="CHANNEL_NOT_FOUND",
    detail="the page has no channel here, and CCM cannot be asked for its settings now",
    path=json_path(PAGE_FIELD),
    retry_after_s=RETRY_AFTER_S,
)
"""A 404 would be the end of a message that can be sent once CCM tells of the page."""

_log = get_logger("bridge.messages")


class MessagesRoute:
    """Takes CIM messages of CCM."""

    def __init__(self, client: ConnectorClient, admission: Admission, learn: Learn, metrics: Metrics) -> None:
        self._client = client
        self._admission = admission
        self._learn = learn
        self._metrics = metrics
        self._turns = Turns()

    async def receive(self, request: Request) -> Response:
        """Answers one call."""
        begun = time.perf_counter()
        try:
            response = await self._taken(request)
        except RefusedError as error:
            response = refused_with(error.refusal)
        self._metrics.count(telemetry.RECEIVED, status=str(response.status_code))
        self._metrics.observe(telemetry.RECEIVE_SECONDS, time.perf_counter() - begun)
        return response

    async def _taken(self, request: Request) -> Response:
        body = await self._admission.body(request)
        try:
            message = decode(body) if len(body) < OFF_LOOP_BYTES else await asyncio.to_thread(decode, body)
            if not is_for_customer(message):
                return _accepted(message.id, SendState.IGNORED)
            check_address(message)
        except CimJsonError as error:
            _log.warning("CCM sent what cannot be read", path=error.path, problem=error.problem)
            raise unreadable(error) from error
        try:
            sent = await self._sent_in_turn(message, tenant_of(request))
        except ConnectorError as error:
            refused = refusal(error)
            tell = _log.error if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR else _log.warning
            tell("a message of CCM was not taken", id=message.id, reason=refused.reason, status=refused.status.value)
            raise RefusedError(refused) from error
        return _accepted(sent.id, SendState(sent.state))

    async def _sent_in_turn(self, message: CimMessage, tenant_id: str) -> SendMessageResponse:
        """While a call is repeated the next message of the conversation must not overtake it."""
        if message.body.WhichOneof("content") in MAYBE_NOT_FOR_CUSTOMERS:
            return await self._sent(message, tenant_id)  # typing and seen marks stand in no order
        channel = message.header.channel_data
        conversation = f"{channel.service_identifier}/{channel.channel_customer_identifier}"
        try:
            async with self._turns.of(conversation, within_s=CALL_TIMEOUT_S):
                return await self._sent(message, tenant_id)
        except TimeoutError:
            raise RefusedError(OVERTAKING) from None

    async def _sent(self, message: CimMessage, tenant_id: str) -> SendMessageResponse:
        try:
            return await self._send(message)
        except ConnectorError as error:
            if error.reason != "CHANNEL_NOT_FOUND":
                raise
            learned = await self._learn(message.header.channel_data.service_identifier, tenant_id)
            if learned is Learned.NOT_TOLD:
                raise RefusedError(NOT_TOLD) from error
            if learned is Learned.UNKNOWN:
                raise
        return await self._send(message)

    async def _send(self, message: CimMessage) -> SendMessageResponse:
        return await self._client.send(message, wait=0, timeout=CALL_TIMEOUT_S, record_refusals=True)


def _accepted(message_id: str, state: SendState) -> Response:
    return json_response(HTTPStatus.OK, {"id": message_id, "state": state.name})
