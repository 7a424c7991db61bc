"""Connects to checked addresses only.

The name is resolved once and the connection goes to the very address that was judged, so that nobody can answer with
another one in between. TLS still asks for the certificate of the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import httpcore

from facebook_connector.media.addresses import AddressRules

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The IP addresses of a host name, the best first. Raises OSError if it has none."""

MOST_ADDRESSES: Final = 3
"""How many of a name's addresses are tried."""


class AddressNotAllowedError(Exception):
    """The name leads to an address that must not be called."""


async def resolve(host: str, port: int) -> list[str]:
    """Asks the system."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Makes the connections of a pool."""

    def __init__(self, rules: AddressRules, resolve: Resolve = resolve) -> None:
        self._rules = rules
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `AddressNotAllowedError`, `httpcore.ConnectError` and `httpcore.ConnectTimeout`."""
        addresses = await self._allowed(host, port, timeout)
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("the name has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class's signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Nothing is fetched from a socket file."""
        del path, timeout, socket_options
        raise AddressNotAllowedError

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)

    async def _allowed(self, host: str, port: int, limit_s: float | None) -> list[str]:
        try:
            async with asyncio.timeout(limit_s):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name cannot be resolved") from error
        # One forbidden address among several is as bad: what the name's owner wants is clear.
        if not all(self._rules.allow_address(host, port, address) for address in addresses):
            raise AddressNotAllowedError
        return addresses
