"""One gRPC channel to the server: address, transport security, token, and calls that raise `ConnectorError`.

Messages of customers and tokens never travel in plain text beyond this machine unless the caller insists.
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self, TypeVar

import grpc

from connector_client._errors import ConnectorError, error_of_status

Request = TypeVar("Request")
Response = TypeVar("Response")

CHANNEL_OPTIONS = (
    # One message may have 3 MiB, a frame holds it with its context.
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
    # gRPC's own reconnect backoff grows to two minutes: a restarted server would wait for us that long.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # Channels of one process share connections, and with them their backoff, unless told otherwise.
    ("grpc.use_local_subchannel_pool", 1),
)

DEFAULT_TIMEOUT_S = 20.0

Metadata = tuple[tuple[str, str], ...]


class Method(Protocol[Request, Response]):
    """A unary method of a generated stub."""

    def __call__(
        self, request: Request, /, *, timeout: float | None = None, metadata: Metadata | None = None
    ) -> grpc.aio.UnaryUnaryCall[Request, Response]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How to recognise the server; without anything, by the certificate authorities that gRPC brings along."""

    ca: str | Path | None = None
    """PEM file of the authority that signed the server's certificate."""
    server_name: str | None = None
    """The name in the certificate, where it differs from the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An open channel and the metadata of each call on it, for stubs that `ConnectorClient` does not wrap.

    `await connection.call(ChannelServiceStub(connection.channel).ListChannels, ListChannelsRequest())`
    """

    channel: grpc.aio.Channel
    metadata: Metadata = field(default=(), repr=False)

    @classmethod
    def open(cls, address: str, *, token: str = "", tls: Tls | None = None, insecure: bool = False) -> Self:
        """Opens a channel to `host:port`; connects with the first call. Needs a running event loop.

        Raises ValueError for plain text beyond this machine without `insecure`, OSError if the CA cannot be read.
        """
        if tls is None and not insecure and not is_local(address):
            raise ValueError(f"{address} is another machine: pass tls=Tls(...), or insecure=True to send plain text")
        if tls is None:
            # No proxy leads to this machine, whatever `https_proxy` says.
            options = (*CHANNEL_OPTIONS, ("grpc.enable_http_proxy", 0 if is_local(address) else 1))
            channel = grpc.aio.insecure_channel(address, options=options)
        else:
            channel = _secure_channel(address, tls)
        return cls(channel=channel, metadata=(("authorization", f"Bearer {token}"),) if token else ())

    async def ready(self, timeout: float = DEFAULT_TIMEOUT_S) -> None:  # noqa: ASYNC109 # as gRPC calls it
        """Connects. Raises `ConnectorError` UNAVAILABLE if that takes longer than `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self.channel.channel_ready()
        except TimeoutError:
            raise ConnectorError(grpc.StatusCode.UNAVAILABLE, "the server cannot be reached") from None

    async def call(
        self,
        method: Method[Request, Response],
        request: Request,
        *,
        timeout: float | None = DEFAULT_TIMEOUT_S,  # noqa: ASYNC109 # a gRPC deadline, which the server learns
    ) -> Response:
        """Calls a unary method once. Raises `ConnectorError`."""
        try:
            return await method(request, timeout=timeout, metadata=self.metadata)
        except grpc.aio.AioRpcError as error:
            raise error_of_status(error) from error

    async def close(self) -> None:
        """Closes the channel; calls that are under way are cancelled."""
        await self.channel.close()


def is_local(address: str) -> bool:
    """Whether an address leads to this machine: a Unix socket, `localhost` or a loopback address."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    authority = address.rpartition("/")[2].removeprefix("ipv4:").removeprefix("ipv6:")
    host = authority.rpartition(":")[0].removeprefix("[").removesuffix("]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _secure_channel(address: str, tls: Tls) -> grpc.aio.Channel:
    roots = Path(tls.ca).read_bytes() if tls.ca is not None else None
    named = (("grpc.ssl_target_name_override", tls.server_name),) if tls.server_name else ()
    credentials = grpc.ssl_channel_credentials(root_certificates=roots)
    return grpc.aio.secure_channel(address, credentials, options=(*CHANNEL_OPTIONS, *named))
