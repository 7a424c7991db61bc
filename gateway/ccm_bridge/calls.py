"""What every call of CCM goes through: who may make it, its body within limits, and how it is refused."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from pydantic import SecretStr
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ccm_bridge.answers import RETRY_AFTER_S, Refusal
from ccm_bridge.ccm import TENANT_HEADER
from cim_messenger.cim_json import CimJsonError
from service_runtime.bodies import BodiesFullError, BodyReader, BodyTooLargeError

UNREADABLE: Final = "UNREADABLE"

TENANT_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a channel's tenant may be named."""


class RefusedError(Exception):
    """The call gets another answer than 200."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.detail)
        self.refusal = refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Lets calls in."""

    bodies: BodyReader
    token: SecretStr
    """What callers must show; empty: nothing is asked for."""

    async def body(self, request: Request) -> bytes:
        """The body of a call of somebody who may make it. Raises `RefusedError`."""
        if not self._admits(request.headers.get("authorization", "")):
            raise _refused(HTTPStatus.UNAUTHORIZED, "TOKEN_INVALID", "the header `authorization: Bearer …` is needed")
        try:
            async with self.bodies.read(request) as body:
                return body
        except BodyTooLargeError:
            detail = f"at most {self.bodies.limit_bytes} bytes are taken (FBC_BRIDGE_MAX_BODY_BYTES)"
            raise _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "MESSAGE_TOO_LARGE", detail) from None
        except (BodiesFullError, TimeoutError, ClientDisconnect):
            raise _refused(HTTPStatus.SERVICE_UNAVAILABLE, "OVERLOADED", "the body could not be read") from None

    def _admits(self, authorization: str) -> bool:
        token = self.token.get_secret_value()
        return not token or hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())


def tenant_of(request: Request) -> str:
    """The tenant that CCM names, since CX 5.0; empty: none, or nothing that could name one."""
    named = request.headers.get(TENANT_HEADER, "").strip()
    return named if TENANT_ID.fullmatch(named) else ""


def unreadable(error: CimJsonError) -> RefusedError:
    """The refusal of a body that is not the JSON it should be; says where."""
    return RefusedError(Refusal(status=HTTPStatus.BAD_REQUEST, reason=UNREADABLE, detail=str(error), path=error.path))


def refused_with(refused: Refusal) -> Response:
    """A refusal as HTTP has it."""
    told = {"reason": refused.reason, "detail": refused.detail} | ({"path": refused.path} if refused.path else {})
    response = json_response(refused.status, told)
    if refused.retry_after_s is not None:
        response.headers["retry-after"] = str(refused.retry_after_s)
    return response


def json_response(status: HTTPStatus, value: Mapping[str, Any]) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(value, ensure_ascii=False), status_code=status, media_type="application/json")


def _refused(status: HTTPStatus, reason: str, detail: str) -> RefusedError:
    waits = status is HTTPStatus.SERVICE_UNAVAILABLE
    return RefusedError(
        Refusal(status=status, reason=reason, detail=detail, retry_after_s=RETRY_AFTER_S if waits else None)
    )
