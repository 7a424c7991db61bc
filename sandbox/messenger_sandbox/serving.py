"""Runs an ASGI application on a real port inside the running event loop, for as long as a block lasts.

uvicorn's own signal handling is switched off: whoever embeds the sandbox (a test, the demo, a command) owns the
process's signals. Its access log is off too, because Graph URLs may carry tokens.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator

import uvicorn
from starlette.types import ASGIApp

_GRACE_S = 1
"""Calls that a fault keeps waiting are cut after so long."""
_KEEP_ALIVE_S = 75
"""Longer than clients keep idle connections, so that a reused one is not closed under a request."""


class _EmbeddedServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listens.set()


@contextlib.asynccontextmanager
async def listening(app: ASGIApp, *, host: str, port: int) -> AsyncIterator[str]:
    """Yields the base URL; raises OSError if the address cannot be bound."""
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _EmbeddedServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="sandbox http")
    try:
        await server.listens.wait()
        yield f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()
