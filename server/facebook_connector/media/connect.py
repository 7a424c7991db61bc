"""Connects to checked addresses only.

A name is resolved once, all of its addresses are judged, and the connection goes to one of these very addresses, so
that nobody can answer with another one in between. Whatever is called in the end is judged once more by the socket that
is made for it: an IP address in place of a name, too, which no resolver is asked about. TLS still asks for the
certificate of the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from facebook_connector.media.addresses import AddressRules

if TYPE_CHECKING:
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The IP addresses of a host name, the best first. Raises OSError if it has none."""

MOST_ADDRESSES: Final = 3
"""How many of a name's addresses are tried."""

_called: ContextVar[tuple[str, int]] = ContextVar("_called")
"""Host and port of the URL that a connection is being made for."""


class AddressNotAllowedError(Exception):
    """The name leads to an address that must not be called."""


async def resolve(host: str, port: int) -> list[str]:
    """Asks the system."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class CheckedConnector(aiohttp.TCPConnector):
    """Makes the connections of a session, and keeps them. Create it in a running loop.

    A request that leads to a forbidden address raises `AddressNotAllowedError`; nothing is sent there.
    """

    def __init__(self, rules: AddressRules, resolve: Resolve = resolve, *, resolve_s: float, **options: Any) -> None:
        """`resolve_s`: how long a name may take; `options`: those of the base class that no check depends on."""
        super().__init__(
            resolver=_CheckedResolver(rules, resolve, resolve_s),
            use_dns_cache=False,
            happy_eyeballs_delay=None,
            socket_factory=self._socket,
            **options,
        )
        self._rules = rules

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the base class's signature
    ) -> Connection:
        """See the base class."""
        before = _called.set((req.url.raw_host or "", req.url.port or 0))
        try:
            return await super().connect(req, traces, timeout)
        finally:
            _called.reset(before)

    def _socket(self, to: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = to
        if not self._rules.allow_address(*_called.get(), str(address[0])):
            raise AddressNotAllowedError
        return socket.socket(family, kind, protocol)


class _CheckedResolver(AbstractResolver):
    """Resolves names whose addresses are allowed, one and all."""

    def __init__(self, rules: AddressRules, resolve: Resolve, limit_s: float) -> None:
        self._rules = rules
        self._resolve = resolve
        self._limit_s = limit_s

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises `AddressNotAllowedError`, OSError and TimeoutError."""
        del family
        addresses = await self._addresses(host, port)
        # One forbidden address among several is as bad: what the name's owner wants is clear.
        if not all(self._rules.allow_address(host, port, address) for address in addresses):
            raise AddressNotAllowedError
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_UNSPEC, proto=0, flags=0)
            for address in addresses[:MOST_ADDRESSES]
        ]

    async def close(self) -> None:
        """Nothing is held."""

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            async with asyncio.timeout(self._limit_s):
                addresses = await self._resolve(host, port)
        except UnicodeError as error:
            raise OSError("the name cannot be resolved") from error
        if not addresses:
            raise OSError("the name has no address")
        return addresses
