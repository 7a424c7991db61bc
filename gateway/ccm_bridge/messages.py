"""`POST /cim-messages`: what CCM sends to customers, typing and seen marks; answered once it is kept durably.

A message that cannot be sent for what stands in it is taken all the same: CCM looks at no answer's body, so it is told
by a DELIVERYNOTIFICATION, as of every other failure.
"""

from __future__ import annotations

import hmac
import json
import time
from http import HTTPStatus
from typing import Final

from pydantic import SecretStr
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ccm_bridge import telemetry
from ccm_bridge.answers import RETRY_AFTER_S, Refusal, refusal
from ccm_bridge.from_ccm import check_address, is_for_customer
from cim_messenger.cim_json import CimJsonError, decode
from connector_client import ConnectorClient, ConnectorError, SendState
from service_runtime.bodies import BodiesFullError, BodyReader, BodyTooLargeError
from service_runtime.logs import get_logger
from service_runtime.metrics import Metrics

CALL_TIMEOUT_S: Final = 8.0
"""Typing and the like are done before the server answers, which takes up to 5 s; all else is stored at once."""

UNREADABLE: Final = "UNREADABLE"

_log = get_logger("bridge.messages")


class RefusedError(Exception):
    """The call gets another answer than 200."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.detail)
        self.refusal = refused


class MessagesRoute:
    """Takes CIM messages of CCM."""

    def __init__(self, client: ConnectorClient, bodies: BodyReader, token: SecretStr, metrics: Metrics) -> None:
        self._client = client
        self._bodies = bodies
        self._token = token.get_secret_value()
        self._metrics = metrics

    async def receive(self, request: Request) -> Response:
        """Answers one call."""
        begun = time.perf_counter()
        try:
            response = await self._taken(request)
        except RefusedError as error:
            response = _response(error.refusal)
        self._metrics.count(telemetry.RECEIVED, status=str(response.status_code))
        self._metrics.observe(telemetry.RECEIVE_SECONDS, time.perf_counter() - begun)
        return response

    async def _taken(self, request: Request) -> Response:
        if not self._admits(request.headers.get("authorization", "")):
            raise _refused(HTTPStatus.UNAUTHORIZED, "TOKEN_INVALID", "the header `authorization: Bearer …` is needed")
        body = await self._body(request)
        try:
            message = decode(body)
            if not is_for_customer(message):
                return _accepted(message.id, SendState.IGNORED)
            check_address(message)
        except CimJsonError as error:
            _log.warning("CCM sent what cannot be read", path=error.path, problem=error.problem)
            raise RefusedError(
                Refusal(status=HTTPStatus.BAD_REQUEST, reason=UNREADABLE, detail=str(error), path=error.path)
            ) from error
        try:
            sent = await self._client.send(message, wait=0, timeout=CALL_TIMEOUT_S, record_refusals=True)
        except ConnectorError as error:
            refused = refusal(error)
            tell = _log.error if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR else _log.warning
            tell("a message of CCM was not taken", id=message.id, reason=refused.reason, status=refused.status.value)
            raise RefusedError(refused) from error
        return _accepted(sent.id, SendState(sent.state))

    async def _body(self, request: Request) -> bytes:
        try:
            async with self._bodies.read(request) as body:
                return body
        except BodyTooLargeError:
            detail = f"at most {self._bodies.limit_bytes} bytes are taken (FBC_BRIDGE_MAX_BODY_BYTES)"
            raise _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "MESSAGE_TOO_LARGE", detail) from None
        except (BodiesFullError, TimeoutError, ClientDisconnect):
            raise _refused(HTTPStatus.SERVICE_UNAVAILABLE, "OVERLOADED", "the body could not be read") from None

    def _admits(self, authorization: str) -> bool:
        return not self._token or hmac.compare_digest(authorization.encode(), f"Bearer {self._token}".encode())


def _accepted(message_id: str, state: SendState) -> Response:
    return _json(HTTPStatus.OK, {"id": message_id, "state": state.name})


def _refused(status: HTTPStatus, reason: str, detail: str) -> RefusedError:
    waits = status is HTTPStatus.SERVICE_UNAVAILABLE
    return RefusedError(
        Refusal(status=status, reason=reason, detail=detail, retry_after_s=RETRY_AFTER_S if waits else None)
    )


def _response(refused: Refusal) -> Response:
    told = {"reason": refused.reason, "detail": refused.detail} | ({"path": refused.path} if refused.path else {})
    response = _json(refused.status, told)
    if refused.retry_after_s is not None:
        response.headers["retry-after"] = str(refused.retry_after_s)
    return response


def _json(status: HTTPStatus, value: dict[str, str]) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status_code=status, media_type="application/json")
