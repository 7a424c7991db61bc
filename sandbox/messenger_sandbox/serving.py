"""Runs an ASGI application on a real port inside the running event loop, for as long as a block lasts.

uvicorn's own signal handling is switched off: whoever embeds the sandbox (a test, the demo, a command) owns the
process's signals. Its access log is off too, because Graph URLs may carry tokens. Its fixed waits of a tenth of a
second at the end are replaced by a look every few milliseconds: a test suite starts hundreds of these.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Generator
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

GRACE_S: Final = 1
"""Calls that a fault keeps waiting are cut after so long: their connections end without an answer."""
CUT: Final = "sandbox.cut"
"""An ASGI extension: a function that closes the connection of the request at once, whatever was promised on it."""
Client = tuple[str, int] | None
_KEEP_ALIVE_S = 75
"""Longer than clients keep idle connections, so that a reused one is not closed under a request."""
_LOOK_S = 0.002


class _Edge:
    """Stands before the application: hands it the means to cut a connection, and ends it quietly at the end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.cut: Callable[[Client], None] = lambda _: None
        self.closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        extensions = {**scope.get("extensions", {}), CUT: lambda: self.cut(scope.get("client"))}
        try:
            await self._app({**scope, "extensions": extensions}, receive, send)
        except asyncio.CancelledError:
            # At the end only the server cancels, and only calls whose connections are gone: nobody is left to tell.
            if not self.closing:
                raise


class _EmbeddedServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, edge: _Edge) -> None:
        super().__init__(config)
        self._edge = edge
        edge.cut = self.cut
        self.listens = asyncio.Event()
        self.stops = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listens.set()

    async def main_loop(self) -> None:
        """Ticks as uvicorn does (for the `Date` header), but ends at once."""
        ticking = asyncio.create_task(super().main_loop(), name="sandbox http ticks")
        await self.stops.wait()
        ticking.cancel()
        await asyncio.wait({ticking})

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's: no new connections, idle ones closed, busy ones given the grace, what is left then cut."""
        for listener in [*self.servers, *(sockets or ())]:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if not await self._quiet(self.config.timeout_graceful_shutdown or 0):
            await self._cut_all()

    async def _cut_all(self) -> None:
        self._edge.closing = True
        for connection in list(self.server_state.connections):
            connection.transport.close()
        await asyncio.sleep(_LOOK_S)
        for task in self.server_state.tasks:
            task.cancel()
        await self._quiet(GRACE_S)

    async def _quiet(self, timeout_s: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn tells nobody
                    await asyncio.sleep(_LOOK_S)
        return not (self.server_state.connections or self.server_state.tasks)

    def cut(self, client: Client) -> None:
        """Closes the client's connection in the middle of what it is being answered."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.close()


@contextlib.asynccontextmanager
async def listening(app: ASGIApp, *, host: str, port: int, grace_s: int = GRACE_S) -> AsyncIterator[str]:
    """Yields the base URL; raises OSError if the address cannot be bound."""
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    edge = _Edge(app)
    config = uvicorn.Config(
        edge,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=grace_s,
    )
    server = _EmbeddedServer(config, edge)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="sandbox http")
    try:
        await server.listens.wait()
        yield f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    finally:
        server.stops.set()
        await task
        listener.close()
