"""Serves the shelf over HTTP: `GET /v/…`, streamed, with whatever fault waits for the file. Every fetch is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from messenger_sandbox.journal import EntryKind
from messenger_sandbox.media.faults import Ending, MediaFault
from messenger_sandbox.media.shelf import CHUNK_BYTES, MediaFetch, MediaFile, padded
from messenger_sandbox.serving import CUT
from messenger_sandbox.state import SandboxState

SLOW_PIECES: Final = 10
"""A slow body comes in at least so many pieces, however small it is."""
_TEXT: Final = {"content-type": "text/plain"}
_NO_SUCH_FILE: Final = MediaFault(status=404, headers=_TEXT, body=b"Content not found")


def media_route(state: SandboxState) -> Route:
    async def endpoint(request: Request) -> Response:
        path, query = request.scope["path"], dict(request.query_params)
        file = state.media.find(path)
        number = state.media.began(
            MediaFetch(
                asset=None if file is None else file.asset,
                path=path,
                query=query,
                headers=dict(request.headers),
                at_ms=state.clock(),
            )
        )
        refused = None if file is None else state.media.link_fault(path, query)
        if file is None:
            return _Served(state, number, None, _NO_SUCH_FILE)
        if refused is not None:
            return _Served(state, number, file, MediaFault(status=403, headers=_TEXT, body=refused.encode()))
        return _Served(state, number, file, state.media.take_fault(file))

    return Route("/v/{bucket}/{rest:path}", endpoint, methods=["GET"])


class _Served(StreamingResponse):
    """One answer. It ends at once when whoever fetches goes away, also in the middle of a silence."""

    def __init__(self, state: SandboxState, number: int, file: MediaFile | None, fault: MediaFault) -> None:
        self._state, self._number, self._file, self._fault = state, number, file, fault
        self._told_status: int | None = None
        self._sent_bytes, self._complete = 0, False
        self._cut: Callable[[], None] | None = None
        if file is not None and fault.body is None:
            self._head, self._size = file.head, file.size_bytes
        else:
            self._head, self._size = fault.body or b"", len(fault.body or b"")
        super().__init__(self._body(), status_code=fault.status, headers=self._named_headers())

    def _named_headers(self) -> dict[str, str]:
        usual = {
            "content-type": "" if self._file is None else self._file.content_type,
            "cache-control": "max-age=86400",
        }
        if self._file is not None and self._file.attachment_type == "file":
            usual["content-disposition"] = "attachment"
        if self._fault.tells_length:
            usual["content-length"] = str(self._size)
        return {name: value for name, value in {**usual, **self._fault.headers}.items() if value}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._cut = scope.get("extensions", {}).get(CUT)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._note()

    async def stream_response(self, send: Send) -> None:
        if self._fault.hangs:
            await _nothing_more()
        self._told_status = self.status_code
        await super().stream_response(send)
        self._complete = True

    async def _body(self) -> AsyncIterator[bytes]:
        end = round(self._size * self._fault.sent_share)
        chunk_bytes = min(CHUNK_BYTES, -(-end // SLOW_PIECES)) if self._fault.takes_s and end else CHUNK_BYTES
        pause_s = self._fault.takes_s / max(1, -(-end // chunk_bytes))
        for chunk in padded(self._head, end, chunk_bytes):
            if pause_s:
                await self._state.sleep(pause_s)
            self._sent_bytes += len(chunk)
            yield chunk
        if self._fault.ending is Ending.CUT:
            if self._cut is None:
                raise RuntimeError("only a real port can cut a connection")
            self._cut()
        if self._fault.ending is not Ending.WHOLE:
            await _nothing_more()

    def _note(self) -> None:
        fetch = self._state.media.ended(
            self._number, status=self._told_status, sent_bytes=self._sent_bytes, complete=self._complete
        )
        self._state.journal.record(
            EntryKind.MEDIA_SERVED,
            asset=fetch.asset,
            status=fetch.status,
            sent_bytes=fetch.sent_bytes,
            complete=fetch.complete,
            has_credential=fetch.has_credential,
        )


async def _nothing_more() -> None:
    """Waits until the connection ends; the response is cancelled then."""
    await asyncio.Event().wait()
