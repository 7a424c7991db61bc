"""Calls the Graph API: connections, time-outs, the token in the header, `appsecret_proof`, the pinned version.

The token of who calls never stands in a URL, where access logs and proxies would keep it. Source:
https://developers.facebook.com/docs/graph-api/guides/secure-requests
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Self

import httpx
import orjson

from facebook_connector import telemetry
from facebook_connector.graph.reply import GraphReply, read_reply
from facebook_connector.telemetry import new_metrics
from service_runtime.metrics import Metrics

GRAPH_VERSION = "v25.0"
"""The version every call names unless its channel names another. v25.0 is served until 29 July 2028
(https://developers.facebook.com/docs/graph-api/changelog)."""
CONNECTIONS_PER_CLIENT = 8
"""An httpx client looks at every connection of its pool on each call, so many connections are spread over clients."""
CLIENTS = 16
MAX_CALLS = CONNECTIONS_PER_CLIENT * CLIENTS
"""Calls that can be on their way at once; callers beyond it wait for a connection."""
KEEPALIVE_S = 20.0
CONNECT_TIMEOUT_S = 5.0
POOL_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
"""For calls that move no media."""
MEDIA_TIMEOUT_S = 90.0
"""For calls that do: Facebook takes up to 75 s for a video before it answers."""

_NOTHING_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Failures before the first byte of a request. Everything else may have reached Facebook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who calls. Neither value ever shows in a representation."""

    token: str = field(repr=False)
    app_secret: str = field(repr=False, default="")
    """For `appsecret_proof`; empty: none is sent, which Facebook refuses if the app demands it."""

    def proof(self) -> str:
        """`appsecret_proof` of this token; empty without a secret."""
        if not self.app_secret:
            return ""
        return hmac.new(self.app_secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """A file that goes along with a call, read from its beginning while the call is sent."""

    name: str
    """In ASCII."""
    mime_type: str
    file: BinaryIO = field(repr=False)
    """Open for reading, seekable; read in pieces of 64 KiB, never as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphCall:
    """One call. `path` comes after the version, without a leading slash: `100200300400500/messages`."""

    method: str
    path: str
    credentials: Credentials
    version: str = ""
    """`v25.0`; empty: the pinned one."""
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    """Sent as JSON; None: no body. Like the query it may hold a secret or what a person wrote, and never shows."""
    file: FilePart | None = None
    """Sent as `filedata` of a multipart form, of which `body` then is the fields."""
    timeout_s: float = READ_TIMEOUT_S
    """For the whole answer, once connected."""


class GraphUnreachableError(Exception):
    """No answer came. `bytes_left`: whether any byte of the call may have reached Facebook. `cause` is one word."""

    def __init__(self, cause: str, *, bytes_left: bool) -> None:
        super().__init__(f"no answer from the Graph API: {cause}")
        self.cause = cause
        self.bytes_left = bytes_left


class GraphClient:
    """Calls one Graph API host. Enter it before use; leaving it closes its connections."""

    def __init__(self, base_url: str, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or new_metrics()
        url = httpx.URL(base_url.rstrip("/") + "/")
        # A proxy from the environment may stand between us and Facebook, never between us and this machine.
        trust_environment = url.host not in {"localhost", "127.0.0.1", "::1"}
        tls = httpx.create_ssl_context(trust_env=trust_environment)
        self._clients = [_client(url, tls, trust_environment=trust_environment) for _ in range(CLIENTS)]
        self._running = [0] * CLIENTS
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for client in self._clients:
            await self._stack.enter_async_context(client)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def call(self, call: GraphCall) -> GraphReply:
        """Makes one call, once: no retry, no redirect. Raises `GraphUnreachableError`."""
        endpoint, begun = endpoint_of(call.path), time.perf_counter()
        try:
            reply = await self._call(call)
        except GraphUnreachableError as error:
            self._metrics.count(telemetry.GRAPH_CALLS, endpoint=endpoint, result=error.cause.lower())
            raise
        self._metrics.observe(telemetry.GRAPH_SECONDS, time.perf_counter() - begun, endpoint=endpoint)
        self._metrics.count(telemetry.GRAPH_CALLS, endpoint=endpoint, result=_result(reply))
        self._metrics.count(telemetry.GRAPH_VERSION, version=reply.version or "unknown")
        if reply.usage.peak_percent is not None:
            page_id = call.path.partition("/")[0]
            self._metrics.set(telemetry.GRAPH_USAGE, reply.usage.peak_percent, page_id=page_id)
        return reply

    async def _call(self, call: GraphCall) -> GraphReply:
        shard = self._running.index(min(self._running))
        self._running[shard] += 1
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S + POOL_TIMEOUT_S + call.timeout_s):
                response = await self._clients[shard].send(self._request(self._clients[shard], call))
        except _NOTHING_LEFT as error:
            raise GraphUnreachableError(_cause(error), bytes_left=False) from error
        except (httpx.RequestError, TimeoutError) as error:
            raise GraphUnreachableError(_cause(error), bytes_left=True) from error
        finally:
            self._running[shard] -= 1
        return read_reply(response.status_code, response.headers, response.content)

    def _request(self, client: httpx.AsyncClient, call: GraphCall) -> httpx.Request:
        query, body = dict(call.query), None if call.body is None else dict(call.body)
        if proof := call.credentials.proof():
            (query if body is None else body)["appsecret_proof"] = proof
        headers = {"authorization": f"Bearer {call.credentials.token}"}
        if body is not None and call.file is None:
            headers["content-type"] = "application/json"
        return client.build_request(
            call.method,
            f"{call.version or GRAPH_VERSION}/{call.path}",
            params=query,
            headers=headers,
            timeout=httpx.Timeout(call.timeout_s, connect=CONNECT_TIMEOUT_S, pool=POOL_TIMEOUT_S),
            **_content(body, call.file),
        )


def _content(body: Mapping[str, Any] | None, file: FilePart | None) -> dict[str, Any]:
    """What httpx is to send: nothing, JSON, or a form whose fields are JSON where they are no text."""
    if file is not None:
        form = {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in (body or {}).items()
        }
        return {"data": form, "files": {"filedata": (file.name, file.file, file.mime_type)}}
    return {} if body is None else {"content": orjson.dumps(body)}


def endpoint_of(path: str) -> str:
    """A path's last name, without the ids in it: `100200300400500/messages` → `messages`; of an id alone `node`."""
    name = path.rpartition("/")[2]
    return "node" if name.isdigit() else name


def _result(reply: GraphReply) -> str:
    if reply.ok:
        return "ok"
    return str(reply.error.code) if reply.error is not None else f"http_{reply.status}"


def _client(url: httpx.URL, tls: ssl.SSLContext, *, trust_environment: bool) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=url,
        verify=tls,
        trust_env=trust_environment,
        headers={"user-agent": "facebook-connector", "accept": "application/json"},
        limits=httpx.Limits(
            max_connections=CONNECTIONS_PER_CLIENT,
            max_keepalive_connections=CONNECTIONS_PER_CLIENT,
            keepalive_expiry=KEEPALIVE_S,
        ),
    )


def _cause(error: Exception) -> str:
    """The exception's kind as one word: `ConnectTimeout` → `CONNECT_TIMEOUT`. Its text may hold the URL."""
    name = type(error).__name__
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).lstrip("_").upper()
