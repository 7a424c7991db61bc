"""The product's own commands as real processes on loopback, with what they need to be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc.aio
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc

COMMAND = Path(sys.executable).parent / "facebook-connector"
ROOT = Path(__file__).parents[2]
"""Where Python finds `tests`."""
KNOCK_OFTEN = (("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 100))
"""Otherwise a channel waits for seconds before it looks again whether somebody listens."""
READY_S = 20

ANSWERS_WITHIN_S = 5
"""How long a process may take until it answers."""


def free_port() -> int:
    """A port that nobody listens on now; a process that is started again keeps it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(slots=True)
class Command:
    """One of our commands: started, killed and started again with the same settings."""

    name: str
    """Of its log; and the command, unless `program` says another."""
    settings: Mapping[str, str]
    folder: Path
    program: Sequence[str | Path] = ()
    """What to run instead of `facebook-connector <name>`."""
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def log(self) -> str:
        """Everything it has printed so far."""
        return (self.folder / f"{self.name}.log").read_text()

    async def start(self, *, piped: bool = False) -> None:
        """`piped`: what it prints is not for the log but can be read from `process.stdout`."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(self.program or (COMMAND, self.name)),
                cwd=self.folder,
                env=self._environment(),
                stdout=asyncio.subprocess.PIPE if piped else log,
                stderr=log,
            )

    async def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        status = await asyncio.wait_for(self.process.wait(), 15)
        self.process = None
        return status

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("FBC_")}
        settings = {f"FBC_{name.upper()}": value for name, value in self.settings.items()}
        return own | settings | ({"PYTHONPATH": str(ROOT)} if self.program else {})


@dataclass(slots=True)
class Connector:
    """A server and a gateway."""

    server: Command
    gateway: Command

    @property
    def server_address(self) -> str:
        return self.server.settings["listen"]

    @property
    def webhook_url(self) -> str:
        return f"http://{self.gateway.settings['gateway_listen']}/webhook"

    async def start_server(self) -> None:
        """Returns when it answers."""
        await self.server.start()
        await serves(self.server_address)

    async def start_gateway(self) -> None:
        """Returns when it is ready to take webhooks."""
        await self.gateway.start()
        await is_ready(self.gateway.settings["gateway_listen"])


async def serves(server_address: str, *, within_s: float = READY_S) -> None:
    """Returns when a server answers; raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not await _is_there(server_address):
            pass


async def _is_there(server_address: str) -> bool:
    # By a new channel each time: a call that went to a server in the moment of its death may never hear of that.
    async with grpc.aio.insecure_channel(server_address, KNOCK_OFTEN) as channel:
        try:
            await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=ANSWERS_WITHIN_S
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                raise
            return False
    return True


async def is_ready(gateway_address: str, *, within_s: float = READY_S) -> None:
    """Returns when a gateway takes webhooks; raises TimeoutError."""
    async with httpx.AsyncClient() as client, asyncio.timeout(within_s):
        while not await _answers(client, f"http://{gateway_address}/readyz"):  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.05)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@asynccontextmanager
async def connector_processes(folder: Path, graph_url: str, **server: str) -> AsyncIterator[Connector]:
    """Server and gateway as two processes with an embedded database in `folder`; both are gone afterwards.

    `server` holds more settings of the server.
    """
    listen = f"127.0.0.1:{free_port()}"
    connector = Connector(
        server=Command("server", {"listen": listen, "graph_url": graph_url, "data_dir": "data", **server}, folder),
        gateway=Command("gateway", {"gateway_listen": f"127.0.0.1:{free_port()}", "server": listen}, folder),
    )
    try:
        await connector.start_server()
        await connector.start_gateway()
        yield connector
    finally:
        for command in (connector.gateway, connector.server):
            if command.process is not None:
                await command.kill()
