"""One call of the Graph API as its rooms see it: parameters gathered, token checked, credentials taken out.

Parameters come from the query, from a JSON body or from form fields whose values are JSON strings; a file comes in a
multipart body only. Tokens come in the `Authorization` header or as `access_token`. A room never sees its caller's
token, so it cannot journal it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from messenger_sandbox.errors import ErrorName, GraphError, RefusedError, envelope, refusal
from messenger_sandbox.media.content import Content
from messenger_sandbox.state import SandboxState
from messenger_sandbox.world import App, Page

OBJECT_PARAMETERS: Final = frozenset(
    {
        "recipient",
        "message",
        "reply_to",
        "payload",
        "thread_control",
        "get_started",
        "greeting",
        "ice_breakers",
        "persistent_menu",
        "commands",
        "whitelisted_domains",
    }
)
"""Parameters that are JSON objects or arrays; in a form or a query they are written as JSON strings."""
FILE_PARAMETER: Final = "filedata"
CREDENTIALS: Final = frozenset({"access_token", "appsecret_proof"})
"""Parameters that no room gets to see."""
PAGE_PERMISSIONS: Final[Mapping[str, ErrorName]] = {
    "pages_messaging": ErrorName.MESSAGING_PERMISSION_MISSING,
    "pages_manage_metadata": ErrorName.PERMISSION_MISSING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a room answers: a JSON body, or raw bytes where a fault says so. `facts` go into the journal's entry."""

    body: Mapping[str, Any] | bytes
    status: int = 200
    facts: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside the usual ones, or instead of them."""
    reset: bool = False
    """The connection is closed and nothing is answered."""


def error_answer(
    error: GraphError, trace_id: str, *, headers: Mapping[str, str] = MappingProxyType({}), **facts: Any
) -> Answer:
    told = {"code": error.code, "subcode": error.subcode, **facts}
    return Answer(body=envelope(error, trace_id), status=error.status, facts=told, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphCall:
    """A call with a good token. `caller` is the page or the app whose token it is."""

    state: SandboxState
    caller: Page | App = field(repr=False)
    node: str
    params: Mapping[str, Any]
    trace_id: str
    file: Content | None = None
    """What came as `filedata`."""

    def page(self, permission: str | None = None) -> Page:
        """Returns the page the path names (`me`: the token's own).

        Raises RefusedError for another page's token, for an app token, or when the page's token lacks the permission.
        """
        if not isinstance(self.caller, Page) or self.node not in {"me", self.caller.page_id}:
            raise RefusedError(refusal(ErrorName.MISSING_OBJECT))
        if permission is not None and permission not in self.caller.scopes:
            raise RefusedError(
                refusal(PAGE_PERMISSIONS[permission], f"Requires {permission} permission to manage the object")
            )
        return self.caller


Room = Callable[[GraphCall], Awaitable[Answer]]
"""Handles one edge of the Graph API; refuses by raising RefusedError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What came with a call: by name, and the file of a multipart body."""

    values: Mapping[str, Any]
    file: Content | None = None


async def read_parameters(request: Request) -> Parameters:
    """Gathers the query and the body; raises RefusedError when the body cannot be read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    query = dict(request.query_params)
    if kind == "multipart/form-data":
        values, file = await _read_multipart(request)
    else:
        values, file = _read_body(await request.body(), kind), None
    return Parameters(values={name: _decoded(name, value) for name, value in (query | values).items()}, file=file)


async def _read_multipart(request: Request) -> tuple[dict[str, Any], Content | None]:
    """Texts by name, and the part `filedata`."""
    try:
        async with request.form() as form:
            file = form.get(FILE_PARAMETER)
            texts = {name: value for name, value in form.items() if isinstance(value, str)}
            return texts, await _content(file) if isinstance(file, UploadFile) else None
    except HTTPException as error:
        raise RefusedError(refusal(ErrorName.BAD_PARAMETER, "The multipart body cannot be read")) from error


async def _content(file: UploadFile) -> Content:
    declared = (file.content_type or "").partition(";")[0].strip().lower()
    return Content(data=await file.read(), name=file.filename or None, mime_type=declared)


def _read_body(body: bytes, kind: str) -> dict[str, Any]:
    if not body:
        return {}
    if kind == "application/json":
        value = _json(body)
        if isinstance(value, dict):
            return value
        raise RefusedError(refusal(ErrorName.BAD_PARAMETER, "The body must be a JSON object"))
    if kind in {"application/x-www-form-urlencoded", ""}:
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    raise RefusedError(refusal(ErrorName.BAD_PARAMETER, f"Content type {kind} is not supported"))


def _decoded(name: str, value: object) -> object:
    """A recipient that is a bare id (of `thread_owner`) stays as it is."""
    if name in OBJECT_PARAMETERS and isinstance(value, str) and not value.isdecimal():
        return _json(value.encode())
    return value


def _json(text: bytes) -> object:
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RefusedError(refusal(ErrorName.BAD_PARAMETER, "A parameter is not valid JSON")) from error
    return value


def authenticate(state: SandboxState, authorization: str | None, params: Mapping[str, Any]) -> Page | App:
    """Finds out whose token it is; raises RefusedError (190, or 100 for a bad proof)."""
    token = _token(authorization, params)
    caller = _caller(state, token)
    _check_proof(state.world.app, token, params.get("appsecret_proof"))
    return caller


def _token(authorization: str | None, params: Mapping[str, Any]) -> str:
    scheme, _, bearer = (authorization or "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else params.get("access_token")
    if not isinstance(token, str) or not token:
        raise RefusedError(refusal(ErrorName.TOKEN_INVALID))
    return token


def _caller(state: SandboxState, token: str) -> Page | App:
    if token == state.world.app.access_token:
        return state.world.app
    page = state.world.page_of_token(token)
    fault = ErrorName.TOKEN_INVALID if page is None else page.token_fault
    if page is None or fault is not None:
        raise RefusedError(refusal(fault or ErrorName.TOKEN_INVALID))
    return page


def _check_proof(app: App, token: str, proof: object) -> None:
    if proof is None and not app.require_proof:
        return
    expected = hmac.new(app.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    if proof is None:
        raise RefusedError(_proof_error("API calls from the server require an appsecret_proof argument"))
    if not isinstance(proof, str) or not hmac.compare_digest(proof.encode(), expected.encode()):
        raise RefusedError(_proof_error("Invalid appsecret_proof provided in the API argument"))


def _proof_error(text: str) -> GraphError:
    return refusal(ErrorName.BAD_PARAMETER, text)
