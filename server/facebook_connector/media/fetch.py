"""Fetches one medium from where Facebook keeps it: streamed, bounded in size and time, from allowed addresses only.

Who has the link may read it: no token, no cookie and no other credential ever goes along. Redirects are followed a few
times, each judged like the first address. Nothing is decoded: what is kept is what was sent.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import quote, urljoin

import aiohttp
from yarl import URL

from facebook_connector.media.addresses import AddressRules, Target
from facebook_connector.media.connect import AddressNotAllowedError, CheckedConnector, Resolve, resolve

MEBIBYTE: Final = 1024 * 1024
REDIRECTS: Final = 3
REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
HEADERS: Final = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "facebook-connector"}
KEEPALIVE_S: Final = 20.0
LONGEST_HEADER: Final = 64 * 1024
URL_SIGNS: Final = "!#$%&'()*+,/:;=?@[]~"
"""What may stand in a URL as it is, besides letters, digits and `_.-`; the rest is escaped (RFC 3986)."""

REASONS: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        AddressNotAllowedError: "HOST_NOT_ALLOWED",
        aiohttp.InvalidURL: "HOST_NOT_ALLOWED",
        TimeoutError: "TIMEOUT",
        aiohttp.ClientSSLError: "TLS",
        aiohttp.ClientConnectorError: "CONNECT",
        # The connection broke, or the answer ended before its announced length.
        aiohttp.ClientError: "INCOMPLETE",
        OSError: "INCOMPLETE",
    }
)
"""How a fetch ends without all bytes → `FetchError.reason`; the first that fits."""

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


@contextmanager
def failing_as_fetch() -> Iterator[None]:
    """Around calls of the HTTP client: what it raises comes out as `FetchError`."""
    try:
        yield
    except tuple(REASONS) as error:
        reason = next(reason for kind, reason in REASONS.items() if isinstance(error, kind))
        raise FetchError(reason, final=reason == "HOST_NOT_ALLOWED") from error


class Fetcher:
    """Fetches media; enter it before use. Certificates are judged by `tls`; None: by the system's authorities."""

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
        self._resolve = resolve
        self._tls = tls
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        limits = self.limits
        self._session = aiohttp.ClientSession(
            connector=CheckedConnector(
                self._rules,
                self._resolve,
                resolve_s=limits.connect_s,
                ssl=self._tls or True,
                limit=limits.connections,
                keepalive_timeout=KEEPALIVE_S,
            ),
            timeout=aiohttp.ClientTimeout(
                total=None, connect=limits.whole_s, sock_connect=limits.connect_s, sock_read=limits.read_s
            ),
            # Behind a proxy nobody could tell which address is called.
            trust_env=False,
            headers=HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

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
        async with self._response(self._checked(url), REDIRECTS) as response:
            yield self._chunks(response)

    @asynccontextmanager
    async def _response(self, url: URL, redirects: int) -> AsyncIterator[aiohttp.ClientResponse]:
        with failing_as_fetch():
            response = await self._session.get(url, allow_redirects=False)
        async with response:
            if response.status not in REDIRECT_STATUSES:
                self._require_usable(response)
                yield response
                return
            following = self._redirected(url, response, redirects)
        async with self._response(following, redirects - 1) as response:
            yield response

    def _redirected(self, url: URL, response: aiohttp.ClientResponse, redirects: int) -> URL:
        location = _header(response, "location")
        if not location or not redirects:
            raise FetchError("HTTP_STATUS", final=True, status=response.status)
        return self._checked(urljoin(str(url), location))

    def _checked(self, text: str) -> URL:
        """Raises `FetchError` HOST_NOT_ALLOWED."""
        try:
            url = _as_written(text)
        except ValueError as error:
            raise FetchError("HOST_NOT_ALLOWED", final=True) from error
        named = url.raw_user is not None or url.raw_password is not None
        target = Target(scheme=url.scheme, host=url.raw_host or "", port=url.port or 0)
        if named or not self._rules.allow(target):
            raise FetchError("HOST_NOT_ALLOWED", final=True)
        return url

    def _require_usable(self, response: aiohttp.ClientResponse) -> None:
        if response.status != HTTPStatus.OK:
            reason = FINAL_REASON_OF_STATUS.get(response.status)
            raise FetchError(reason or "HTTP_STATUS", final=reason is not None, status=response.status)
        if _header(response, "content-encoding") not in {"", "identity"}:
            raise FetchError("CONTENT_ENCODING")
        length = _header(response, "content-length")
        if length.isdigit() and int(length) > self.limits.max_bytes:
            raise FetchError("TOO_LARGE", final=True, size=int(length))

    async def _chunks(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        size = 0
        with failing_as_fetch():
            async for chunk in response.content.iter_any():
                size += len(chunk)
                if size > self.limits.max_bytes:
                    raise FetchError("TOO_LARGE", final=True)
                yield chunk


def _header(response: aiohttp.ClientResponse, name: str) -> str:
    return response.headers.get(name, "").strip()


def _as_written(text: str) -> URL:
    """A URL whose path and query are sent as they are spelled: a link's signature may cover that. Raises ValueError."""
    url, written = URL(text), URL(quote(text, safe=URL_SIGNS), encoded=True)
    return URL.build(
        scheme=url.scheme,
        authority=url.raw_authority,
        path=written.raw_path,
        query_string=written.raw_query_string,
        encoded=True,
    )
