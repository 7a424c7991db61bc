"""Fetches one medium from where Facebook keeps it: streamed, bounded in size and time, from allowed addresses only.

Who has the link may read it: no token, no cookie and no other credential ever goes along. Redirects are followed a few
times, each judged like the first address. Nothing is decoded: what is kept is what was sent.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

import httpcore
import httpx

from facebook_connector.media.addresses import HTTPS_PORT, PORTS, AddressRules, Target
from facebook_connector.media.connect import AddressNotAllowedError, CheckedBackend, Resolve, resolve

MEBIBYTE: Final = 1024 * 1024
REDIRECTS: Final = 3
REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
HEADERS: Final = (
    (b"accept", b"*/*"),
    (b"accept-encoding", b"identity"),
    (b"user-agent", b"facebook-connector"),
)

FINAL_REASON_OF_STATUS: Final = {401: "URL_EXPIRED", 403: "URL_EXPIRED", 404: "NOT_FOUND", 410: "NOT_FOUND"}
"""Answers that no repeat changes: Facebook's CDN answers 403 when the signature in the URL has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """How much, and how long."""

    max_bytes: int = 25 * MEBIBYTE
    connect_s: float = 5.0
    read_s: float = 10.0
    """The longest silence."""
    whole_s: float = 60.0
    """One try from beginning to end."""
    connections: int = 32


class FetchError(Exception):
    """The bytes did not come. `reason` as in `MediaStatus.failure_reason`; `final`: no repeat will help.

    `status` is that of the answer if it was the reason, `size` the announced one if that was.
    """

    def __init__(self, reason: str, *, final: bool = False, status: int | None = None, size: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.status = status
        self.size = size


@cache
def _public_authorities() -> ssl.SSLContext:
    # One for all fetchers: it takes 20 ms of a start to read them.
    return httpx.create_ssl_context(trust_env=False)


class Fetcher:
    """Fetches media; enter it before use."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        limits: FetchLimits | None = None,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.limits = limits or FetchLimits()
        self._rules = rules
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or _public_authorities(),
            max_connections=self.limits.connections,
            max_keepalive_connections=self.limits.connections,
            keepalive_expiry=20.0,
            network_backend=CheckedBackend(rules, resolve),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    def may_fetch(self, url: str) -> bool:
        """Whether a URL may be asked for, as far as its text tells."""
        try:
            self._checked(url)
        except FetchError:
            return False
        return True

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes behind a URL, as they come. Raises `FetchError`, also while they are read."""
        try:
            async with self._response(self._checked(url), REDIRECTS) as response:
                yield self._chunks(response)
        except AddressNotAllowedError as error:
            raise FetchError("HOST_NOT_ALLOWED", final=True) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise FetchError(_reason(error)) from error

    @asynccontextmanager
    async def _response(self, url: httpx.URL, redirects: int) -> AsyncIterator[httpcore.Response]:
        limits = self.limits
        times = {"connect": limits.connect_s, "read": limits.read_s, "write": limits.read_s, "pool": limits.whole_s}
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        async with self._pool.stream("GET", target, headers=list(HEADERS), extensions={"timeout": times}) as response:
            if response.status not in REDIRECT_STATUSES:
                self._require_usable(response)
                yield response
                return
            following = self._redirected(url, response, redirects)
        async with self._response(following, redirects - 1) as response:
            yield response

    def _redirected(self, url: httpx.URL, response: httpcore.Response, redirects: int) -> httpx.URL:
        location = _header(response, b"location")
        if not location or not redirects:
            raise FetchError("HTTP_STATUS", final=True, status=response.status)
        try:
            joined = str(url.join(location))
        except httpx.InvalidURL as error:
            raise FetchError("HOST_NOT_ALLOWED", final=True) from error
        return self._checked(joined)

    def _checked(self, text: str) -> httpx.URL:
        """Raises `FetchError` HOST_NOT_ALLOWED."""
        try:
            url = httpx.URL(text)
            target = Target(
                scheme=url.scheme, host=url.raw_host.decode("ascii"), port=url.port or PORTS.get(url.scheme, HTTPS_PORT)
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchError("HOST_NOT_ALLOWED", final=True) from error
        if url.userinfo or not self._rules.allow(target):
            raise FetchError("HOST_NOT_ALLOWED", final=True)
        return url

    def _require_usable(self, response: httpcore.Response) -> None:
        if response.status != httpx.codes.OK:
            reason = FINAL_REASON_OF_STATUS.get(response.status)
            raise FetchError(reason or "HTTP_STATUS", final=reason is not None, status=response.status)
        if _header(response, b"content-encoding") not in {"", "identity"}:
            raise FetchError("CONTENT_ENCODING")
        length = _header(response, b"content-length")
        if length.isdigit() and int(length) > self.limits.max_bytes:
            raise FetchError("TOO_LARGE", final=True, size=int(length))

    async def _chunks(self, response: httpcore.Response) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in response.aiter_stream():
            size += len(chunk)
            if size > self.limits.max_bytes:
                raise FetchError("TOO_LARGE", final=True)
            if chunk:
                yield chunk


def _header(response: httpcore.Response, name: bytes) -> str:
    return next((value.decode("latin-1").strip() for key, value in response.headers if key.lower() == name), "")


def _reason(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return "TIMEOUT"
    if isinstance(error, httpcore.ConnectError):
        return "TLS" if isinstance(error.__cause__ or error.__context__, ssl.SSLError) else "CONNECT"
    # The connection broke, or the answer ended before its announced length.
    return "INCOMPLETE"
