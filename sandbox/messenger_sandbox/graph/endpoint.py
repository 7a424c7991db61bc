"""The frame around every room: version, token, envelope of errors, headers, one journal entry for the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from messenger_sandbox.errors import ERRORS, ErrorName, RefusedError, refusal
from messenger_sandbox.graph.call import (
    CREDENTIALS,
    Answer,
    GraphCall,
    Room,
    authenticate,
    error_answer,
    read_parameters,
)
from messenger_sandbox.graph.versions import VERSION_HEADER, applied_version
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.state import SandboxState
from messenger_sandbox.world import Page

Endpoint = Callable[[Request], Awaitable[Response]]

_TOKEN_CODE: Final = ERRORS[ErrorName.TOKEN_INVALID].code
_JSON: Final = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One row of the Graph API: path below the version, HTTP method, room, and how the journal calls the answer."""

    path: str
    method: str
    room: Room
    answered: EntryKind = EntryKind.GRAPH_ANSWERED


def endpoint_of(edge: Edge, state: SandboxState) -> Endpoint:
    """Wraps the edge's room into a Starlette endpoint."""

    async def endpoint(request: Request) -> Response:
        trace_id = state.ids.trace_id()
        page_id: str | None = None
        try:
            call = await _read_call(request, state, trace_id)
            page_id = call.caller.page_id if isinstance(call.caller, Page) else None
            answer = await edge.room(call)
        except RefusedError as refused:
            answer = error_answer(refused.error, trace_id)
        told = {"method": edge.method, "edge": edge.path, "status": answer.status, "trace_id": trace_id, **answer.facts}
        state.journal.record(edge.answered, **told, page_id=page_id)
        return response_of(answer, version=request.path_params["version"])

    return endpoint


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


def response_of(answer: Answer, *, version: str) -> Response:
    headers = {VERSION_HEADER: applied_version(version) or version}
    if answer.facts.get("code") == _TOKEN_CODE:
        headers["WWW-Authenticate"] = 'OAuth "Facebook Platform" "invalid_token" "Invalid OAuth access token."'
    raw = answer.body if isinstance(answer.body, bytes) else orjson.dumps(dict(answer.body))
    media_type = _JSON if raw.startswith(b"{") else "text/html"
    return Response(raw, status_code=answer.status, headers=headers, media_type=media_type)
