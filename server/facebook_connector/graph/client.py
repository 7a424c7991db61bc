"""Calls the Graph API: connections, time-outs, the token in the header, `appsecret_proof`, the pinned version.

The token of who calls never stands in a URL, where access logs and proxies would keep it. Source:
https://developers.facebook.com/docs/graph-api/guides/secure-requests
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson

from facebook_connector import telemetry
from facebook_connector.graph.reply import GraphReply, read_reply
from facebook_connector.telemetry import new_metrics
from service_runtime.lent_file import LentFile
from service_runtime.metrics import Metrics

GRAPH_VERSION = "v25.0"
"""The version every call names unless its channel names another. v25.0 is served until 29 July 2028
(https://developers.facebook.com/docs/graph-api/changelog)."""
MAX_CALLS = 128
"""Calls that can be on their way at once; callers beyond it wait for a connection."""
LONGEST_HEADER = 64 * 1024
"""Usage headers grow with what an app is used for; an answer that cannot be read would leave its message in doubt."""
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
KEEPALIVE_S = 20.0
CONNECT_TIMEOUT_S = 5.0
POOL_TIMEOUT_S = 10.0
"""How long a call waits for a connection in all, be it a free one or one that is being made."""
READ_TIMEOUT_S = 30.0
"""For calls that move no media."""
MEDIA_TIMEOUT_S = 90.0
"""For calls that do: Facebook takes up to 75 s for a video before it answers."""

ENDINGS: tuple[tuple[type[Exception], str, bool], ...] = (
    (aiohttp.ConnectionTimeoutError, "CONNECT_TIMEOUT", False),
    (aiohttp.ClientConnectorError, "CONNECT_ERROR", False),
    (aiohttp.ClientHttpProxyError, "PROXY_ERROR", False),
    (aiohttp.InvalidURL, "INVALID_URL", False),
    (aiohttp.NonHttpUrlClientError, "INVALID_URL", False),
    (TimeoutError, "READ_TIMEOUT", True),
    (aiohttp.ServerDisconnectedError, "DISCONNECTED", True),
    (aiohttp.ClientPayloadError, "ANSWER_CUT_SHORT", True),
    (aiohttp.ClientError, "PROTOCOL_ERROR", True),
    (OSError, "CONNECTION_LOST", True),
)
"""How a call ends without an answer: the first row that fits an exception names its cause in one word, and says whether
any byte may have reached Facebook. The exceptions' own texts may hold the URL."""


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
        self._base_url = base_url.rstrip("/")
        self._metrics = metrics or new_metrics()
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MAX_CALLS, keepalive_timeout=KEEPALIVE_S),
            proxy=proxy_of(self._base_url),
            # Otherwise each call reads the environment and a netrc file anew, on a thread of its own; and where that
            # file has anything to say of the host, it takes the place of the token or is refused beside it.
            trust_env=False,
            headers={"user-agent": "facebook-connector", "accept": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

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
        query, body = dict(call.query), None if call.body is None else dict(call.body)
        if proof := call.credentials.proof():
            (query if body is None else body)["appsecret_proof"] = proof
        headers = {"authorization": f"Bearer {call.credentials.token}"}
        if body is not None and call.file is None:
            headers["content-type"] = "application/json"
        try:
            async with self._session.request(
                call.method,
                f"{self._base_url}/{call.version or GRAPH_VERSION}/{call.path}",
                params=query,
                headers=headers,
                data=_content(body, call.file),
                timeout=_timeout(call.timeout_s),
                allow_redirects=False,
            ) as response:
                return read_reply(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(error) from error


def proxy_of(url: str) -> str | None:
    """The proxy that the environment names for an address (`HTTPS_PROXY`, `NO_PROXY`); none to this machine.

    It may hold the credentials that the proxy asks for.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in THIS_MACHINE or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)


def _timeout(answer_s: float) -> aiohttp.ClientTimeout:
    """The answer may take so long in all, once there is a connection."""
    return aiohttp.ClientTimeout(
        total=POOL_TIMEOUT_S + answer_s, connect=POOL_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, sock_read=answer_s
    )


def _content(body: Mapping[str, Any] | None, file: FilePart | None) -> bytes | aiohttp.FormData | None:
    """What is sent: nothing, JSON, or a form whose fields are JSON where they are no text."""
    if file is None:
        return None if body is None else orjson.dumps(body)
    # A browser's way to write a file's name; the quoted one would be shown to people as it stands.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in (body or {}).items():
        form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
    file.file.seek(0)
    form.add_field("filedata", LentFile(file.file, file.mime_type), filename=file.name)
    return form


def endpoint_of(path: str) -> str:
    """A path's last name, without the ids in it: `100200300400500/messages` → `messages`; of an id alone `node`."""
    name = path.rpartition("/")[2]
    return "node" if name.isdigit() else name


def _result(reply: GraphReply) -> str:
    if reply.ok:
        return "ok"
    return str(reply.error.code) if reply.error is not None else f"http_{reply.status}"


def unreachable(error: Exception) -> GraphUnreachableError:
    """What an exception of the HTTP client says about the call; see `ENDINGS`."""
    cause, bytes_left = next((cause, left) for kind, cause, left in ENDINGS if isinstance(error, kind))
    return GraphUnreachableError(cause, bytes_left=bytes_left)
