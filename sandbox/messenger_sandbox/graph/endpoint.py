"""The frame around every room: version, token, envelope of errors, headers, one journal entry for the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from messenger_sandbox.errors import ERRORS, ErrorName, RefusedError, refusal
from messenger_sandbox.fault_script import Endpoint
from messenger_sandbox.graph.call import (
    CREDENTIALS,
    Answer,
    GraphCall,
    Room,
    authenticate,
    error_answer,
    read_parameters,
)
from messenger_sandbox.graph.spoiling import spoilable
from messenger_sandbox.graph.versions import VERSION_HEADER, applied_version
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.serving import CUT
from messenger_sandbox.state import SandboxState
from messenger_sandbox.usage import MESSENGER, PAGES, usage_headers
from messenger_sandbox.world import Page

Handler = Callable[[Request], Awaitable[Response]]

_CLIENT_CLOSED: Final = 499
_TOKEN_CODE: Final = ERRORS[ErrorName.TOKEN_INVALID].code
_JSON: Final = "application/json; charset=UTF-8"
_SPOILT_INSIDE: Final = frozenset({Endpoint.MESSAGES, Endpoint.PROFILES})
"""Rooms that let faults happen by themselves, because more than the answer depends on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One row of the Graph API: path below the version, HTTP method, room, and how the journal calls the answer."""

    path: str
    method: str
    room: Room
    endpoint: Endpoint
    """How faults call it."""
    answered: EntryKind = EntryKind.GRAPH_ANSWERED


def handler_of(edge: Edge, state: SandboxState) -> Handler:
    """Wraps the edge's room into a Starlette endpoint."""

    async def handle(request: Request) -> Response:
        trace_id = state.ids.trace_id()
        page: Page | None = None
        try:
            call = await _read_call(request, state, trace_id)
            page = call.caller if isinstance(call.caller, Page) else None
            inside = edge.endpoint in _SPOILT_INSIDE
            answer = await (edge.room(call) if inside else spoilable(call, edge.room, edge.endpoint))
        except RefusedError as refused:
            answer = error_answer(refused.error, trace_id)
        except ClientDisconnect:
            # The caller died in the middle of its call: it was not taken, and nobody hears the answer.
            return Response(status_code=_CLIENT_CLOSED)
        status = None if answer.reset else answer.status
        told = {"method": edge.method, "edge": edge.path, "status": status, "trace_id": trace_id, **answer.facts}
        state.journal.record(edge.answered, **told, page_id=None if page is None else page.page_id)
        if answer.reset:
            _reset(request)
        return response_of(answer, version=request.path_params["version"], usual=_usual_headers(page, edge))

    return handle


async def _read_call(request: Request, state: SandboxState, trace_id: str) -> GraphCall:
    if applied_version(request.path_params["version"]) is None:
        raise RefusedError(refusal(ErrorName.UNKNOWN_PATH))
    given = await read_parameters(request)
    return GraphCall(
        state=state,
        caller=authenticate(state, request.headers.get("authorization"), given.values),
        node=request.path_params.get("node", ""),
        params={name: value for name, value in given.values.items() if name not in CREDENTIALS},
        trace_id=trace_id,
        file=given.file,
    )


def _reset(request: Request) -> None:
    cut = request.scope.get("extensions", {}).get(CUT)
    if cut is None:
        raise RuntimeError("only a real port can reset a connection")
    cut()


def _usual_headers(page: Page | None, edge: Edge) -> Mapping[str, str]:
    if page is None:
        return {}
    return usage_headers(page.page_id, page.usage, PAGES if edge.endpoint is Endpoint.PROFILES else MESSENGER)


def response_of(answer: Answer, *, version: str, usual: Mapping[str, str]) -> Response:
    headers = {VERSION_HEADER: applied_version(version) or version, **usual, **answer.headers}
    if answer.facts.get("code") == _TOKEN_CODE:
        headers["WWW-Authenticate"] = 'OAuth "Facebook Platform" "invalid_token" "Invalid OAuth access token."'
    raw = answer.body if isinstance(answer.body, bytes) else orjson.dumps(dict(answer.body))
    media_type = _JSON if raw.startswith(b"{") else "text/html"
    return Response(raw, status_code=answer.status, headers=headers, media_type=media_type)
