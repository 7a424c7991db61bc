"""Serves an ASGI application inside the running event loop, on a port that is bound before anything else starts.

uvicorn is set up for services that stand behind a proxy or face the internet: no signal handling of its own, no access
log, no header that tells what serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from service_runtime.lifecycle import Tasks, first_of
from service_runtime.listen import Address, TlsFiles
from service_runtime.settings import SettingsError

KEEP_ALIVE_S: Final = 75
"""Longer than the 60 seconds after which common proxies drop an idle connection: they, not we, shall close it."""

CONNECTIONS: Final = 4000
"""More at once are answered 503 by uvicorn."""


def bound(address: Address, *, setting: str) -> socket.socket:
    """A socket that listens. Raises `SettingsError`, which names the `setting`, if the address cannot be used."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(f"{setting}: cannot listen on {address}: {error.strerror}") from error


@asynccontextmanager
async def served(
    app: ASGIApp, listener: socket.socket, tasks: Tasks, *, tls: TlsFiles | None = None, grace_s: int
) -> AsyncIterator[None]:
    """Serves while the block runs, as a task of `tasks`; calls in flight then are finished, for at most `grace_s`."""
    server = _Server(_config(app, tls, grace_s))
    serving = tasks.start("http", server.serve([listener]))
    await first_of(server.listening.wait(), tasks.failure())
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([serving])


class _Server(uvicorn.Server):
    """A uvicorn that leaves the signals to its owner and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()


def _config(app: ASGIApp, tls: TlsFiles | None, grace_s: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=grace_s,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
